package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// fuzzed serves the tool echo behind the guard, as it is served to the world.
func fuzzed(f *testing.F, w way) http.Handler {
	f.Helper()
	m := mcpserver.NewMCPServer("fuzzed", "1", mcpserver.WithToolCapabilities(true))
	m.AddTools(*newFixture(f).GetTool("echo"))
	m.Use(server.ToolMiddleware)
	h := server.Transports(m, w.options())
	f.Cleanup(func() { h.Close(context.Background()) })
	g, err := guard.New(guard.Options{MaxBody: 1 << 16, Hosts: []string{"example.com"}})
	require.NoError(f, err)
	mux := http.NewServeMux()
	mux.Handle("/mcp", g.Limits(h.Streamable))
	mux.Handle("GET /sse", g.Limits(h.Stream))
	mux.Handle("POST "+server.MessagesPath, g.Limits(h.Messages))
	return g.Surface(asCaller(mux))
}

// statuses are those that a request may be answered with, whatever it is. That
// something failed inside is not among them.
var statuses = []int{
	http.StatusOK, http.StatusAccepted, http.StatusNoContent, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound,
	http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
}

// messages are the bodies that the fuzzers begin with.
var messages = []string{
	initialize("1"), request(`"a"`, "tools/list"), call("1", "echo", "text", "hello"), canceled("1"), request("2", "ping"),
	"\ufeff" + request("2", "ping"), "\ufeff", "\xff\xfe{\x00}\x00",
	`{"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{` + modernMeta + `,"filter":{"toolsListChanged":true}}}`,
	`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{` + modernMeta + `}}`,
	`{"jsonrpc":"2.0","Id":1e999,"METHOD":"tools\/list","params":{"x":[1,{"a":null}]},"id":-0}`,
	`{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}`,
	`[` + call("1", "echo", "text", "hello") + `]`, `{`, "\xff", "", `null`, `{"jsonrpc":"2.0","id":{},"method":"ping","params":[]}`,
	`{"jsonrpc":"2.0","method":"notifications/initialized"}`, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"\ud800"},"_meta":{"progressToken":1}}}`,
}

// FuzzHTTP sends anything to streamable HTTP, with sessions and without. It is
// answered soon, in the protocol's own terms and to the one who asked; and the
// next client is served.
func FuzzHTTP(f *testing.F) {
	plain := fuzzed(f, way{})
	withSessions := fuzzed(f, way{stateful: true})
	for which := range byte(8) {
		for _, body := range messages {
			f.Add(which, "2026-07-28", "tools/call", "echo", "", []byte(body))
			f.Add(which, "2025-06-18", "", "", "not a session", []byte(body))
			f.Add(which, "2025-03-26", "", "", "", []byte("["+body+"]"))
			f.Add(which, "", "", "", "", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, version, method, name, session string, body []byte) {
		h := plain
		if which&1 != 0 {
			h = withSessions
		}
		r := asked([]string{http.MethodPost, http.MethodPost, http.MethodGet, http.MethodDelete}[which>>1&3], "/mcp", body)
		if which&8 != 0 && which&1 != 0 {
			session = newSession(t, h)
		}
		for header, value := range map[string]string{"Mcp-Protocol-Version": version, "Mcp-Method": method, "Mcp-Name": name, mcpserver.HeaderKeySessionID: session} {
			if value != "" {
				r.Header.Set(header, value)
			}
		}
		w := whatever(t, h, r)
		require.Contains(t, statuses, w.Code, "%s", w.Body)
		requireMessages(t, w, idOf(body))

		echo := asked(http.MethodPost, "/mcp", []byte(call("1", "echo", "text", "still here")))
		if which&1 != 0 {
			echo.Header.Set(mcpserver.HeaderKeySessionID, newSession(t, h))
		}
		require.Contains(t, answered(t, h, echo).Body.String(), "still here")
	})
}

func asked(method, path string, body []byte) *http.Request {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	return r
}

// whatever is the answer to a request whose client soon leaves: it may be one that
// only listens.
func whatever(t testing.TB, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	return answered(t, h, r.WithContext(ctx))
}

func answered(t testing.TB, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	require.Less(t, time.Since(began), maxWait)
	return w
}

func newSession(t testing.TB, h http.Handler) string {
	t.Helper()
	id := answered(t, h, asked(http.MethodPost, "/mcp", []byte(initialize("1")))).Header().Get(mcpserver.HeaderKeySessionID)
	require.NotEmpty(t, id)
	t.Cleanup(func() {
		r := asked(http.MethodDelete, "/mcp", nil)
		r.Header.Set(mcpserver.HeaderKeySessionID, id)
		answered(t, h, r)
	})
	return id
}

// idOf is the id of a request that is sure to have one, "" for none.
func idOf(body []byte) string {
	var m struct {
		ID     string `json:"id"`
		Method string `json:"method"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if bytes.Count(bytes.ToLower(body), []byte(`"id"`)) != 1 || d.Decode(&m) != nil || m.Method == "" || d.Decode(&m) != io.EOF {
		return ""
	}
	return m.ID
}

