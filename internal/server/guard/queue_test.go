package guard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// gate is a handler that tells who came in and lets them go one at a time.
type gate struct {
	in  chan string // the caller's id and the path of each
	out chan struct{}
}

func newGate() gate { return gate{make(chan string, 10_000), make(chan struct{})} }

func (g gate) serve(w http.ResponseWriter, r *http.Request) {
	g.in <- caller.From(r.Context()).ID + r.URL.Path
	select {
	case <-g.out:
		fine(w, r)
	case <-r.Context().Done():
	}
}

func (h testServer) message(id, path string) *http.Request {
	return h.request(http.MethodPost, path, message, "X-Caller: "+id)
}

func TestCallsOfOneCallerRunInOrder(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{MaxCalls: 8, MaxCallsPerCaller: 1, QueueTimeout: soon}, gate.serve)
	first := h.background(h.message("ann", "/1"))
	require.Equal(t, "ann/1", receive(t, gate.in, "the first call"))
	second := h.background(h.message("ann", "/2"))
	h.eventually("the second waits", func(s guard.Stats) bool { return s.CallsWaiting == 1 && s.CallsInFlight == 1 })
	gate.out <- struct{}{}
	require.Equal(t, http.StatusOK, receive(t, first, "the first answer"))
	require.Equal(t, "ann/2", receive(t, gate.in, "the second call"))
	gate.out <- struct{}{}
	require.Equal(t, http.StatusOK, receive(t, second, "the second answer"))
}

// One who sends many calls delays another by one call, and not by all of them.
func TestCallersTakeTurns(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{MaxCalls: 1, QueueTimeout: soon}, gate.serve)
	sent := []string{"ann/1", "ann/2", "ann/3", "ann/4", "bob/1", "bob/2", "cid/1"}
	var answers []<-chan int
	for i, name := range sent {
		answers = append(answers, h.background(h.message(name[:3], name[3:])))
		h.eventually("it waits or runs", func(s guard.Stats) bool { return s.CallsInFlight == 1 && s.CallsWaiting == i })
	}
	var order []string
	for range sent {
		order = append(order, receive(t, gate.in, "a call"))
		gate.out <- struct{}{}
	}
	require.Equal(t, []string{"ann/1", "ann/2", "bob/1", "cid/1", "ann/3", "bob/2", "ann/4"}, order)
	for _, status := range answers {
		require.Equal(t, http.StatusOK, receive(t, status, "an answer"))
	}
}

// A caller at their limit does not stand in the way of those behind.
func TestCallerLimitDoesNotBlockOthers(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{MaxCalls: 2, MaxCallsPerCaller: 1, QueueTimeout: soon}, gate.serve)
	answers := []<-chan int{h.background(h.message("ann", "/1"))}
	require.Equal(t, "ann/1", receive(t, gate.in, "the first"))
	answers = append(answers, h.background(h.message("ann", "/2")))
	h.eventually("it waits", func(s guard.Stats) bool { return s.CallsWaiting == 1 })
	answers = append(answers, h.background(h.message("bob", "/1")))
	require.Equal(t, "bob/1", receive(t, gate.in, "the call of another"))
	close(gate.out)
	for _, status := range answers {
		require.Equal(t, http.StatusOK, receive(t, status, "an answer"))
	}
}

func TestCanceledCallLeavesTheQueue(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		t.Run(name, func(t *testing.T) {
			gate := newGate()
			h := begin(t, guard.Options{MaxCalls: 1, QueueTimeout: time.Hour}, gate.serve)
			first := h.background(h.message("ann", "/1"))
			receive(t, gate.in, "the first call")

			ctx, leave := context.WithCancel(t.Context())
			var gone []<-chan int
			for i := range 20 {
				gone = append(gone, h.background(h.message("caller"+strconv.Itoa(i%5), "/").WithContext(ctx)))
			}
			h.eventually("they wait", func(s guard.Stats) bool { return s.CallsWaiting == 20 })
			last := h.background(h.message("bob", "/last"))
			h.eventually("another waits", func(s guard.Stats) bool { return s.CallsWaiting == 21 })
			leave()
			for _, status := range gone {
				require.Zero(t, receive(t, status, "the end of a request"))
			}
			h.eventually("they left, and nobody else", func(s guard.Stats) bool {
				return s.CallsWaiting == 1 && s.CallsInFlight == 1 && s.Entries == 2+2 // the calls and the bodies of ann and bob
			})
			gate.out <- struct{}{}
			require.Equal(t, http.StatusOK, receive(t, first, "the first answer"))
			require.Equal(t, "bob/last", receive(t, gate.in, "the last call"))
			gate.out <- struct{}{}
			require.Equal(t, http.StatusOK, receive(t, last, "the last answer"))
		})
	}
}

// Whoever disconnects while the call runs gives back its place as well.
func TestCanceledCallIsReleased(t *testing.T) {
	gate := newGate()
	h := start(t, guard.Options{MaxCalls: 1}, gate.serve)
	connection, _ := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	receive(t, gate.in, "the call")
	connection.Close()
	h.eventually("nothing is left", func(s guard.Stats) bool { return s == guard.Stats{} })
}

// A turn may come in the very moment in which the one who waited for it goes.
func TestCancellationRacesWithAdmission(t *testing.T) {
	g, err := guard.New(guard.Options{MaxCalls: 1, QueueTimeout: time.Hour})
	require.NoError(t, err)
	for range 500 {
		done := make(chan struct{})
		calls := g.Limits(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
		ctx, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		call := func(ctx context.Context) {
			group.Go(func() {
				r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(message))
				r.Header.Set("Content-Type", "application/json")
				calls.ServeHTTP(httptest.NewRecorder(), r)
			})
		}
		call(t.Context())
		require.Eventually(t, func() bool { return g.Stats().CallsInFlight == 1 }, soon, 10*time.Microsecond)
		call(ctx)
		require.Eventually(t, func() bool { return g.Stats().CallsWaiting == 1 }, soon, 10*time.Microsecond)
		leave()
		close(done)
		group.Wait()
		require.Equal(t, guard.Stats{}, g.Stats())
	}
}
