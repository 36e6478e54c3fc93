package server_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// stateful serves the tools of a fixture with sessions.
func stateful(t testing.TB, change func(*server.HTTPOptions)) (*fixture, *site) {
	t.Helper()
	f := newFixture(t)
	f.Use(server.ToolMiddleware)
	o := way{stateful: true}.options()
	if change != nil {
		change(&o)
	}
	return f, serveHTTP(t, server.Transports(f.MCPServer, o))
}

// listen opens the stream of a session, and returns what ends when it does.
func (s *site) listen(t testing.TB, pairs ...string) (ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	resp, err := s.send(ctx, http.MethodGet, "/mcp", "", append(pairs, "Accept", "text/event-stream")...) //nolint:bodyclose // closed below, once it has been read
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	end := make(chan error, 1)
	go func() {
		defer resp.Body.Close()
		_, err := io.Copy(io.Discard, resp.Body)
		end <- err
	}()
	return end
}

func TestSessionServesItsOwnerOnly(t *testing.T) {
	_, s := stateful(t, nil)
	id := s.session(t, callerHeader, "ann")
	echo := call("2", "echo", "text", "hello")
	for name, who := range map[string][]string{
		"another caller":      {callerHeader, "bob", "Mcp-Session-Id", id},
		"nobody":              {"Mcp-Session-Id", id},
		"an invented id":      {callerHeader, "ann", "Mcp-Session-Id", id + "0"},
		"an id in other case": {callerHeader, "ann", "Mcp-Session-Id", "MCP" + id},
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
			t.Run(method+" of "+name, func(t *testing.T) {
				body := ""
				if method == http.MethodPost {
					body = echo
				}
				status, _, _ := s.exchange(t, method, "/mcp", body, who...)
				require.Equal(t, http.StatusNotFound, status)
				require.Equal(t, 1, s.SessionCount())
			})
		}
	}
	status, _, body := s.post(t, echo, callerHeader, "ann", "Mcp-Session-Id", id)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "hello", "the session lives")
	status, _, _ = s.exchange(t, http.MethodDelete, "/mcp", "", callerHeader, "ann", "Mcp-Session-Id", id)
	require.Equal(t, http.StatusOK, status)
	require.Zero(t, s.SessionCount())
	status, _, _ = s.post(t, echo, callerHeader, "ann", "Mcp-Session-Id", id)
	require.Equal(t, http.StatusNotFound, status, "it is over")
}

