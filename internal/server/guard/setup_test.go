package guard_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// soon is how long a test waits for what has to happen, on a busy machine.
const soon = 20 * time.Second

// settingNames are the names that messages use.
var settingNames = guard.SettingNames{
	Hosts: "allow-host", Origins: "allow-origin", MaxBody: "max-body",
	MaxCalls: "max-calls", MaxCallsPerCaller: "max-calls-per-caller",
	MaxStreams: "max-streams", MaxStreamsPerCaller: "max-streams-per-caller",
}

// testServer is a server behind a guard.
type testServer struct {
	*httptest.Server
	t     *testing.T
	guard *guard.Guard
}

// start serves next behind Surface, authentication and Calls, and "/plain"
// behind Surface alone. Authentication believes the header X-Caller. At the end
// of the test the guard must have nothing left in hand.
func start(t *testing.T, o guard.Options, next http.HandlerFunc) testServer {
	h := prepare(t, o, next)
	h.Start()
	return h
}

// startTLS is start with HTTP/2.
func startTLS(t *testing.T, o guard.Options, next http.HandlerFunc) testServer {
	h := prepare(t, o, next)
	h.EnableHTTP2 = true
	h.StartTLS()
	return h
}

func prepare(t *testing.T, o guard.Options, next http.HandlerFunc) testServer {
	t.Helper()
	o.SettingNames = settingNames
	g, err := guard.New(o)
	require.NoError(t, err)
	routes := http.NewServeMux()
	routes.Handle("/", authenticate(g.Limits(next)))
	routes.Handle("/plain", next)
	server := httptest.NewUnstartedServer(g.Surface(routes))
	t.Cleanup(func() {
		server.Close()
		require.Eventually(t, func() bool { return g.Stats() == guard.Stats{} }, soon, time.Millisecond, "something is left: %+v", g.Stats())
	})
	return testServer{server, t, g}
}

func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asks := caller.From(r.Context())
		asks.ID = r.Header.Get("X-Caller")
		next.ServeHTTP(w, r.WithContext(caller.With(r.Context(), asks)))
	})
}

// fine answers everything.
func fine(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") }

// message is a body as a client sends it.
const message = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

// request makes a request; headers are "Name: value", of which "Host" counts, too.
func (h testServer) request(method, path, body string, headers ...string) *http.Request {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, strings.NewReader(body))
	require.NoError(h.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

// response is an answer with its body.
type response struct {
	*http.Response
	text string
}

func (h testServer) send(r *http.Request) response {
	h.t.Helper()
	answer, err := h.Client().Do(r)
	require.NoError(h.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(h.t, err)
	return response{answer, string(text)}
}

// post sends a message for a caller.
func (h testServer) post(id string) response {
	h.t.Helper()
	return h.send(h.request(http.MethodPost, "/", message, "X-Caller: "+id))
}

// background sends r, and tells the status of the answer once there is one; 0
// if there is none.
func (h testServer) background(r *http.Request) <-chan int {
	status := make(chan int, 1)
	go func() {
		answer, err := h.Client().Do(r)
		if err != nil {
			status <- 0
			return
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		status <- answer.StatusCode
	}()
	return status
}

// eventually waits for the guard to have as much in hand as is wanted.
func (h testServer) eventually(what string, holds func(guard.Stats) bool) {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return holds(h.guard.Stats()) }, soon, time.Millisecond, what)
}

// refused checks an answer that is a refusal, in whole.
func (h testServer) refused(got response, status, code int, text string) {
	h.t.Helper()
	require.Equal(h.t, status, got.StatusCode, got.text)
	require.Equal(h.t, "application/json", got.Header.Get("Content-Type"))
	require.NotEmpty(h.t, got.Header.Get("X-Request-Id"))
	type object = map[string]any
	var answer object
	require.NoError(h.t, json.Unmarshal([]byte(got.text), &answer), got.text)
	require.Equal(h.t, object{"jsonrpc": "2.0", "id": nil, "error": object{"code": float64(code), "message": text}}, answer)
}

// dial opens a connection on which a test writes bytes of its own.
func (h testServer) dial(sent ...string) (net.Conn, *bufio.Reader) {
	h.t.Helper()
	connection, err := (&net.Dialer{}).DialContext(h.t.Context(), "tcp", h.Listener.Addr().String())
	require.NoError(h.t, err)
	h.t.Cleanup(func() { connection.Close() })
	require.NoError(h.t, connection.SetDeadline(time.Now().Add(soon)))
	for _, text := range sent {
		_, err := io.WriteString(connection, text)
		require.NoError(h.t, err)
	}
	return connection, bufio.NewReader(connection)
}

// receive waits for what a channel brings.
func receive[T any](t *testing.T, from <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(soon):
		require.Fail(t, "waited in vain for "+what)
	}
	return v
}
