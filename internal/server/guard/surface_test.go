package guard_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

func TestRequestID(t *testing.T) {
	h := start(t, guard.Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "of the handler")
		_, _ = io.WriteString(w, caller.From(r.Context()).RequestID)
	})
	for given, kept := range map[string]bool{
		"a":                     true,
		"3f2a-77_b.C":           true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"":                      false,
		"with space":            false,
		"a\"b":                  false,
		"ä":                     false,
		"a/b":                   false,
	} {
		got := h.send(h.request(http.MethodGet, "/", "", "X-Request-Id: "+given))
		require.Equal(t, []string{got.text}, got.Header.Values("X-Request-Id"), "the client is told the id under which the handler works")
		require.Regexp(t, `^[A-Za-z0-9._-]{1,64}$`, got.text)
		require.Equal(t, kept, got.text == given, given)
	}
	first, second := h.post("ann"), h.post("ann")
	require.NotEqual(t, first.text, second.text, "ids tell requests apart")
}

func TestRefusalsCarryTheRequestID(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	got := h.send(h.request(http.MethodGet, "/", "", "Host: evil.example", "X-Request-Id: mine"))
	require.Equal(t, "mine", got.Header.Get("X-Request-Id"))
}

func TestResponseHeaders(t *testing.T) {
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		want    map[string]string // "" means: not there
	}{
		"plain": {fine, map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Accel-Buffering": "",
		}},
		"nothing written": {func(http.ResponseWriter, *http.Request) {}, map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		}},
		"a status alone": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		}},
		"after an early hint": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}, map[string]string{"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": ""}},
		"caching of its own": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=60") }, map[string]string{
			"Cache-Control": "max-age=60",
		}},
		"an event stream with open CORS": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.(http.Flusher).Flush()
		}, map[string]string{
			"X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "",
		}},
		"open CORS and nothing written": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["access-control-allow-origin"] = []string{"*"}
		}, map[string]string{"Access-Control-Allow-Origin": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, guard.Options{Origins: []string{"https://app.example.com"}}, row.handler)
			got := h.send(h.request(http.MethodGet, "/", ""))
			for header, value := range row.want {
				require.Equal(t, value, got.Header.Get(header), header)
			}
			require.Equal(t, []string{"Origin"}, got.Header.Values("Vary"))

			got = h.send(h.request(http.MethodGet, "/", "", "Origin: https://app.example.com"))
			require.Equal(t, []string{"https://app.example.com"}, got.Header.Values("Access-Control-Allow-Origin"), "a listed origin reads it")
			require.NotContains(t, got.Header, "Access-Control-Allow-Credentials")
		})
	}
}

func TestPreflight(t *testing.T) {
	h := start(t, guard.Options{Origins: []string{"https://app.example.com"}}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	})
	got := h.send(h.request(http.MethodOptions, "/", "", "Origin: https://app.example.com",
		"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type"))
	require.Equal(t, http.StatusNoContent, got.StatusCode)
	for header, want := range map[string]string{
		"Access-Control-Allow-Origin":  "https://app.example.com",
		"Access-Control-Allow-Methods": "GET, POST, DELETE",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, X-Request-Id, X-MCP-Toolsets, X-MCP-Readonly",
		"Access-Control-Max-Age":       "600",
		"Vary":                         "Origin",
	} {
		require.Equal(t, []string{want}, got.Header.Values(header), header)
	}
	require.NotContains(t, got.Header, "Access-Control-Allow-Credentials")

	got = h.send(h.request(http.MethodOptions, "/", "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"))
	require.Equal(t, http.StatusForbidden, got.StatusCode)
	require.NotContains(t, got.Header, "Access-Control-Allow-Origin")
	require.NotContains(t, got.Header, "Access-Control-Allow-Methods")

	for name, r := range map[string]*http.Request{
		"no method asked for": h.request(http.MethodOptions, "/", "", "Origin: https://app.example.com"),
		"no origin":           h.request(http.MethodOptions, "/", "", "Access-Control-Request-Method: POST"),
		"the own origin":      h.request(http.MethodOptions, "/", "", "Origin: "+h.URL, "Access-Control-Request-Method: POST"),
	} {
		got := h.send(r)
		require.Equal(t, http.StatusTeapot, got.StatusCode, name)
		require.NotContains(t, got.Header, "Access-Control-Allow-Methods", name)
	}
}

