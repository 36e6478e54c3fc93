package retool_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func perMinute(n, burst int) func(*retool.Options) {
	return func(o *retool.Options) { o.PerMinute, o.Burst = n, burst }
}

// requests records the requests to a server and their times.
type requests struct {
	mu    sync.Mutex
	paths []string
	times []time.Time
}

func (l *requests) note(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.paths = append(l.paths, r.URL.Path[len("/api/v2/"):])
	l.times = append(l.times, time.Now())
	l.mu.Unlock()
	fine(w, r)
}

// inOrder fails unless the request /0 came first, then /1 and so on. Requests at
// the same time have no order.
func (l *requests) inOrder(t *testing.T) {
	t.Helper()
	before, highest := 0, 0 // the highest number that came earlier, and by now
	for i, path := range l.paths {
		if i > 0 && l.times[i].After(l.times[i-1]) {
			before = highest
		}
		number, err := strconv.Atoi(path)
		require.NoError(t, err)
		require.GreaterOrEqual(t, number, before, "first come first served")
		highest = max(highest, number)
	}
}

// most returns the maximum number of requests within any span of that length.
func (l *requests) most(span time.Duration) int {
	most := 0
	for i, from := range l.times {
		n := 0
		for _, at := range l.times[i:] {
			if at.Sub(from) < span {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// callAll makes n calls at once. Each starts when the one before is sent or
// waits, so their order is known.
func callAll(t *testing.T, n int, call func(i int)) {
	t.Helper()
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() { call(i) })
		synctest.Wait()
	}
	calls.Wait()
}

func TestRequestsPerMinute(t *testing.T) {
	for name, test := range map[string]struct {
		perMinute, burst int // as set
		calls            int
		atOnce           int
		gap              time.Duration // between those that follow
		whole            time.Duration // until the last
	}{
		"the default":         {300, 0, 300, 45, 200 * time.Millisecond, 255 * 200 * time.Millisecond},
		"no burst":            {60, 1, 60, 1, time.Second, 59 * time.Second},
		"a burst":             {60, 10, 60, 10, time.Second, 50 * time.Second},
		"a whole minute":      {30, 30, 60, 30, 0, time.Minute},
		"more than a minute":  {30, 40, 60, 30, 0, time.Minute},
		"less than the burst": {20, 0, 20, 20, 0, 0},
		"several minutes":     {60, 10, 240, 10, time.Second, 3*time.Minute + 50*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var seen requests
				client := serveInProcess(t, seen.note).client(t, perMinute(test.perMinute, test.burst), timeout(time.Hour))
				began := time.Now()
				callAll(t, test.calls, func(i int) {
					answer, err := client.Do(t.Context(), get("/"+strconv.Itoa(i)))
					require.NoError(t, err)
					require.Equal(t, time.Since(began).Round(time.Millisecond), answer.Waited)
				})
				seen.inOrder(t)
				at := func(i int) time.Duration { return seen.times[i].Sub(began) }
				require.Zero(t, at(test.atOnce-1))
				if test.atOnce < test.calls {
					require.Positive(t, at(test.atOnce))
				}
				if test.gap > 0 {
					require.Equal(t, test.gap, at(test.atOnce))
					require.Equal(t, test.gap, at(test.atOnce+1)-at(test.atOnce))
				}
				require.Equal(t, test.whole, at(test.calls-1))
				require.LessOrEqual(t, seen.most(time.Minute), test.perMinute, "in any minute")
			})
		})
	}
}

// After idle time there is a burst again, and still no minute with too many.
func TestBurstAfterIdleTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen requests
		client := serveInProcess(t, seen.note).client(t, perMinute(60, 10), timeout(time.Hour))
		for _, rest := range []time.Duration{0, 5 * time.Second, 20 * time.Second, 3 * time.Minute, time.Second} {
			time.Sleep(rest)
			callAll(t, 25, func(int) {
				_, err := client.Do(t.Context(), get("/a"))
				require.NoError(t, err)
			})
		}
		require.Len(t, seen.times, 125)
		require.LessOrEqual(t, seen.most(time.Minute), 60)
		require.Equal(t, 10, seen.most(time.Millisecond))
	})
}

func TestTurnAfterDeadlineIsRefusedAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		client, caller time.Duration
	}{
		"for the client": {30 * time.Second, time.Hour},
		"for the caller": {time.Hour, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, fine)
				client := w.client(t, perMinute(30, 1), timeout(test.client))
				ctx, cancel := context.WithTimeout(t.Context(), test.caller)
				defer cancel()
				var calls sync.WaitGroup
				for range 15 { // one at once, the last after 28 s
					calls.Go(func() {
						_, err := client.Do(ctx, get("/a"))
						require.NoError(t, err)
					})
				}
				synctest.Wait()
				for range 3 {
					require.Zero(t, took(func() {
						_, err := client.Do(ctx, post("/a", "{}"))
						failure := transportError(t, err, retool.RateLimited)
						require.EqualError(t, err, "Not sent: the limit of 30 requests per minute allows the next request in 30s, after the deadline in 30s; "+
							"retry in 30s, or raise --requests-per-minute (RETOOL_MCP_REQUESTS_PER_MINUTE)")
						require.Equal(t, 30*time.Second, failure.RetryAfter)
						require.True(t, failure.NoEffect)
					}), "at once")
				}
				calls.Wait()
				require.EqualValues(t, 15, w.served.Load())
			})
		})
	}
}

func TestCanceledCallLeavesTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen requests
		client := serveInProcess(t, seen.note).client(t, perMinute(60, 1), timeout(time.Hour))
		began := time.Now()
		leaving, leave := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, leave)
		contexts := slices.Repeat([]context.Context{t.Context()}, 12)
		for _, i := range []int{4, 6, 8, 10} {
			contexts[i] = leaving
		}
		callAll(t, 12, func(i int) {
			_, err := client.Do(contexts[i], get("/"+strconv.Itoa(i))) //nolint:contextcheck // some leave
			if contexts[i] == leaving {
				failure := transportError(t, err, retool.Canceled)
				require.True(t, failure.NoEffect)
				require.Equal(t, 1500*time.Millisecond, failure.Waited)
				return
			}
			require.NoError(t, err)
		})
		require.Equal(t, []string{"0", "1", "2", "3", "5", "7", "9", "11"}, seen.paths)
		require.Equal(t, 7*time.Second, seen.times[7].Sub(began))
		leave()
		// All waiting calls are canceled: the next one waits no longer than it must.
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(100*time.Millisecond, cancel)
		callAll(t, 5, func(int) {
			_, err := client.Do(ctx, get("/a"))
			transportError(t, err, retool.Canceled)
		})
		_, err := client.Do(t.Context(), get("/last"))
		require.NoError(t, err)
		require.Equal(t, 8*time.Second, time.Since(began))
	})
}

// A canceled call takes no turn.
func TestCanceledCallTakesNoTurn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, fine)
		client := w.client(t, perMinute(60, 1))
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 {
			_, err := client.Do(dead, get("/a"))
			transportError(t, err, retool.Canceled)
		}
		require.Zero(t, took(func() {
			_, err := client.Do(t.Context(), get("/a"))
			require.NoError(t, err)
		}))
		require.EqualValues(t, 1, w.served.Load())
	})
}
