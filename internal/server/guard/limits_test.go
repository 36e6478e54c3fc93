package guard_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

func TestTooManyCalls(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{MaxCalls: 3, MaxCallsPerCaller: 2, QueueTimeout: 50 * time.Millisecond}, gate.serve)
	var running []<-chan int
	for _, id := range []string{"ann", "ann", "bob"} {
		running = append(running, h.background(h.message(id, "/")))
		receive(t, gate.in, "the call")
	}
	require.Equal(t, 3, h.guard.Stats().CallsInFlight)

	got := h.post("ann")
	require.Equal(t, "1", got.Header.Get("Retry-After"))
	h.refused(got, http.StatusTooManyRequests, -32000, "This caller has too many calls at once. Retry later, or raise max-calls-per-caller.")
	for _, id := range []string{"bob", "cid"} {
		got := h.post(id)
		require.Equal(t, "1", got.Header.Get("Retry-After"))
		h.refused(got, http.StatusServiceUnavailable, -32000, "The server has too many calls at once. Retry later, or raise max-calls.")
	}

	close(gate.out)
	for _, status := range running {
		require.Equal(t, http.StatusOK, receive(t, status, "an answer"))
	}
	require.Equal(t, "fine", h.post("ann").text)
}

func TestStreams(t *testing.T) {
	// Two gates: what lets a call go must not let a stream go.
	streams, others := newGate(), newGate()
	h := start(t, guard.Options{MaxStreams: 3, MaxStreamsPerCaller: 2, MaxCalls: 1, QueueTimeout: 10 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			streams.serve(w, r)
			return
		}
		others.serve(w, r)
	})
	stream := func(id string) *http.Request { return h.request(http.MethodGet, "/", "", "X-Caller: "+id) }
	ctx, leave := context.WithCancel(t.Context())
	var open []<-chan int
	for _, id := range []string{"ann", "ann", "bob"} {
		open = append(open, h.background(stream(id).WithContext(ctx)))
		receive(t, streams.in, "the stream")
	}
	require.Equal(t, guard.Stats{Streams: 3, Entries: 2}, h.guard.Stats())

	began := time.Now()
	got := h.send(stream("ann"))
	require.Equal(t, "10", got.Header.Get("Retry-After"))
	h.refused(got, http.StatusTooManyRequests, -32000, "This caller has too many streams at once. Retry later, or raise max-streams-per-caller.")
	got = h.send(stream("cid"))
	require.Equal(t, "10", got.Header.Get("Retry-After"))
	h.refused(got, http.StatusServiceUnavailable, -32000, "The server has too many streams at once. Retry later, or raise max-streams.")
	require.Less(t, time.Since(began), 5*time.Second, "streams do not wait")

	// Calls and streams do not count against each other; other methods not at all.
	call := h.background(h.message("ann", "/"))
	receive(t, others.in, "the call")
	end := h.background(h.request(http.MethodDelete, "/", "", "X-Caller: ann"))
	receive(t, others.in, "the end of a session")
	close(others.out)
	for _, status := range []<-chan int{call, end} {
		require.Equal(t, http.StatusOK, receive(t, status, "an answer"))
	}

	leave()
	for _, status := range open {
		require.Zero(t, receive(t, status, "the end of a stream"))
	}
	h.eventually("the streams are closed", func(s guard.Stats) bool { return s.Streams == 0 })
	again := h.background(stream("ann"))
	receive(t, streams.in, "a new stream")
	close(streams.out)
	require.Equal(t, http.StatusOK, receive(t, again, "an answer"))
}

// counter counts concurrent requests.
type counter struct {
	now, most atomic.Int64
}

func (c *counter) enter() {
	now := c.now.Add(1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
}

func (c *counter) leave() { c.now.Add(-1) }

// A thousand requests at once, of fifty callers, some of whom leave or make the
// handler panic: nobody gets more than their share, and nothing is left.
func TestThousandConcurrentRequests(t *testing.T) {
	const callers, each = 50, 20
	for name, row := range map[string]struct {
		options guard.Options
		patient bool // everybody who stays is served in the end
	}{
		"with time":    {guard.Options{MaxCalls: 16, MaxCallsPerCaller: 2, QueueTimeout: time.Hour, MaxStreams: 8, MaxStreamsPerCaller: 1}, true},
		"without time": {guard.Options{MaxCalls: 16, MaxCallsPerCaller: 2, QueueTimeout: 20 * time.Millisecond, MaxStreams: 8, MaxStreamsPerCaller: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var calls, streams counter
			var perCaller [callers]struct{ calls, streams counter }
			h := start(t, row.options, func(w http.ResponseWriter, r *http.Request) {
				i, err := strconv.Atoi(caller.From(r.Context()).ID)
				if err != nil {
					panic(err)
				}
				all, own := &calls, &perCaller[i].calls
				if r.Method == http.MethodGet {
					all, own = &streams, &perCaller[i].streams
				}
				all.enter()
				own.enter()
				defer all.leave()
				defer own.leave()
				time.Sleep(2 * time.Millisecond)
				if r.URL.Path == "/panic" {
					panic("on purpose")
				}
				fine(w, r)
			})
			var statuses sync.Map
			var group sync.WaitGroup
			for n := range callers * each {
				group.Go(func() {
					method, path, ctx := http.MethodPost, "/", t.Context()
					switch n % 10 {
					case 0:
						path = "/panic"
					case 1:
						method = http.MethodGet
					case 2:
						var leave context.CancelFunc
						ctx, leave = context.WithTimeout(ctx, time.Duration(n%40)*time.Millisecond)
						defer leave()
					}
					answer, err := h.Client().Do(h.request(method, path, message, "X-Caller: "+strconv.Itoa(n/each)).WithContext(ctx))
					if err != nil {
						if ctx.Err() == nil {
							statuses.Store(err.Error(), true)
						}
						return
					}
					_, _ = io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
					late := answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable
					if late && method == http.MethodPost && row.patient {
						statuses.Store("refused in spite of time", true)
					}
					if late && answer.Header.Get("Retry-After") == "" {
						statuses.Store("no Retry-After", true)
					}
					if answer.StatusCode == http.StatusInternalServerError != (path == "/panic") && !late {
						statuses.Store(fmt.Sprint(answer.StatusCode, " for ", path), true)
					}
				})
			}
			group.Wait()
			statuses.Range(func(what, _ any) bool { t.Error(what); return true })
			require.LessOrEqual(t, calls.most.Load(), int64(16))
			require.Greater(t, calls.most.Load(), int64(2), "calls run at once")
			require.LessOrEqual(t, streams.most.Load(), int64(8))
			for i := range perCaller {
				require.LessOrEqual(t, perCaller[i].calls.most.Load(), int64(2))
				require.LessOrEqual(t, perCaller[i].streams.most.Load(), int64(1))
			}
		})
	}
}

// Nothing is kept of a caller who has nothing here any more.
func TestIdleCallersLeaveNoEntries(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	for n := range 500 {
		h.post(strconv.Itoa(n))
		h.send(h.request(http.MethodGet, "/", "", "X-Caller: "+strconv.Itoa(n)))
	}
	h.eventually("nobody is left", func(s guard.Stats) bool { return s.Entries == 0 })
}