// A missing id is a mistake of the client; an unknown one tells it to start a new session.
func TestSessionIDIsRequired(t *testing.T) {
	_, s := stateful(t, nil)
	id := s.session(t)
	const response, canceled = `{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
	const missing, unknown = "Missing header Mcp-Session-Id", "Unknown session"
	echo, list := call("2", "echo", "text", "hello"), `{"jsonrpc":"2.0","id":"2","method":"tools/list"}`
	for _, c := range []struct {
		name, method, body string
		pairs              []string
		status             int
		message            string
	}{
		{"a call", http.MethodPost, echo, nil, 400, missing},
		{"a list", http.MethodPost, list, nil, 400, missing},
		{"a list of a known version", http.MethodPost, list, []string{"Mcp-Protocol-Version", mcp.LATEST_LEGACY_PROTOCOL_VERSION}, 400, missing},
		{"a notification", http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, nil, 400, missing},
		{"a cancellation", http.MethodPost, canceled, nil, 400, missing},
		{"a response", http.MethodPost, response, nil, 400, missing},
		{"an empty id", http.MethodPost, echo, []string{"Mcp-Session-Id", ""}, 400, missing},
		{"a blank id", http.MethodPost, echo, []string{"Mcp-Session-Id", "  "}, 400, missing},
		{"the id in another header", http.MethodPost, echo, []string{"X-Mcp-Session-Id", id}, 400, missing},
		{"a stream", http.MethodGet, "", nil, 400, missing},
		{"an end", http.MethodDelete, "", nil, 400, missing},
		{"an initialize that is none", http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"Initialize"}`, nil, 400, missing},
		{"the newer protocol without its header", http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"` + mcp.MetaKeyProtocolVersion + `":"` + mcp.LATEST_PROTOCOL_VERSION + `"}}}`, nil, 400, "header is required"},
		{"no message", http.MethodPost, `{}`, nil, 400, "Invalid request"},
		{"a batch", http.MethodPost, "[" + echo + "]", nil, 400, "batches are not supported"},
		{"an empty batch", http.MethodPost, "[]", nil, 400, "batches are not supported"},
		{"a batch in the session", http.MethodPost, " [" + list + "," + echo + "]", []string{"Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-03-26"}, 400, "batches are not supported"},
		{"a batch with initialize", http.MethodPost, "[" + initialize("1") + "]", nil, 400, "batches are not supported"},
		{"an unknown id", http.MethodPost, echo, []string{"Mcp-Session-Id", "unknown"}, 404, unknown},
		{"a response to an unknown id", http.MethodPost, response, []string{"Mcp-Session-Id", "unknown"}, 404, unknown},
		{"a stream of an unknown id", http.MethodGet, "", []string{"Mcp-Session-Id", "unknown"}, 404, unknown},
		{"an end of an unknown id", http.MethodDelete, "", []string{"Mcp-Session-Id", "unknown"}, 404, unknown},
		{"an id and more", http.MethodPost, echo, []string{"Mcp-Session-Id", id + ", " + id}, 404, unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, body := s.exchange(t, c.method, "/mcp", c.body, c.pairs...)
			require.Equal(t, c.status, status, body)
			require.Equal(t, "application/json", header.Get("Content-Type"))
			require.Contains(t, body, `"error"`)
			require.Contains(t, body, c.message)
			require.Equal(t, 1, s.SessionCount())
		})
	}
	status, _, _ := s.post(t, echo, "Mcp-Session-Id", id)
	require.Equal(t, http.StatusOK, status, "the session lives")
	status, _, body := s.exchange(t, http.MethodPost, server.MessagesPath, echo)
	require.Equal(t, http.StatusBadRequest, status, body)
	status, _, body = s.exchange(t, http.MethodPost, server.MessagesPath+"?sessionId=unknown", echo)
	require.Equal(t, http.StatusNotFound, status, body)
}

func TestResponsesNeedTheirSession(t *testing.T) {
	_, s := stateful(t, nil)
	id := s.session(t, callerHeader, "ann")
	status, _, _ := s.post(t, `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`, callerHeader, "bob", "Mcp-Session-Id", id)
	require.Equal(t, http.StatusNotFound, status)
}

func TestIdleSessionsExpire(t *testing.T) {
	before := runtime.NumGoroutine()
	_, s := stateful(t, func(o *server.HTTPOptions) { o.SessionTTL = time.Second })
	id := s.session(t)
	busy := s.session(t)
	require.Equal(t, 2, s.SessionCount())
	echo := call("2", "echo", "text", "hello")
	require.Eventually(t, func() bool {
		status, _, _ := s.post(t, echo, "Mcp-Session-Id", busy)
		require.Equal(t, http.StatusOK, status, "a session that is used lives on")
		return s.SessionCount() == 1
	}, maxWait, 100*time.Millisecond)
	status, _, _ := s.post(t, echo, "Mcp-Session-Id", id)
	require.Equal(t, http.StatusNotFound, status)
	require.Eventually(t, func() bool { return s.SessionCount() == 0 }, maxWait, 100*time.Millisecond)
	s.HTTP.Close(t.Context())
	s.Server.Close()
	noneLeft(t, before)
}

func TestOpenStreamKeepsItsSession(t *testing.T) {
	t.Parallel()
	_, s := stateful(t, func(o *server.HTTPOptions) { o.SessionTTL = time.Second })
	id := s.session(t)
	ended := s.listen(t, "Mcp-Session-Id", id)
	select {
	case <-ended:
		require.FailNow(t, "the stream ended")
	case <-time.After(3500 * time.Millisecond): // several times what a session may be silent
	}
	status, _, _ := s.post(t, call("2", "echo", "text", "hello"), "Mcp-Session-Id", id)
	require.Equal(t, http.StatusOK, status)
}

func TestStreamEndsWithItsSession(t *testing.T) {
	_, s := stateful(t, nil)
	before := runtime.NumGoroutine()
	id := s.session(t)
	ended := s.listen(t, "Mcp-Session-Id", id)
	status, _, _ := s.exchange(t, http.MethodDelete, "/mcp", "", "Mcp-Session-Id", id)
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, receive(t, ended, "the end of the stream"))
	require.Zero(t, s.SessionCount())
	s.CloseClientConnections()
	noneLeft(t, before)
}

func TestSessionLimit(t *testing.T) {
	const most = 10
	_, s := stateful(t, func(o *server.HTTPOptions) { o.MaxSessions = most })
	var mu sync.Mutex
	var granted []string
	refused := 0
	var all sync.WaitGroup
	for range 5 * most {
		all.Go(func() {
			status, header, body := s.post(t, initialize("1"))
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusOK {
				granted = append(granted, header.Get("Mcp-Session-Id"))
				return
			}
			refused++
			require.Equal(t, http.StatusServiceUnavailable, status)
			require.NotEmpty(t, header.Get("Retry-After"))
			require.Contains(t, body, `"error"`)
			require.Contains(t, body, "too many sessions")
		})
	}
	all.Wait()
	require.Len(t, granted, most)
	require.NotContains(t, granted, "", "who is let in has a session")
	require.Equal(t, 4*most, refused)
	require.Equal(t, most, s.SessionCount())
	s.exchange(t, http.MethodDelete, "/mcp", "", "Mcp-Session-Id", granted[0])
	s.session(t)
}

func TestSessionLimitPerCaller(t *testing.T) {
	_, s := stateful(t, func(o *server.HTTPOptions) { o.MaxSessions, o.MaxSessionsPerCaller = 5, 3 })
	ids := []string{s.session(t, callerHeader, "ann"), s.session(t, callerHeader, "ann"), s.session(t, callerHeader, "ann")}
	status, header, body := s.post(t, initialize("1"), callerHeader, "ann")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.NotEmpty(t, header.Get("Retry-After"))
	require.Contains(t, body, "This caller has too many sessions")
	s.session(t, callerHeader, "bob")
	s.session(t, callerHeader, "bob")
	status, _, _ = s.post(t, initialize("1"), callerHeader, "bob")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _, _ = s.exchange(t, http.MethodDelete, "/mcp", "", callerHeader, "ann", "Mcp-Session-Id", ids[0])
	require.Equal(t, http.StatusOK, status)
	s.session(t, callerHeader, "ann")
}

func TestFailedInitializeLeavesNoSession(t *testing.T) {
	_, s := stateful(t, nil)
	body, pairs := modernCall("1", "echo", "text", "hello")
	for name, attempt := range map[string]struct {
		body  string
		pairs []string
	}{
		"as text":                 {initialize("1"), []string{"Content-Type", "text/plain"}},
		"as no JSON":              {initialize("1")[1:], nil},
		"of an unknown version":   {call("1", "echo", "text", "hello"), []string{"Mcp-Protocol-Version", "1999-01-01"}},
		"of the newer era":        {body, pairs},
		"of both eras":            {`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{` + modernMeta + `}}`, nil},
		"of both eras, by header": {initialize("1"), []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION}},
		"as an answer":            {`{"jsonrpc":"2.0","id":1,"method":"","result":{}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, header, _ := s.post(t, attempt.body, attempt.pairs...)
			require.Empty(t, header.Get("Mcp-Session-Id"))
			require.Zero(t, s.SessionCount())
		})
	}
}

func TestStatelessServesPostOnly(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{})
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodPut, http.MethodHead} {
		status, header, _ := s.exchange(t, method, "/mcp", "", "Mcp-Session-Id", "mcp-session-1")
		require.Equal(t, http.StatusMethodNotAllowed, status, method)
		require.Equal(t, http.MethodPost, header.Get("Allow"), method)
	}
	_, header, _ := s.post(t, initialize("1"))
	require.Empty(t, header.Get("Mcp-Session-Id"))
	require.Zero(t, s.SessionCount())
}
