package server_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// An eventStream is an open stream of the older transport.
type eventStream struct {
	messages string      // where to post to
	events   chan string // the data of each event; closed when the stream has ended
	leave    context.CancelFunc
}

func (s *site) open(t testing.TB, pairs ...string) *eventStream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	resp, err := s.send(t, ctx, http.MethodGet, "/sse", "", pairs...)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e := &eventStream{events: make(chan string, 1000), leave: cancel}
	go func() {
		defer resp.Body.Close()
		defer close(e.events)
		lines := bufio.NewReader(resp.Body)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data:"); ok {
				e.events <- strings.TrimSpace(data)
			}
		}
	}()
	e.messages = receive(t, e.events, "the place for messages")
	return e
}

// ended requires that the stream ends.
func (e *eventStream) ended(t testing.TB) {
	t.Helper()
	for {
		select {
		case _, ok := <-e.events:
			if !ok {
				return
			}
		case <-time.After(patience):
			require.FailNow(t, "the stream did not end")
		}
	}
}

// tell posts a message of the stream.
func (e *eventStream) tell(t testing.TB, s *site, body string, pairs ...string) {
	t.Helper()
	status, _, text := s.exchange(t, http.MethodPost, e.messages, body, pairs...)
	require.Equal(t, http.StatusAccepted, status, text)
	require.Empty(t, text)
}

func TestAStreamIsItsCallersAlone(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t, callerHeader, "ann")
	echo := call("2", "echo", "text", "hello")
	for name, attempt := range map[string]struct{ path, who string }{
		"another caller": {e.messages, "bob"},
		"nobody":         {e.messages, ""},
		"an invented id": {e.messages + "0", "ann"},
		"no id":          {server.MessagesPath, "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, text := s.exchange(t, http.MethodPost, attempt.path, echo, callerHeader, attempt.who)
			require.Equal(t, http.StatusNotFound, status)
			require.Contains(t, text, `"error"`)
		})
	}
	e.tell(t, s, echo, callerHeader, "ann")
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
	require.Empty(t, e.events, "nothing came of the others' messages")
}

func TestNothingIsLeftOfAStreamThatEnded(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	before := runtime.NumGoroutine()
	streams := make([]*eventStream, 20)
	for i := range streams {
		streams[i] = s.open(t)
	}
	require.Equal(t, len(streams), s.Sessions())
	for i, e := range streams {
		e.tell(t, s, call("1", "slow", "tag", "a call that nobody waits for any more"))
		receive(t, f.entered, "the call to begin")
		if i%2 == 0 {
			e.leave()
		}
	}
	s.CloseClientConnections() // and the rest goes without a word
	for range streams {
		receive(t, f.stopped, "the call to be stopped")
	}
	require.Eventually(t, func() bool { return s.Sessions() == 0 }, patience, time.Millisecond)
	status, _, _ := s.exchange(t, http.MethodPost, streams[0].messages, call("1", "echo", "text", "hello"))
	require.Equal(t, http.StatusNotFound, status)
	s.CloseClientConnections()
	noneLeft(t, before)
}

// Newer clients state their version in a header for which the library wants
// others beside it, which they do not send here.
func TestStreamsTakeTheHeadersOfNewerClients(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	version := []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION}
	e := s.open(t, version...)
	body, _ := modernCall("1", "echo", "text", "hello")
	e.tell(t, s, body, version...)
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
	e.tell(t, s, call("2", "echo", "text", "again"), version...)
	require.Contains(t, receive(t, e.events, "the answer"), "again")
}

func TestAStreamSaysWhereToPostBehindAProxy(t *testing.T) {
	f := newFixture(t)
	o := way{}.options()
	o.BasePath = "/retool"
	s := serveHTTP(t, server.Transports(f.MCPServer, o))
	require.Regexp(t, `^/retool/messages\?sessionId=[0-9a-f-]{36}$`, s.open(t).messages)
}

// A message is accepted at once and its answer comes on the stream. For what
// stands in front, limits of calls and the end of the server, the message
// counts until then.
func TestACallOfAStreamCountsUntilItIsAnswered(t *testing.T) {
	f := newFixture(t)
	f.Use(server.Settle)
	h := server.Transports(f.MCPServer, way{}.options())
	var now atomic.Int32
	messages := h.Messages
	h.Messages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now.Add(1)
		defer now.Add(-1)
		messages.ServeHTTP(w, r)
	})
	s := serveHTTP(t, h)
	e := s.open(t)
	for range 3 {
		e.tell(t, s, call("1", "slow", "tag", "one")) // an id that is used again is the client's affair
		receive(t, f.entered, "the call to begin")
	}
	e.tell(t, s, call(`"b"`, "slow", "tag", "two"))
	receive(t, f.entered, "the call to begin")
	require.EqualValues(t, 4, now.Load())
	e.tell(t, s, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	e.tell(t, s, call("12345678901234567890", "echo", "text", "hello"))
	require.Contains(t, receive(t, e.events, "the answer"), "hello", "nothing waits for the others")
	e.tell(t, s, `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"no_such_tool"}}`)
	require.Contains(t, receive(t, e.events, "the answer"), "no_such_tool")
	require.Eventually(t, func() bool { return now.Load() == 4 }, patience, time.Millisecond)
	for range 4 {
		f.release <- struct{}{}
		require.Contains(t, receive(t, e.events, "the answer"), "released")
	}
	require.Eventually(t, func() bool { return now.Load() == 0 }, patience, time.Millisecond)
}

// What would listen on a stream of its own would go on for ever: the library
// gives such a message nothing that ends.
func TestAStreamTakesNoSubscription(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t)
	e.tell(t, s, initialize("1"))
	require.Contains(t, receive(t, e.events, "the greeting"), "serverInfo")
	before := runtime.NumGoroutine()
	listen := `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernMeta + `}}`
	status, _, text := s.exchange(t, http.MethodPost, e.messages, listen)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "no subscriptions")
	e.tell(t, s, call("1", "echo", "text", "hello"))
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
	noneLeft(t, before)
	f.AddTool(mcp.NewTool("another"), nil)
	require.Contains(t, receive(t, e.events, "the news"), "notifications/tools/list_changed", "who greeted gets it unasked")
}

func TestMalformedMessagesOfAStream(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t)
	for _, body := range []string{"", "{", "[]", `"text"`, "null", `{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`, `{"jsonrpc":"2.0","id":[1],"method":"ping"}`, `{"jsonrpc":"2.0","id":true,"method":"ping"}`} {
		status, _, _ := s.exchange(t, http.MethodPost, e.messages, body)
		require.Equal(t, http.StatusBadRequest, status, body)
	}
	resp, err := s.send(t, t.Context(), http.MethodPost, e.messages, call("1", "echo", "text", "hello"))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
}