// journal takes a log that a test reads while the server may write.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// logger writes into j, with the id of the request of which it is told.
func (j *journal) logger() *slog.Logger { return slog.New(withRequest{slog.NewTextHandler(j, nil)}) }

type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("request", caller.From(ctx).RequestID))
	return h.Handler.Handle(ctx, r)
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func TestPanic(t *testing.T) {
	const secret = "retool_secret_0123456789"
	var log journal
	h := start(t, guard.Options{Log: log.logger(), MaxCalls: 1}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		w.Header().Set("X-Secret", secret)
		switch r.URL.Path {
		case "/late":
			w.Header().Del("Content-Length")
			_, _ = io.WriteString(w, "o")
			w.(http.Flusher).Flush()
		case "/abort":
			panic(http.ErrAbortHandler)
		}
		panic(secret)
	})
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		got := h.send(h.request(method, "/", message, "X-Request-Id: mine"))
		h.refused(got, http.StatusInternalServerError, -32603, "Internal error.")
		require.NotContains(t, got.Header, "X-Secret")
	}
	require.Contains(t, log.String(), "kind=string")
	require.Contains(t, log.String(), "request=mine")
	require.Contains(t, log.String(), "surface_test.go", "the stack is there")
	require.Equal(t, 2, strings.Count(log.String(), "request panicked"))

	// What was begun must not look whole, and what was aborted gets no answer.
	answer, err := h.Client().Do(h.request(http.MethodGet, "/late", ""))
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.ReadAll(answer.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = h.Client().Do(h.request(http.MethodPost, "/abort", message)) //nolint:bodyclose // there is no answer
	require.Error(t, err)
	require.Equal(t, 3, strings.Count(log.String(), "request panicked"), "whoever aborts knows why")
	require.NotContains(t, log.String(), secret)
}

func TestRefusalLogs(t *testing.T) {
	var log journal
	h := start(t, guard.Options{MaxBody: 10, Log: log.logger()}, fine)
	h.send(h.request(http.MethodGet, "/", "", "Host: evil.example", "X-Request-Id: first", "Authorization: Bearer secret"))
	h.send(h.request(http.MethodPost, "/", `{"secret":"of a body"}`))
	require.Contains(t, log.String(), `level=INFO msg="request refused" status=403 reason="The host \"evil.example\" is not allowed. To allow it, use allow-host." request=first`)
	require.NotContains(t, log.String(), "secret")
	require.Equal(t, 1, strings.Count(log.String(), "\n"), "what clients do wrong is not the operator's affair")
}

// A refused client that never sends the body it announced must not keep its
// connection, and neither must one that nobody asked for a body.
func TestUnreadBodyDoesNotDelayTheNextRequest(t *testing.T) {
	for name, request := range map[string]string{
		"refused by host":       "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n\r\n",
		"refused by type":       "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n",
		"answered without it":   "POST /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n",
		"chunks without an end": "POST /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, guard.Options{BodyTimeout: 100 * time.Millisecond}, fine)
			_, answer := h.dial(request)
			all, err := io.ReadAll(answer)
			require.NoError(t, err, "the server closes the connection")
			require.Contains(t, string(all), "HTTP/1.1 ")
		})
	}
}

// Nor does the refusal itself wait for that body.
func TestRefusalDoesNotWaitForTheBody(t *testing.T) {
	for status, request := range map[string]string{
		" 403 ": "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n\r\n",
		" 415 ": "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n",
	} {
		h := start(t, guard.Options{BodyTimeout: time.Hour}, fine)
		_, answer := h.dial(request)
		line, err := answer.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, status)
	}
}
