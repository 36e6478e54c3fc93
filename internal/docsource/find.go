package docsource

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// document is a document's text. Its hash is known before the text is in
// memory: a start with a cached catalog needs nothing more.
type document struct {
	hash    [sha256.Size]byte
	read    func() ([]byte, error)
	address string                            // as openapi.Source
	open    func(name string) ([]byte, error) // as openapi.Source
}

// inMemory is a fetched document.
func inMemory(data []byte, address string) document {
	return document{
		hash:    sha256.Sum256(data),
		read:    func() ([]byte, error) { return data, nil },
		address: address,
	}
}

// find finds the document in a file, at a URL, or at the instance.
func find(ctx context.Context, o Options) (document, error) {
	scheme, _, ok := strings.Cut(o.Location, "://")
	switch scheme = strings.ToLower(scheme); {
	case o.Location == Live:
		return fetchLive(ctx, o)
	case !ok:
		return findFile(o.Location)
	case scheme != "http" && scheme != "https":
		return document{}, fmt.Errorf("documents are read over http and https, not %s", scheme)
	default:
		return fetch(ctx, o)
	}
}

// Fetch returns the current text of the document at o.Location.
func Fetch(ctx context.Context, o Options) ([]byte, error) {
	text, err := find(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	return text.read()
}

// findFile finds a document that may refer to files below its folder, and to no
// others, not even through symbolic links.
func findFile(name string) (document, error) {
	f, err := os.Open(name)
	if err != nil {
		return document{}, file.Cause(err)
	}
	defer f.Close()
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(f, openapi.MaxBytes+1)); err != nil {
		return document{}, file.Cause(err)
	} else if n > openapi.MaxBytes {
		return document{}, errTooLarge
	}
	return document{
		hash: [sha256.Size]byte(h.Sum(nil)),
		read: func() ([]byte, error) { return os.ReadFile(name) },
		open: func(ref string) ([]byte, error) {
			f, err := os.OpenInRoot(filepath.Dir(name), filepath.FromSlash(ref))
			if err != nil {
				return nil, file.Cause(err)
			}
			defer f.Close()
			return readAll(f)
		},
	}, nil
}

var errTooLarge = fmt.Errorf("larger than %d MB", openapi.MaxBytes>>20)

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, openapi.MaxBytes+1))
	if err == nil && len(data) > openapi.MaxBytes {
		err = errTooLarge
	}
	return data, err
}

// fetchTimeout limits fetching a document, which a start waits for.
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
		if at, ok := errors.AsType[*url.Error](err); ok {
			err = at.Err // the location is named already
		}
		return document{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return document{}, fmt.Errorf("the server answered %s", response.Status)
	}
	data, err := readAll(response.Body)
	if err != nil {
		return document{}, err
	}
	// The address is the one that redirects led to.
	return inMemory(data, response.Request.URL.String()), nil
}

// fetchLive fetches the document from the instance, with the token, which is
// sent to its own origin only.
func fetchLive(ctx context.Context, o Options) (document, error) {
	if o.Instance == nil {
		return document{}, ErrNoInstance
	}
	data, _, err := o.Instance.Document(ctx, "")
	if err != nil {
		return document{}, err
	}
	return inMemory(data, o.Address.DocumentURL()), nil
}
