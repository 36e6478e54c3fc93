package retool_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func TestRateLimitPerToken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen requests
		client := serveInProcess(t, seen.note).client(t, perMinute(60, 2), timeout(3*time.Second))
		// A client for each call, as in the server: only the token counts.
		clients := map[string]func() *retool.Client{
			"own":           func() *retool.Client { return client },
			"own, as":       func() *retool.Client { return client.WithToken(canary) },
			"own, by other": func() *retool.Client { return client.WithToken("retool_a").WithToken(" " + canary + "\n") },
			"a":             func() *retool.Client { return client.WithToken("retool_a") },
			"b":             func() *retool.Client { return client.WithToken("retool_b") },
		}
		call := func(name string) string {
			_, err := clients[name]().Do(t.Context(), get("/"+name[:1]))
			return kind(t, err)
		}
		var refused []string
		var mu sync.Mutex
		var calls sync.WaitGroup
		for name := range clients {
			for range 10 {
				calls.Go(func() {
					if call(name) == string(retool.RateLimited) {
						mu.Lock()
						refused = append(refused, name[:1])
						mu.Unlock()
					}
				})
			}
		}
		calls.Wait()
		count := func(of []string, what string) int {
			return len(of) - len(slices.DeleteFunc(slices.Clone(of), func(s string) bool { return s == what }))
		}
		for _, token := range []string{"o", "a", "b"} {
			require.Equal(t, 4, count(seen.paths, token), token) // 2 at once, one after 1 s, one after 2 s
		}
		require.Equal(t, 26, count(refused, "o"))
		require.Equal(t, 6, count(refused, "a"))
	})
}

// Many tokens neither displace waiting calls nor are refused.
func TestManyTokensKeepWaitingCalls(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen requests
		client := serveInProcess(t, seen.note).client(t, perMinute(60, 1), timeout(10*time.Second))
		var calls sync.WaitGroup
		ask := func(n int) {
			for range n {
				calls.Go(func() {
					_, err := client.Do(t.Context(), get("/own"))
					require.NoError(t, err)
				})
			}
			synctest.Wait()
		}
		ask(5)
		time.Sleep(time.Millisecond) // all others come later
		for i := range 3000 {
			require.Zero(t, took(func() {
				_, err := client.WithToken("retool_"+strconv.Itoa(i)).Do(t.Context(), get("/others"))
				require.NoError(t, err)
			}))
		}
		ask(3) // behind those that wait
		calls.Wait()
		require.Len(t, seen.times, 3008)
		var own []time.Time
		for i, path := range seen.paths {
			if path == "own" {
				own = append(own, seen.times[i])
			}
		}
		require.Len(t, own, 8)
		for i := range own[1:] {
			require.Equal(t, time.Second, own[i+1].Sub(own[i]))
		}
	})
}

// The number of tokens whose requests are counted is bounded: the one used
// longest ago is forgotten first.
func TestTokensAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		client := serveInProcess(t, fine).client(t, perMinute(60, 1), timeout(time.Millisecond))
		counted := func(token int) bool { // whether the limit remembers the token's last request
			time.Sleep(time.Microsecond)
			_, err := client.WithToken("retool_"+strconv.Itoa(token)).Do(t.Context(), get("/a"))
			return kind(t, err) == string(retool.RateLimited)
		}
		for i := range 1024 {
			require.False(t, counted(i))
		}
		require.True(t, counted(0), "1024 are remembered")
		require.False(t, counted(1024))
		require.True(t, counted(0), "it was used later than the next one")
		require.False(t, counted(1), "which is forgotten")
	})
}

// An idle token is forgotten, an active one is not.
func TestIdleTokensAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		client := serveInProcess(t, fine).client(t, perMinute(60, 1), timeout(10*time.Second))
		call := func(token string) time.Duration {
			return took(func() {
				_, err := client.WithToken(token).Do(t.Context(), get("/a"))
				require.NoError(t, err)
			})
		}
		require.Zero(t, call("retool_a"))
		for i := range 10 {
			time.Sleep(61 * time.Second)
			require.Zero(t, call("retool_a"))
			require.Zero(t, call("retool_"+strconv.Itoa(i)), "a new one")
			require.Equal(t, time.Second, call("retool_a"))
		}
	})
}

// A retry takes a turn like any other request; without one in time, the error is
// Retool's.
func TestRetriesCountAsRequests(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var times []time.Time
		w := serveInProcess(t, clocked(&times, failing(503)))
		client := w.client(t, perMinute(6, 1), retries(3), timeout(25*time.Second))
		_, err := client.Do(t.Context(), get("/a"))
		failure := statusError(t, err)
		require.Equal(t, 2, failure.Retries)
		require.Len(t, times, 3)
		require.Equal(t, 10*time.Second, times[1].Sub(times[0]))
		require.Equal(t, 10*time.Second, times[2].Sub(times[1]))
		require.ErrorContains(t, err, "HTTP 503 Service Unavailable: \"failed on purpose\" (after 2 retries; no further retry: the limit of 6 requests per minute allows the next request in")
		require.Contains(t, failure.NotRetried, "RETOOL_MCP_REQUESTS_PER_MINUTE")
	})
}
