package spec

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Options say which document is served, and how.
type Options struct {
	// Location is a file's path or an http(s) URL.
	Location string
	// Tools shape the catalogue.
	Tools tools.Options
	// CacheDir is the folder of the cache; "" goes without.
	CacheDir string
	// UserAgent is sent with the request for a document.
	UserAgent string
	Logger    *slog.Logger
}

// Load returns the catalogue of the document at o.Location. An error names the
// location and is meant for the person who configured it.
func Load(ctx context.Context, o Options) (*tools.Catalogue, error) {
	if o.Location == "" {
		return nil, errors.New("no document to serve: give --spec (RETOOL_SPEC) a file, or a URL such as https://example.retool.com/api/v2/spec")
	}
	if err := o.Tools.Check(); err != nil {
		return nil, err
	}
	c, err := load(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	return c, nil
}

func load(ctx context.Context, o Options) (*tools.Catalogue, error) {
	text, err := find(ctx, o)
	if err != nil {
		return nil, err
	}
	cache := newCache(o, text)
	if c := cache.read(); c != nil {
		return c, nil
	}
	data, err := text.read()
	if err != nil {
		return nil, err
	}
	// What was hashed may have been replaced before it was read.
	cache = newCache(o, document{hash: sha256.Sum256(data), address: text.address})
	doc, err := openapi.Read(openapi.Source{Data: data, Address: text.address, Open: text.open})
	if err != nil {
		return nil, err
	}
	c, err := tools.New(doc, o.Tools)
	if err != nil {
		return nil, err
	}
	if doc.Files == 0 { // the key covers one file only
		cache.write(c)
	}
	return c, nil
}

// document is a document's text, known by its hash before it is in memory: a
// start whose catalogue is cached needs no more of it.
type document struct {
	hash    [sha256.Size]byte
	read    func() ([]byte, error)
	address string                            // as openapi.Source
	open    func(name string) ([]byte, error) // as openapi.Source
}

func find(ctx context.Context, o Options) (document, error) {
	scheme, _, ok := strings.Cut(o.Location, "://")
	switch scheme = strings.ToLower(scheme); {
	case !ok:
		return findFile(o.Location)
	case scheme != "http" && scheme != "https":
		return document{}, fmt.Errorf("%s is no scheme that documents are read from, only http and https", scheme)
	default:
		return fetch(ctx, o)
	}
}

// findFile gives a document access to the files below its folder, and to no
// others: symbolic links do not lead out either.
func findFile(name string) (document, error) {
	f, err := os.Open(name)
	if err != nil {
		return document{}, plainPathError(err)
	}
	defer f.Close()
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(f, openapi.MaxBytes+1)); err != nil {
		return document{}, plainPathError(err)
	} else if n > openapi.MaxBytes {
		return document{}, errTooLarge
	}
	return document{
		hash: [sha256.Size]byte(h.Sum(nil)),
		read: func() ([]byte, error) { return os.ReadFile(name) },
		open: func(file string) ([]byte, error) {
			root, err := os.OpenRoot(filepath.Dir(name))
			if err != nil {
				return nil, plainPathError(err)
			}
			defer root.Close()
			f, err := root.Open(filepath.FromSlash(file))
			if err != nil {
				return nil, plainPathError(err)
			}
			defer f.Close()
			return readAll(f)
		},
	}, nil
}

// plainPathError drops the path, which the caller names already.
func plainPathError(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

var errTooLarge = fmt.Errorf("larger than %d MB", openapi.MaxBytes>>20)

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, openapi.MaxBytes+1))
	if err == nil && len(data) > openapi.MaxBytes {
		err = errTooLarge
	}
	return data, err
}

// fetchTimeout bounds the fetching of a document, which a start waits for.
const fetchTimeout = 30 * time.Second

func fetch(ctx context.Context, o Options) (document, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Location, nil)
	if err != nil {
		return document{}, err
	}
	request.Header.Set("User-Agent", o.UserAgent)
	request.Header.Set("Accept", "application/json, application/yaml;q=0.9, */*;q=0.5")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return document{}, plainURLError(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return document{}, fmt.Errorf("the server answered %s", response.Status)
	}
	data, err := readAll(response.Body)
	if err != nil {
		return document{}, err
	}
	// Where a redirect led is where the document is.
	return document{
		hash:    sha256.Sum256(data),
		read:    func() ([]byte, error) { return data, nil },
		address: response.Request.URL.String(),
	}, nil
}

func plainURLError(err error) error {
	if at, ok := errors.AsType[*url.Error](err); ok {
		return at.Err
	}
	return err
}
