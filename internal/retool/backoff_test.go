package retool_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// clocked records when requests arrive.
func clocked(times *[]time.Time, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*times = append(*times, time.Now())
		then(w, r)
	}
}

// Waits are random below a bound that doubles. With 200 calls, some come near
// both ends of the range.
func TestRetryWaitsGrowAndDiffer(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		bounds []time.Duration
	}{
		"503": {failing(503), []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}},
		"cut": {cut(""), []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}},
		"429": {failing(429), []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var times []time.Time
				client := serveInProcess(t, clocked(&times, test.answer)).client(t, retries(len(test.bounds)), timeout(time.Hour))
				low, high := make([]time.Duration, len(test.bounds)), make([]time.Duration, len(test.bounds))
				for call := range 200 {
					times = nil
					_, err := client.Do(t.Context(), get("/users"))
					require.Error(t, err)
					require.Len(t, times, len(test.bounds)+1)
					for i, bound := range test.bounds {
						wait := times[i+1].Sub(times[i])
						require.Less(t, wait, bound)
						if call == 0 {
							low[i] = wait
						}
						low[i], high[i] = min(low[i], wait), max(high[i], wait)
					}
				}
				for i, bound := range test.bounds {
					require.Less(t, low[i], bound/10)
					require.Greater(t, high[i], bound*9/10)
				}
			})
		})
	}
}

// A retry never comes before the time the server asks for, and not much later. A
// date has no fractions of a second.
func TestRetryAfterIsHonored(t *testing.T) {
	for _, status := range []int{429, 502, 503, 504} {
		for name, test := range map[string]struct {
			header   func() string
			from, to time.Duration
		}{
			"seconds":     {func() string { return "17" }, 17 * time.Second, 19 * time.Second},
			"a minute":    {func() string { return "60" }, time.Minute, 62 * time.Second},
			"a date":      {func() string { return time.Now().Add(17 * time.Second).UTC().Format(http.TimeFormat) }, 16 * time.Second, 19 * time.Second},
			"a past date": {func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) }, 0, 2 * time.Second},
			"nonsense":    {func() string { return "soon" }, 0, 2 * time.Second},
			"nothing":     {func() string { return "" }, 0, 2 * time.Second},
			"negative":    {func() string { return "-3" }, 0, 2 * time.Second},
		} {
			t.Run(strconv.Itoa(status)+"/"+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					w := serveInProcess(t, inTurn(responses{func(w http.ResponseWriter, r *http.Request) {
						failing(status, "Retry-After", test.header())(w, r)
					}, fine}))
					client := w.client(t, retries(1), timeout(time.Hour))
					time.Sleep(300 * time.Millisecond)
					wait := took(func() {
						answer, err := client.Do(t.Context(), get("/users"))
						require.NoError(t, err)
						require.LessOrEqual(t, test.from, answer.Waited)
					})
					require.GreaterOrEqual(t, wait, test.from)
					require.Less(t, wait, test.to)
				})
			})
		}
	}
}

// A wait that would be too long does not start: the call fails at once.
func TestRetryWaitBeyondDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		asked    string
		timeout  time.Duration // the client's
		deadline time.Duration // the caller's
		says     string
	}{
		"past the client's deadline": {"20", 15 * time.Second, time.Hour, "a wait of 20s would exceed the deadline"},
		"past the caller's deadline": {"20", time.Hour, 15 * time.Second, "a wait of 20s would exceed the deadline"},
		"exactly the deadline":       {"20", 20 * time.Second, time.Hour, "a wait of 20s would exceed the deadline"},
		"more than the maximum":      {"61", time.Hour, time.Hour, "the server asks to wait 1m1s, longer than the maximum of 1m0s"},
		"far more":                   {"4294967295", time.Hour, time.Hour, "the server asks to wait 1193046h28m15s, longer than the maximum of 1m0s"},
	} {
		for _, status := range []int{429, 503} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					w := serveInProcess(t, failing(status, "Retry-After", test.asked))
					ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
					defer cancel()
					require.Zero(t, took(func() {
						_, err := w.client(t, retries(3), timeout(test.timeout)).Do(ctx, get("/users"))
						failure := statusError(t, err)
						require.Equal(t, test.says, failure.NotRetried)
						require.Equal(t, test.asked, strconv.Itoa(int(failure.RetryAfter.Seconds())), "the caller may wait")
						require.ErrorContains(t, err, " (not retried: "+test.says+")")
					}))
					require.EqualValues(t, 1, w.served.Load())
				})
			})
		}
	}
	t.Run("after some retries", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, inTurn(responses{failing(503), failing(503), failing(503, "Retry-After", "30")}))
			_, err := w.client(t, retries(5), timeout(20*time.Second)).Do(t.Context(), get("/users"))
			require.ErrorContains(t, err, "failed on purpose\" (after 2 retries; no further retry: a wait of 30s would exceed the deadline)")
		})
	})
}

// If the time that the server asks for fits, jitter must not exceed the deadline.
func TestJitterStaysWithinDeadline(t *testing.T) {
	for range 50 {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, inTurn(responses{failing(429, "Retry-After", "10"), fine}))
			require.Less(t, took(func() {
				_, err := w.client(t, retries(1), timeout(10*time.Second+50*time.Millisecond)).Do(t.Context(), get("/users"))
				require.NoError(t, err)
			}), 10*time.Second+50*time.Millisecond)
		})
	}
}

// No call exceeds its deadline, however long the server is down.
func TestCallsEndAtTheirDeadline(t *testing.T) {
	for _, answer := range (responses{failing(429), failing(503), cut(""), hang, after(900 * time.Millisecond)}) {
		for range 20 {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, inTurn(responses{failing(503), answer}))
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				defer cancel()
				require.LessOrEqual(t, took(func() {
					_, _ = w.client(t, retries(100)).Do(ctx, get("/users"))
				}), 1500*time.Millisecond)
			})
		}
	}
}

func TestCancellationEndsRetryWait(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, failing(503, "Retry-After", "30"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(7*time.Second, cancel)
		require.Equal(t, 7*time.Second, took(func() {
			_, err := w.client(t, retries(3)).DoWith(ctx, deletion, twice)
			failure := transportError(t, err, retool.Canceled)
			require.ErrorIs(t, err, context.Canceled)
			require.False(t, failure.NoEffect)
			require.ErrorContains(t, err, "canceled after 7s: the write may have taken effect")
		}))
		require.EqualValues(t, 1, w.served.Load())
	})
}
