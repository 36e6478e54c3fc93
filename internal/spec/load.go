package spec

import (
	"context"
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
	if err := o.Tools.Check(); err != nil {
		return nil, err
	}
	if o.Location == "" {
		return nil, errors.New("no document to serve: give --spec (RETOOL_SPEC) a file, or a URL such as https://example.retool.com/api/v2/spec")
	}
	source, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	cache := newCache(o, source)
	if c := cache.read(); c != nil {
		return c, nil
	}
	doc, err := openapi.Read(source)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	c, err := tools.New(doc, o.Tools)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	if doc.Files == 0 { // the key covers one file only
		cache.write(c)
	}
	return c, nil
}

func open(ctx context.Context, o Options) (openapi.Source, error) {
	if scheme, _, ok := strings.Cut(o.Location, "://"); ok {
		if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
			return openapi.Source{}, fmt.Errorf("%s is no scheme that documents are read from, only http and https", scheme)
		}
		return fetch(ctx, o)
	}
	return openFile(o.Location)
}

// openFile reads a document and gives it access to the files below its folder,
// and to no others: symbolic links do not lead out either.
func openFile(name string) (openapi.Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return openapi.Source{}, plainPathError(err)
	}
	if info.Size() > openapi.MaxBytes {
		return openapi.Source{}, errTooLarge
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return openapi.Source{}, plainPathError(err)
	}
	return openapi.Source{Data: data, Open: func(file string) ([]byte, error) {
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
	}}, nil
}

// plainPathError drops the path, which the caller names already.
func plainPathError(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, openapi.MaxBytes+1))
	if err == nil && len(data) > openapi.MaxBytes {
		err = errTooLarge
	}
	return data, err
}

var errTooLarge = fmt.Errorf("larger than %d MB", openapi.MaxBytes>>20)

// fetchTimeout bounds the fetching of a document, which a start waits for.
const fetchTimeout = 30 * time.Second

func fetch(ctx context.Context, o Options) (openapi.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Location, nil)
	if err != nil {
		return openapi.Source{}, err
	}
	request.Header.Set("User-Agent", o.UserAgent)
	request.Header.Set("Accept", "application/json, application/yaml;q=0.9, */*;q=0.5")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return openapi.Source{}, plainURLError(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return openapi.Source{}, fmt.Errorf("the server answered %s", response.Status)
	}
	data, err := readAll(response.Body)
	if err != nil {
		return openapi.Source{}, err
	}
	// Where a redirect led is where the document is.
	return openapi.Source{Data: data, Address: response.Request.URL.String()}, nil
}

func plainURLError(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
