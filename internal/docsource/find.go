package docsource

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// find reads the document in a file, at a URL, or at the instance.
func find(ctx context.Context, o Options) (openapi.Source, error) {
	scheme, _, ok := strings.Cut(o.Location, "://")
	switch scheme = strings.ToLower(scheme); {
	case o.Location == Live:
		return fetchLive(ctx, o)
	case !ok:
		return findFile(o.Location)
	case scheme != "http" && scheme != "https":
		return openapi.Source{}, fmt.Errorf("documents are read over http and https, not %s", scheme)
	default:
		return fetch(ctx, o)
	}
}

// Fetch returns the current text of the document at o.Location.
func Fetch(ctx context.Context, o Options) ([]byte, error) {
	source, err := find(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", o.Location, err)
	}
	return source.Data, nil
}

// findFile reads a document that may refer to files below its folder, and to no
// others, not even through symbolic links.
func findFile(name string) (openapi.Source, error) {
	data, err := readFile(os.OpenFile(name, readOnly, 0))
	return openapi.Source{Data: data, Trusted: true, Open: func(ref string) ([]byte, error) {
		root, err := os.OpenRoot(filepath.Dir(name))
		if err != nil {
			return nil, file.Cause(err)
		}
		defer root.Close()
		return readFile(root.OpenFile(filepath.FromSlash(ref), readOnly, 0))
	}}, err
}

// readOnly opens a file to read it, and does not wait until something writes to a
// pipe. Windows has no such files.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

var errNotRegular = errors.New("not a regular file")

// readFile reads and closes an opened file. Reading anything but a regular one, such
// as a pipe or a device, may never end.
func readFile(f *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, file.Cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(file.Cause(err), errNotRegular)
	}
	data, err := readAll(f, info.Size())
	return data, file.Cause(err)
}

var errTooLarge = fmt.Errorf("larger than %d MB", openapi.MaxBytes>>20)

// readAll reads a document, whose size is a guess.
func readAll(r io.Reader, size int64) ([]byte, error) {
	var data bytes.Buffer
	data.Grow(int(min(max(size, 0), openapi.MaxBytes)) + bytes.MinRead)
	_, err := data.ReadFrom(io.LimitReader(r, openapi.MaxBytes+1))
	if err == nil && data.Len() > openapi.MaxBytes {
		err = errTooLarge
	}
	return data.Bytes(), err
}

// fetchTimeout limits fetching a document, which a start waits for.
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
		if at, ok := errors.AsType[*url.Error](err); ok {
			err = at.Err // the location is named already
		}
		return openapi.Source{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return openapi.Source{}, fmt.Errorf("the server answered %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	data, err := readAll(response.Body, response.ContentLength)
	if err != nil {
		return openapi.Source{}, err
	}
	if o.Instance != nil { // the server may be the instance, which knows the token
		data = o.Instance.ShownBytes(data)
	}
	// The address is the one that redirects led to.
	return openapi.Source{Data: data, Address: response.Request.URL.String()}, nil
}

// fetchLive fetches the document from the instance, with the token, which is
// sent to its own origin only.
func fetchLive(ctx context.Context, o Options) (openapi.Source, error) {
	if o.Instance == nil {
		return openapi.Source{}, ErrNoInstance
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	data, _, err := o.Instance.Document(ctx, "")
	if err != nil {
		return openapi.Source{}, err
	}
	return openapi.Source{Data: data, Address: o.Address.DocumentURL()}, nil
}
