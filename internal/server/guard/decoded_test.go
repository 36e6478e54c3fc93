package guard_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// What would take too much memory once decoded is refused before it is, whatever its
// form; what real messages hold is not.
func TestBodiesAreWeighedBeforeTheyAreDecoded(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	kib := func(n int, text string) string { return strings.Repeat(text, n<<10/len(text)) }
	var names, app strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&names, `"k%d":0,`, i)
	}
	for i := 0; app.Len() < 1000<<10; i++ {
		fmt.Fprintf(&app, `{"id":"component%d","type":"TextInput","position":{"row":%d,"col":4},"hidden":false,"value":"{{ query%d.data }}"},`, i, i, i)
	}
	for name, test := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"zeros":                     {`{"a":[` + kib(1000, "0,") + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"zeros and white space":     {`{"a":[` + kib(1000, "0 , ") + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"empty lists":               {`{"a":[` + kib(1000, "[],") + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"empty objects":             {`{"a":[` + kib(1000, "{},") + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"empty texts":               {`{"a":[` + kib(1000, `"",`) + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"one-member objects":        {`{"a":[` + kib(1000, `{"":0},`) + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"zeros before what is none": {`{"a":[` + kib(500, "0,") + kib(500, `"":`), http.StatusRequestEntityTooLarge, "need more memory"},
		"half of it":                {`{"a":[` + kib(300, "0,") + `0]}`, http.StatusRequestEntityTooLarge, "need more memory"},
		"deep lists":                {`{"a":` + strings.Repeat("[", 501) + strings.Repeat("]", 501) + `}`, http.StatusBadRequest, "nested"},
		"deep objects":              {strings.Repeat(`{"a":`, 501) + "0" + strings.Repeat("}", 501), http.StatusBadRequest, "nested"},
		"deep and wide":             {`{"a":` + kib(900, "[[],"), http.StatusBadRequest, "nested"},
		"a text of the full size":   {`{"a":"` + kib(1023, "x") + `"}`, http.StatusOK, ""},
		"a text of escapes":         {`{"a":"` + kib(1000, `\u0041\"[{:,`) + `"}`, http.StatusOK, ""},
		"some nesting":              {strings.Repeat(`{"a":[`, 200) + "0" + strings.Repeat("]}", 200), http.StatusOK, ""},
		"an app":                    {`{"a":[` + app.String() + `0]}`, http.StatusOK, ""},
		"many names":                {"{" + names.String() + `"k":0}`, http.StatusOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := h.send(h.request(http.MethodPost, "/", test.body))
			require.Equal(t, test.status, got.StatusCode, got.text)
			require.Contains(t, got.text, test.says)
			if test.says == "need more memory" {
				require.Contains(t, got.text, "max-body", "the message names the setting")
			}
		})
	}
}

// Large messages wait until there is memory for what is decoded of them, callers take
// turns, and small ones do not wait.
func TestLargeMessagesWaitForMemory(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{QueueTimeout: 200 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			gate.serve(w, r)
			return
		}
		fine(w, r)
	})
	large := func(id string) *http.Request {
		return h.request(http.MethodPost, "/large", `{"a":[`+strings.Repeat("0,", 130_000)+`0]}`, "X-Caller: "+id) // nearly half
	}
	first, second := h.background(large("ann")), h.background(large("bob"))
	receive(t, gate.in, "a large message")
	receive(t, gate.in, "another")
	for id, status := range map[string]int{"ann": http.StatusTooManyRequests, "cid": http.StatusServiceUnavailable} {
		got := h.send(large(id))
		require.Equal(t, status, got.StatusCode, got.text)
		require.Contains(t, got.text, "large messages")
		require.NotEmpty(t, got.Header.Get("Retry-After"))
	}
	for _, id := range []string{"ann", "cid"} {
		require.Equal(t, http.StatusOK, h.post(id).StatusCode, "a small message")
	}
	gate.out <- struct{}{}
	gate.out <- struct{}{}
	require.Equal(t, http.StatusOK, receive(t, first, "an answer"))
	require.Equal(t, http.StatusOK, receive(t, second, "an answer"))
}

// However many send slowly, others can send little.
func TestSlowBodiesLeaveRoomForSmallOnes(t *testing.T) {
	h := start(t, guard.Options{BodyTimeout: soon}, fine)
	for _, id := range []string{"ann", "bob", "cid", "dan"} {
		for range 6 {
			h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Caller: "+id+"\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n", "{"+strings.Repeat(" ", 1<<20-2))
		}
	}
	h.eventually("the quota is used up", func(s guard.Stats) bool { return s.BodyBytes > 15<<20 })
	for _, id := range []string{"ann", "eve"} {
		got := h.send(h.request(http.MethodPost, "/", message+strings.Repeat(" ", 10<<10), "X-Caller: "+id))
		require.Equal(t, http.StatusOK, got.StatusCode, got.text)
	}
	h.CloseClientConnections()
}

// A handler can keep what a request holds beyond its end.
func TestKeep(t *testing.T) {
	var g *guard.Guard
	keeps := make(chan func(), 1)
	h := start(t, guard.Options{MaxCalls: 1, QueueTimeout: 10 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keep" {
			keeps <- g.Keep(r.Context())
		}
		fine(w, r)
	})
	g = h.guard
	require.Equal(t, http.StatusOK, h.send(h.message("ann", "/keep")).StatusCode)
	require.Equal(t, http.StatusServiceUnavailable, h.post("bob").StatusCode)
	require.Equal(t, len(message), g.Stats().BodyBytes)
	(<-keeps)()
	require.Equal(t, http.StatusOK, h.post("bob").StatusCode)
	g.Keep(context.Background())()
}

func TestManyHeaderFields(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	for n, status := range map[int]int{50: http.StatusOK, 101: http.StatusRequestHeaderFieldsTooLarge} {
		distinct, same := h.message("ann", "/"), h.message("ann", "/")
		for i := range n {
			distinct.Header.Set(fmt.Sprintf("X-%d", i), "")
			same.Header.Add("X-Same", "")
		}
		require.Equal(t, status, h.send(distinct).StatusCode)
		require.Equal(t, status, h.send(same).StatusCode)
	}
}

// Callers of whom nothing is known share the limits of one, and those whose token is
// accepted have their own.
func TestNewcomersShareOneQuota(t *testing.T) {
	gate := newGate()
	var g *guard.Guard
	checks := make(chan string, 1000)
	o := guard.Options{MaxCalls: 32, MaxCallsPerCaller: 2, MaxStreams: 20, MaxStreamsPerCaller: 3, QueueTimeout: 50 * time.Millisecond}
	o.Known = func(ctx context.Context) {
		id := caller.From(ctx).ID
		checks <- id
		if strings.HasPrefix(id, "honest") {
			g.Accept(id)
		}
	}
	h := start(t, o, gate.serve)
	g = h.guard
	stream := func(id string) *http.Request { return h.request(http.MethodGet, "/", "", "X-Caller: "+id) }
	for i := range 3 {
		h.background(stream(fmt.Sprint("invented", i)))
		receive(t, gate.in, "a stream")
	}
	require.Empty(t, checks, "nothing is asked while there is room")
	for i := range 20 {
		got := h.send(stream(fmt.Sprint("invented too ", i)))
		require.Equal(t, http.StatusTooManyRequests, got.StatusCode)
		require.Equal(t, fmt.Sprint("invented too ", i), receive(t, checks, "a check"))
	}
	h.background(stream("honest and new"))
	require.Equal(t, "honest and new/", receive(t, gate.in, "a stream"))
	require.Equal(t, "honest and new", receive(t, checks, "a check"))

	g.Accept("honest and known")
	h.background(stream("honest and known"))
	require.Equal(t, "honest and known/", receive(t, gate.in, "a stream"))
	require.Empty(t, checks)

	for i := range 2 { // a sixteenth of the calls
		h.background(h.message(fmt.Sprint("invented", i), "/"))
		receive(t, gate.in, "a call")
	}
	require.Equal(t, http.StatusTooManyRequests, h.post("invented too").StatusCode)
	h.background(h.message("honest and known", "/call"))
	require.Equal(t, "honest and known/call", receive(t, gate.in, "a call"))
	require.Equal(t, "newcomers", g.Share(caller.With(t.Context(), caller.Caller{ID: "invented"})))
	require.Equal(t, "honest and known", g.Share(caller.With(t.Context(), caller.Caller{ID: "honest and known"})))

	g.Reject("honest and known")
	require.Equal(t, http.StatusTooManyRequests, h.post("honest and known").StatusCode)
	close(gate.out)
	h.CloseClientConnections()
}