// requireMessages requires that an answer is made of messages of the protocol,
// and that one that answers a request names it.
func requireMessages(t testing.TB, w *httptest.ResponseRecorder, id string) {
	t.Helper()
	text := w.Body.String()
	switch kind := w.Header().Get("Content-Type"); {
	case text == "", strings.HasPrefix(kind, "text/plain") && w.Code >= http.StatusBadRequest: // some are the library's
	case strings.HasPrefix(kind, "text/event-stream"):
		for line := range strings.Lines(text) {
			if data, ok := strings.CutPrefix(line, "data:"); ok {
				requireMessage(t, data, "")
			}
		}
	default:
		require.Contains(t, kind, "application/json", "%s", text)
		if w.Code != http.StatusOK {
			id = ""
		}
		requireMessage(t, text, id)
	}
}

func requireMessage(t testing.TB, text, id string) {
	t.Helper()
	var m struct {
		Version string `json:"jsonrpc"`
		ID      any    `json:"id"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &m), "%s", text)
	require.Equal(t, "2.0", m.Version)
	if id != "" {
		require.Equal(t, id, m.ID)
	}
}

// FuzzSSE posts anything to the transport of server-sent events. What comes on
// the stream are messages of the protocol, and it goes on.
func FuzzSSE(f *testing.F) {
	h := fuzzed(f, way{sse: true})
	for _, body := range messages {
		f.Add([]byte(body))
	}
	const last = "the last message of this stream"
	f.Fuzz(func(t *testing.T, body []byte) {
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		in, out := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			h.ServeHTTP(&piped{out, http.Header{}}, asked(http.MethodGet, "/sse", nil).WithContext(ctx))
			ended <- out.Close()
		}()
		events := eventsIn(in)
		place := receive(t, events, "the place for messages")
		w := whatever(t, h, asked(http.MethodPost, place, body))
		require.Contains(t, statuses, w.Code, "%s", w.Body)
		requireMessages(t, w, "")
		require.Equal(t, http.StatusAccepted, answered(t, h, asked(http.MethodPost, place, []byte(call(`"`+last+`"`, "echo", "text", "hello")))).Code)
		for {
			event := receive(t, events, "the answer to the last message")
			requireMessage(t, event, "")
			if strings.Contains(event, last) && strings.Contains(event, "hello") {
				break
			}
		}
		leave()
		_ = in.Close()
		receive(t, ended, "the end of the stream")
	})
}

// piped is where a stream is written to.
type piped struct {
	*io.PipeWriter
	header http.Header
}

func (p *piped) Header() http.Header { return p.header }
func (p *piped) WriteHeader(int)     {}
func (p *piped) Flush()              {}
