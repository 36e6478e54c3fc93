package retool_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=utf-8"
)

func TestStatusErrors(t *testing.T) {
	long := strings.Repeat("é", 400) // 800 bytes
	tests := map[string]struct {
		status      int
		contentType string
		body        string
		want        retool.StatusError
		text        string
	}{
		"message of the API": {
			400, jsonType, `{"success":false,"message":"Environment with id \"x\" does not exist"}`,
			retool.StatusError{Message: `Environment with id "x" does not exist`, API: true},
			`HTTP 400 Bad Request: "Environment with id \"x\" does not exist"`,
		},
		"long message of the API is kept whole": {
			403, jsonType, `{"message":"` + long + `"}`,
			retool.StatusError{Message: long},
			`HTTP 403 Forbidden: "` + long + `"`,
		},
		"error as text": {
			404, jsonType, `{"error":"gone"}`,
			retool.StatusError{Message: "gone"},
			`HTTP 404 Not Found: "gone"`,
		},
		"error as object": {
			422, jsonType, `{"error":{"message":"bad name"}}`,
			retool.StatusError{Message: "bad name"},
			`HTTP 422 Unprocessable Entity: "bad name"`,
		},
		"message wins over error": {
			400, jsonType, `{"error":"Bad Request","message":"bad name"}`,
			retool.StatusError{Message: "bad name"},
			`HTTP 400 Bad Request: "bad name"`,
		},
		"empty message": {
			400, jsonType, `{"message":"","error":{"message":"bad name"}}`,
			retool.StatusError{Message: "bad name"},
			`HTTP 400 Bad Request: "bad name"`,
		},
		"message that is no text": {
			400, jsonType, `{"message":["a","b"]}`,
			retool.StatusError{Message: "a; b"},
			`HTTP 400 Bad Request: "a; b"`,
		},
		"JSON of the API, labeled a page": {
			400, htmlType, `{"success":false,"message":"bad name"}`,
			retool.StatusError{Message: "bad name", API: true},
			`HTTP 400 Bad Request: "bad name"`,
		},
		"plain text": {
			503, "text/plain", "\n no healthy upstream\n",
			retool.StatusError{Message: "no healthy upstream", Plain: true},
			`HTTP 503 Service Unavailable: "no healthy upstream"`,
		},
		"plain text is cut between characters": {
			500, "text/plain", "x" + long,
			retool.StatusError{Message: "x" + strings.Repeat("é", 249) + "…", Plain: true},
			`HTTP 500 Internal Server Error: "x` + strings.Repeat("é", 249) + `…"`,
		},
		"invalid UTF-8": {
			500, "text/plain", "a\xff",
			retool.StatusError{Message: "a\ufffd", Plain: true},
			`HTTP 500 Internal Server Error: "a�"`,
		},
		"no body": {
			401, jsonType, "", retool.StatusError{}, "HTTP 401 Unauthorized",
		},
		"status without a name": {
			520, jsonType, `{"message":"m"}`, retool.StatusError{Message: "m"}, `HTTP 520: "m"`,
		},
		"redirect without a target": {
			302, jsonType, "", retool.StatusError{}, "HTTP 302 Found",
		},
		"page of a proxy": {
			502, htmlType, "<html><head>\n<Title >502  Bad\n Gateway &amp; co</TITLE></head></html>",
			retool.StatusError{Message: "502 Bad Gateway & co", HTML: true},
			`HTTP 502 Bad Gateway: "502 Bad Gateway & co" (a web page, not a response of the API)`,
		},
		"page without a title": {
			502, htmlType, "<html><body>oh</body></html>",
			retool.StatusError{HTML: true},
			"HTTP 502 Bad Gateway (a web page, not a response of the API)",
		},
		"page without a label": {
			404, "", "\ufeff \r\n<!DOCTYPE html><title>Lost</title>",
			retool.StatusError{Message: "Lost", HTML: true},
			`HTTP 404 Not Found: "Lost" (a web page, not a response of the API)`,
		},
		"text labeled a page": {
			404, htmlType, "Not here",
			retool.StatusError{Message: "Not here", Plain: true},
			`HTTP 404 Not Found: "Not here"`,
		},
		"login page with a success status": {
			200, htmlType, "<!doctype html><html><title>Sign in</title></html>",
			retool.StatusError{Message: "Sign in", HTML: true},
			`HTTP 200 OK: "Sign in" (a web page, not a response of the API)`,
		},
		"login page without a label": {
			200, "application/octet-stream", "<HTML><title>Sign in</title></HTML>",
			retool.StatusError{Message: "Sign in", HTML: true},
			`HTTP 200 OK: "Sign in" (a web page, not a response of the API)`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answering(t, test.status, test.contentType, test.body)
			_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
			test.want.Status = test.status
			require.Equal(t, test.want, *statusError(t, err))
			require.EqualError(t, err, test.text)
		})
	}
}

func TestStatusOutlivesItsBody(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		sendRaw(t, w, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\nbroken")
	})
	_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
	require.Equal(t, retool.StatusError{Status: 500, Message: "broken", Plain: true}, *statusError(t, err))
}

func TestRetryAfter(t *testing.T) {
	date := func(in time.Duration) string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
	tests := map[string]struct {
		header   string
		from, to time.Duration
	}{
		"absent":      {"", 0, 0},
		"seconds":     {"7", 7 * time.Second, 7 * time.Second},
		"zero":        {"0", 0, 0},
		"date":        {date(time.Minute), 50 * time.Second, time.Minute},
		"date gone":   {date(-time.Minute), 0, 0},
		"negative":    {"-5", 0, 0},
		"nonsense":    {"soon", 0, 0},
		"beyond time": {"99999999999999999999", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.header != "" {
					w.Header().Set("Retry-After", test.header)
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
			got := statusError(t, err).RetryAfter
			require.GreaterOrEqual(t, got, test.from)
			require.LessOrEqual(t, got, test.to)
		})
	}
}
