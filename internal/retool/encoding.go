package retool

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// encodingError names a content encoding that is not read.
type encodingError struct{ name string }

func (e *encodingError) Error() string {
	return "it is compressed as " + text.Cite(text.Clip(e.name, maxEncodingName)) + ", which was not asked for"
}

const maxEncodingName = 40

// decode replaces the body of a response by what its Content-Encoding stands for.
// net/http asks for gzip and decodes that alone; servers and proxies that ignore
// what was asked for send others.
func decode(resp *http.Response) error {
	var encodings []string
	for _, line := range resp.Header.Values("Content-Encoding") {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" && name != "identity" {
				encodings = append(encodings, name)
			}
		}
	}
	if len(encodings) == 0 || resp.Request.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	const mostLayers = 3
	if len(encodings) > mostLayers {
		return &encodingError{strings.Join(encodings, ", ")}
	}
	for _, name := range slices.Backward(encodings) { // the last one was applied last
		var open func(io.Reader) (io.Reader, error)
		switch name {
		case "gzip", "x-gzip":
			open = func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }
		case "deflate":
			open = inflate
		default:
			return &encodingError{name}
		}
		resp.Body = &decodedBody{open: open, encoded: resp.Body}
	}
	resp.ContentLength = -1
	return nil
}

// decodedBody decodes a body from the first read on, so that one that is empty or
// never read has no error.
type decodedBody struct {
	open    func(io.Reader) (io.Reader, error)
	encoded io.ReadCloser
	decoded io.Reader
}

// Read implements io.Reader.
func (b *decodedBody) Read(p []byte) (int, error) {
	if b.decoded == nil {
		encoded := bufio.NewReader(b.encoded)
		if _, err := encoded.Peek(1); err != nil {
			return 0, err
		}
		decoded, err := b.open(encoded)
		if err != nil {
			return 0, err
		}
		b.decoded = decoded
	}
	return b.decoded.Read(p)
}

// Close implements io.Closer.
func (b *decodedBody) Close() error { return b.encoded.Close() }

// inflate reads "deflate": by the standard the zlib format, from some servers the
// bare compressed data.
func inflate(r io.Reader) (io.Reader, error) {
	const zlibMethod, zlibCheck = 8, 31
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0x0f == zlibMethod && (int(head[0])<<8|int(head[1]))%zlibCheck == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}
