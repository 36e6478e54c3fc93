package retool_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func concurrent(most, waiting int) func(*retool.Options) {
	return func(o *retool.Options) { o.MaxConcurrent, o.MaxWaiting = most, waiting }
}

// All tokens share the slots, first come first served.
func TestMaxConcurrent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen requests
		var now, most atomic.Int32
		w := serveInProcess(t, func(w http.ResponseWriter, r *http.Request) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			after(time.Second)(w, r)
			now.Add(-1)
			seen.note(w, r)
		})
		client := w.client(t, concurrent(4, 100), timeout(time.Hour))
		require.Equal(t, 10*time.Second, took(func() {
			callAll(t, 40, func(i int) {
				_, err := client.WithToken("retool_"+strconv.Itoa(i%3)).Do(t.Context(), get("/"+strconv.Itoa(i)))
				require.NoError(t, err)
			})
		}))
		require.EqualValues(t, 4, most.Load())
		for second := range 10 {
			of := map[string]bool{}
			for _, path := range seen.paths[4*second : 4*second+4] {
				of[path] = true
			}
			for i := range 4 {
				require.Contains(t, of, strconv.Itoa(4*second+i))
			}
		}
	})
}

func TestMaxWaiting(t *testing.T) {
	for name, test := range map[string]struct{ most, waiting, may int }{
		"as set":  {2, 3, 3},
		"default": {2, 0, retool.DefaultMaxWaiting},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, after(time.Second))
				client := w.client(t, concurrent(test.most, test.waiting), timeout(time.Hour))
				for round := 1; round <= 2; round++ { // calls that waited do not count later
					var calls sync.WaitGroup
					for range test.most + test.may {
						calls.Go(func() {
							_, err := client.Do(t.Context(), get("/a"))
							require.NoError(t, err)
						})
					}
					synctest.Wait()
					require.Zero(t, took(func() {
						_, err := client.WithToken("retool_other").Do(t.Context(), post("/a", "{}"))
						failure := transportError(t, err, retool.QueueFull)
						require.True(t, failure.NoEffect)
						require.EqualError(t, err, "Not sent: concurrent requests are limited to 2, and "+strconv.Itoa(test.may)+
							" are waiting, the maximum; retry in a few seconds, or raise --max-concurrent-requests (RETOOL_MCP_MAX_CONCURRENT_REQUESTS)")
					}))
					calls.Wait()
					require.EqualValues(t, round*(test.most+test.may), w.served.Load())
				}
				_, err := client.Do(t.Context(), get("/a"))
				require.NoError(t, err)
			})
		})
	}
}

func TestNoSlotBeforeDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, after(20*time.Second))
		client := w.client(t, concurrent(1, 0), timeout(30*time.Second))
		var calls sync.WaitGroup
		calls.Go(func() { _, err := client.Do(t.Context(), get("/a")); require.NoError(t, err) })
		synctest.Wait()
		// One is canceled and one times out; the last gets the slot.
		calls.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			_, err := client.Do(ctx, get("/a"))
			require.Equal(t, 3*time.Second, transportError(t, err, retool.Canceled).Waited)
		})
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := client.Do(ctx, post("/a", "{}"))
			failure := transportError(t, err, retool.QueueFull)
			require.Equal(t, 5*time.Second, failure.Waited)
			require.ErrorContains(t, err, "Not sent: concurrent requests are limited to 1, and none ended before the deadline; retry in a few seconds")
			require.ErrorContains(t, err, "RETOOL_MCP_MAX_CONCURRENT_REQUESTS")
		})
		synctest.Wait()
		calls.Go(func() {
			_, err := client.Do(t.Context(), get("/a"))
			require.Equal(t, 30*time.Second, transportError(t, err, retool.Timeout).Waited, "it had its slot after 20 s")
		})
		calls.Wait()
		require.EqualValues(t, 2, w.served.Load())
	})
}

// A slot is released whatever happens to the request. A call that waits for a
// retry or for its turn holds none.
func TestSlotsAreReleased(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"success": fine, "failure": failing(400), "cut": cut(""), "no response": hang, "not HTTP": cut("nonsense"),
		"half": cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), "elsewhere": failing(302, "Location", "http://elsewhere.invalid"),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, answer)
				client := w.client(t, concurrent(2, 1), timeout(time.Second))
				for range 10 {
					_, err := client.Do(t.Context(), post("/a", "{}"))
					require.NotEqual(t, string(retool.QueueFull), kind(t, err))
				}
				require.EqualValues(t, 10, w.served.Load())
			})
		})
	}
	t.Run("while waiting", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, inTurn(responses{failing(503, "Retry-After", "30"), fine}))
			client := w.client(t, concurrent(1, 1), retries(1), perMinute(60, 2))
			var calls sync.WaitGroup
			calls.Go(func() { _, err := client.Do(t.Context(), get("/a")); require.NoError(t, err) })
			synctest.Wait()
			require.Zero(t, took(func() { _, err := client.Do(t.Context(), get("/a")); require.NoError(t, err) }))
			calls.Go(func() { _, err := client.Do(t.Context(), get("/a")); require.NoError(t, err) }) // waits for its turn
			synctest.Wait()
			require.Zero(t, took(func() { _, err := client.WithToken("retool_b").Do(t.Context(), get("/a")); require.NoError(t, err) }))
			calls.Wait()
		})
	})
}
