package server_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
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
	resp, err := s.send(ctx, http.MethodGet, "/sse", "", pairs...) //nolint:bodyclose // closed below, once it has been read
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e := &eventStream{events: eventsIn(resp.Body), leave: cancel}
	e.messages = receive(t, e.events, "the place for messages")
	return e
}

// eventsIn is the data of each event of a stream, until it ends.
func eventsIn(stream io.ReadCloser) chan string {
	events := make(chan string, 1000)
	go func() {
		defer stream.Close()
		defer close(events)
		lines := bufio.NewReader(stream)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data:"); ok {
				events <- strings.TrimSpace(data)
			}
		}
	}()
	return events
}

// tell posts a message of the stream.
func (e *eventStream) tell(t testing.TB, s *site, body string, pairs ...string) {
	t.Helper()
	status, _, text := s.exchange(t, http.MethodPost, e.messages, body, pairs...)
	require.Equal(t, http.StatusAccepted, status, text)
	require.Empty(t, text)
}

func TestSSEStreamServesItsOwnerOnly(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t, callerHeader, "ann")
	echo := call("2", "echo", "text", "hello")
	for name, attempt := range map[string]struct{ path, who string }{
		"another caller": {e.messages, "bob"},
		"nobody":         {e.messages, ""},
		"an invented id": {e.messages + "0", "ann"},
		"another id":     {server.MessagesPath + "?sessionId=another", "ann"},
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

func TestEndedSSEStreamLeavesNothing(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	before := runtime.NumGoroutine()
	streams := make([]*eventStream, 20)
	for i := range streams {
		streams[i] = s.open(t)
	}
	require.Equal(t, len(streams), s.SessionCount())
	for i, e := range streams {
		e.tell(t, s, call("1", "slow", "tag", "a call that nobody waits for any more"))
		receive(t, f.entered, "the call to begin")
		if i%2 == 0 {
			e.leave()
		}
	}
	s.CloseClientConnections()        // and the rest goes without a word
	s.Client().CloseIdleConnections() // those are no good any more
	for range streams {
		receive(t, f.stopped, "the call to be stopped")
	}
	require.Eventually(t, func() bool { return s.SessionCount() == 0 }, maxWait, time.Millisecond)
	status, _, _ := s.exchange(t, http.MethodPost, streams[0].messages, call("1", "echo", "text", "hello"))
	require.Equal(t, http.StatusNotFound, status)
	s.CloseClientConnections()
	noneLeft(t, before)
}

// Newer clients state their version in a header for which the library wants
// others beside it, which they do not send here.
func TestSSEAcceptsHeadersOfModernClients(t *testing.T) {
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

func TestSSEEndpointBehindAProxy(t *testing.T) {
	f := newFixture(t)
	o := way{}.options()
	o.BasePath = "/retool"
	s := serveHTTP(t, server.Transports(f.MCPServer, o))
	require.Regexp(t, `^/retool/messages\?sessionId=[0-9a-f-]{36}$`, s.open(t).messages)
}

// Over this transport a request ends before its call does, so what it holds is kept
// until the answer is written or the stream has ended.
func TestSSEKeepsRequestsUntilTheyAreAnswered(t *testing.T) {
	f := newFixture(t)
	var kept atomic.Int64
	o := way{}.options()
	o.Keep = func(ctx context.Context) (release func()) {
		require.Equal(t, "ann", caller.From(ctx).ID)
		kept.Add(1)
		return func() { kept.Add(-1) }
	}
	s := serveHTTP(t, server.Transports(f.MCPServer, o))
	eventually := func(want int64) {
		t.Helper()
		require.Eventually(t, func() bool { return kept.Load() == want }, time.Minute, time.Millisecond)
	}
	ann := s.open(t, callerHeader, "ann")
	for i := range 3 {
		ann.tell(t, s, call(strconv.Itoa(i), "slow", "tag", "one"), callerHeader, "ann")
		receive(t, f.entered, "the call")
	}
	ann.tell(t, s, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, callerHeader, "ann")
	ann.tell(t, s, `{"jsonrpc":"2.0","id":1,"result":{}}`, callerHeader, "ann")
	require.EqualValues(t, 3, kept.Load(), "what gets no answer ends with its request")
	ann.tell(t, s, request("9", "tools/list"), callerHeader, "ann")
	require.Contains(t, receive(t, ann.events, "the list"), "slow")
	eventually(3)
	f.release <- struct{}{}
	require.Contains(t, receive(t, ann.events, "an answer"), "released")
	eventually(2)
	ann.leave()
	eventually(0)
}

// A client that posts and does not read must not fill the memory.
func TestSSEPendingRequestLimit(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t)
	const most = 100
	for range most {
		e.tell(t, s, call(`"the same id is the client's affair"`, "slow", "tag", "one"))
	}
	for _, id := range []string{"1", "12345678901234567890", `"x"`} {
		status, header, text := s.exchange(t, http.MethodPost, e.messages, call(id, "echo", "text", "hello"))
		require.Equal(t, http.StatusTooManyRequests, status)
		require.NotEmpty(t, header.Get("Retry-After"))
		require.Contains(t, text, `"error"`)
	}
	e.tell(t, s, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	e.tell(t, s, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	f.release <- struct{}{}
	require.Contains(t, receive(t, e.events, "the answer"), "released")
	for _, body := range []string{call("12345678901234567890", "echo", "text", "hello"), call("1.5", "echo", "text", "hello"), call("-0", "none", "text", "hello")} {
		e.tell(t, s, body)
		require.NotEmpty(t, receive(t, e.events, "the answer")) // makes room for the next
	}
}

// What would listen on a stream of its own would go on for ever: the library
// gives such a message nothing that ends.
func TestSSERefusesSubscriptions(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t)
	e.tell(t, s, initialize("1"))
	require.Contains(t, receive(t, e.events, "the greeting"), "serverInfo")
	before := runtime.NumGoroutine()
	listen := `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernMeta + `}}`
	e.tell(t, s, listen)
	require.Contains(t, receive(t, e.events, "the refusal"), `"id":1,"error":{"code":-32601,"message":"This transport has no subscriptions`)
	e.tell(t, s, call("1", "echo", "text", "hello"))
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
	noneLeft(t, before)
	f.AddTool(mcp.NewTool("another"), nil)
	require.Contains(t, receive(t, e.events, "the news"), "notifications/tools/list_changed", "who greeted gets it unasked")
}

func TestSSEMalformedMessages(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{sse: true})
	e := s.open(t)
	for _, body := range []string{"", "{", "[]", `"text"`, "null", `{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`, `{"jsonrpc":"2.0","id":[1],"method":"ping"}`, `{"jsonrpc":"2.0","id":true,"method":"ping"}`} {
		status, _, _ := s.exchange(t, http.MethodPost, e.messages, body)
		require.Equal(t, http.StatusBadRequest, status, body)
	}
	resp, err := s.send(t.Context(), http.MethodPost, e.messages, call("1", "echo", "text", "hello"))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, receive(t, e.events, "the answer"), "hello")
}
