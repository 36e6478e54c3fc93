package retool_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// FuzzUpstream responds with anything. A call ends soon, with a response or one of
// the two error types, and never shows the token, even if the response repeats it.
func FuzzUpstream(f *testing.F) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"success\":true}",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 429 Too Many\r\nRetry-After: 9999999999\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 503 No\r\nRetry-After: Mon, 23 Nov 2026 10:00:00 GMT\r\nContent-Length: 2\r\n\r\nno",
		"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: 73\r\n\r\n{\"success\":false,\"message\":\"no: " + canary + "\\n\"}",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/login?token=" + canary + "\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: /api/v2/users/\x00\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>" + canary + "</title>",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nX-Request-Id: " + canary + "\r\n\r\n",
		"HTTP/1.1 999 \xff\r\nContent-Encoding: gzip\r\nContent-Length: -1\r\n\r\n\x1f\x8b", "\x15\x03\x01\x00\x02", "",
		"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n[[[{\"message\":[1]",
	} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		client := newClient(t, "http://127.0.0.1", func(o *retool.Options) {
			o.Timeout = 2 * time.Second
			o.Dial = func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				go func() {
					defer far.Close()
					if r, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
						_ = r.Body.Close()
						_, _ = far.Write([]byte(answer)) // the client may have left
					}
				}()
				return near, nil
			}
		})
		began := time.Now()
		response, err := client.Do(t.Context(), get("/users"))
		require.Less(t, time.Since(began), 10*time.Second)
		if err == nil {
			require.NotNil(t, response)
			require.GreaterOrEqual(t, response.Status, 200)
			require.Less(t, response.Status, 300)
			require.NotContains(t, string(response.Body), canary)
			return
		}
		require.Nil(t, response)
		var status *retool.StatusError
		var transport *retool.TransportError
		require.True(t, errors.As(err, &status) || errors.As(err, &transport), "%T: %v", err, err)
		require.NotContains(t, err.Error(), canary)
		if transport != nil {
			require.NotContains(t, err.Error(), "\n")
		}
		require.True(t, utf8.ValidString(err.Error()), "%q", err)
	})
}
