package retool

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// MaxResponse is the maximum size of a response in bytes, after decompression:
// 32 MiB.
const MaxResponse = 32 << 20

// maxErrorBody limits what is read of a failure's body, which is one sentence
// or a web page.
const maxErrorBody = 64 << 10

var errTooLarge = errors.New("more than 32 MiB")

// readBody reads the whole body, or fails with errTooLarge or an error of package
// memory. What the body takes, decoded too, counts while it arrives: a few bytes can
// become fifty times as many.
func readBody(ctx context.Context, resp *http.Response) ([]byte, error) {
	announced := resp.ContentLength
	switch {
	case resp.Request.Method == http.MethodHead:
		return nil, nil // it has no body, whatever its Content-Length says
	case announced > MaxResponse:
		return nil, errTooLarge
	}
	most := MaxResponse + 1
	if announced >= 0 {
		most = int(announced)
	}
	w := weight{call: memory.From(ctx)}
	body := make([]byte, 0, min(most, firstRead))
	for len(body) < most {
		if len(body) == cap(body) {
			body = append(make([]byte, 0, min(2*cap(body), most)), body...)
		}
		n, err := resp.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err := w.add(ctx, body, n); err != nil {
			return nil, err
		}
		switch {
		case errors.Is(err, io.EOF) && announced > int64(len(body)):
			return nil, io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF) && len(body) <= MaxResponse:
			return body, nil
		case errors.Is(err, io.EOF):
			return nil, errTooLarge
		case err != nil:
			return nil, err //nolint:wrapcheck // the caller finds out what it is
		}
	}
	if announced < 0 {
		return nil, errTooLarge
	}
	return body, nil
}

// firstRead is how much room a body gets at first.
const firstRead = 64 << 10

// weight takes memory for a body as it grows.
type weight struct {
	call  *memory.Call
	taken int64
	marks int            // in the body, if it is short
	size  jsonvalue.Size // of the body, once it is longer
}

// A body up to shortBody is not scanned, but its marks are counted, which is as
// good unless its texts are full of them.
const shortBody = 128 << 10

// add counts the last n bytes of a body.
func (w *weight) add(ctx context.Context, body []byte, n int) error {
	if w.call == nil {
		return nil
	}
	added := body[len(body)-n:]
	var values int64
	if len(body) <= shortBody {
		for _, mark := range []string{",", ":", "[", "{"} {
			w.marks += bytes.Count(added, []byte(mark))
		}
		values = int64(w.marks)
	} else {
		if w.size.Bytes == 0 {
			added = body
		}
		_, _ = w.size.Write(added)                // never fails
		values = w.size.Values + w.size.Members/4 // the names of a list are shared
	}
	// A body is copied as it grows. A value has some 70 bytes, in a list that grows too.
	more := 2*int64(len(body)) + 100*values - w.taken
	if more <= 0 {
		return nil
	}
	w.taken += more
	return w.call.Grow(ctx, more) //nolint:wrapcheck // the caller finds out what it is
}

// isWebPage reports whether body is HTML, as from a login page, a proxy or a
// wrong address. The content type alone does not decide: frameworks put
// text/html on JSON and on bare text.
func isWebPage(contentType string, body []byte) bool {
	body = trimStart(body)
	return bytes.HasPrefix(body, []byte("<")) && (isHTML(contentType) || isHTML(http.DetectContentType(body)))
}

func isHTML(contentType string) bool {
	contentType = strings.ToLower(contentType)
	return strings.HasPrefix(contentType, "text/html") || strings.HasPrefix(contentType, "application/xhtml")
}

// trimStart drops a byte order mark and leading white space.
func trimStart(body []byte) []byte { return bytes.TrimLeft(text.TrimMark(body), " \t\r\n") }
