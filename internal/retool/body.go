package retool

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
)

// MaxResponse is the maximum size of a response in bytes, after decompression:
// 32 MiB.
const MaxResponse = 32 << 20

// maxErrorBody limits what is read of a failure's body, which is one sentence
// or a web page.
const maxErrorBody = 1 << 20

var errTooLarge = errors.New("more than 32 MiB")

// readBody reads the whole body, or fails with errTooLarge.
func readBody(resp *http.Response) ([]byte, error) {
	switch size := resp.ContentLength; {
	case resp.Request.Method == http.MethodHead:
		return nil, nil // it has no body, whatever its Content-Length says
	case size > MaxResponse:
		return nil, errTooLarge
	case size >= 0:
		body := make([]byte, size)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	if err == nil && len(body) > MaxResponse {
		return nil, errTooLarge
	}
	return body, err
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
func trimStart(body []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
}
