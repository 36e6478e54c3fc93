package retool_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func breaker(failures int, pause time.Duration) func(*retool.Options) {
	return func(o *retool.Options) { o.Breaker = retool.CircuitBreaker{Failures: failures, Pause: pause} }
}

// What shows that the instance is failing, and what does not.
func TestWhatOpensTheBreaker(t *testing.T) {
	all := failureCases(t)
	gone, unknown, silent := all["connection refused"].dial, all["unknown host"].dial, all["connection timeout"].dial
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		dial   func(context.Context) (net.Conn, error)
		last   string // in the words of the error; empty if it stays closed
	}{
		"502":                    {answer: failing(502), last: "HTTP 502"},
		"503":                    {answer: failing(503), last: "HTTP 503"},
		"504":                    {answer: failing(504), last: "HTTP 504"},
		"no response":            {answer: cut(""), last: "a lost connection"},
		"half a response":        {answer: cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), last: "a lost connection"},
		"no response in time":    {answer: hang, last: "no response in time"},
		"connection refused":     {dial: gone, last: "no connection"},
		"unknown host":           {dial: unknown, last: "an unknown host name"},
		"connection timeout":     {dial: slowly(silent), last: "no response in time"},
		"200":                    {answer: fine},
		"400":                    {answer: failing(400)},
		"401":                    {answer: failing(401)},
		"404":                    {answer: failing(404)},
		"429":                    {answer: failing(429)},
		"500":                    {answer: failing(500)},
		"a redirect":             {answer: failing(302, "Location", "http://elsewhere.invalid")},
		"response too large":     {answer: cut("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")},
		"not HTTP":               {answer: cut("SSH-2.0\r\n")},
		"a response that stalls": {answer: stall},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, test.answer)
				dials := 0
				client := w.client(t, breaker(3, time.Minute), timeout(30*time.Second), func(o *retool.Options) {
					o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
						dials++
						if test.dial != nil {
							return test.dial(ctx)
						}
						return w.Dial(ctx, network, address)
					}
				})
				began := time.Now()
				for range 3 {
					_, err := client.Do(t.Context(), post("/a", "{}"))
					require.NotEqual(t, string(retool.Paused), kind(t, err))
				}
				sent, dialled := w.served.Load(), dials
				_, err := client.WithToken("retool_other").Do(t.Context(), post("/a", "{}"))
				if test.last == "" {
					require.NotEqual(t, string(retool.Paused), kind(t, err))
					require.Greater(t, w.served.Load(), sent)
					return
				}
				failure := transportError(t, err, retool.Paused)
				require.Equal(t, time.Minute, failure.RetryAfter)
				require.True(t, failure.NoEffect)
				require.Zero(t, failure.Waited, "at once")
				require.Equal(t, sent, w.served.Load())
				require.Equal(t, dialled, dials)
				since := began.Add(time.Since(began) / 3) // when the first of three like ones failed
				require.EqualError(t, err, "Not sent: the instance is failing: no request has succeeded since "+
					since.UTC().Format(time.RFC3339)+", the last failure was "+test.last+"; it is tested again at "+
					time.Now().Add(time.Minute).UTC().Format(time.RFC3339)+", retry in 1m0s")
			})
		})
	}
}

// slowly delays a dialer.
func slowly(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		time.Sleep(20 * time.Second)
		return dial(ctx)
	}
}

// stall starts a response and does not end it.
func stall(w http.ResponseWriter, r *http.Request) {
	fine(w, r)
	_ = http.NewResponseController(w).Flush()
	hang(w, r)
}

func TestBreakerCountsInARow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		bad := failing(503)
		w := serveInProcess(t, inTurn(responses{bad, bad, fine, bad, bad, failing(404), bad, bad, failing(429), bad, bad, bad, fine}))
		client := w.client(t, breaker(3, time.Minute))
		for range 12 {
			_, err := client.Do(t.Context(), get("/a"))
			require.NotEqual(t, string(retool.Paused), kind(t, err))
		}
		_, err := client.Do(t.Context(), get("/a"))
		transportError(t, err, retool.Paused)
	})
}

// Canceled calls and short deadlines show nothing about the instance.
func TestBreakerIgnoresShortDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, hang)
		client := w.client(t, breaker(1, time.Minute))
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := client.Do(ctx, get("/a"))
			transportError(t, err, retool.Timeout)
			cancel()
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(40*time.Second, cancel)
			_, err = client.Do(ctx, get("/a"))
			transportError(t, err, retool.Canceled)
		}
		require.EqualValues(t, 6, w.served.Load())
	})
}

func TestBreakerTestsTheInstance(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		slow := func(then http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second)
				then(w, r)
			}
		}
		w := serveInProcess(t, inTurn(responses{failing(503), failing(503), slow(failing(503)), slow(hang), slow(fine), fine}))
		client := w.client(t, breaker(2, 10*time.Second), timeout(time.Minute))
		for range 2 {
			_, err := client.Do(t.Context(), get("/a"))
			statusError(t, err)
		}
		since := time.Now().UTC().Format(time.RFC3339)
		refused := func(wait time.Duration) {
			t.Helper()
			served := w.served.Load()
			_, err := client.Do(t.Context(), get("/a"))
			failure := transportError(t, err, retool.Paused)
			require.Equal(t, wait, failure.RetryAfter)
			require.ErrorContains(t, err, "since "+since)
			require.Equal(t, wait == 0, strings.Contains(err.Error(), "one call is testing it now, retry in a few seconds"))
			require.Equal(t, served, w.served.Load())
		}
		refused(10 * time.Second)
		time.Sleep(9 * time.Second)
		refused(time.Second)
		time.Sleep(time.Second)

		// A test that fails, and other calls during it.
		var calls sync.WaitGroup
		probe := func(ctx context.Context, want string) {
			t.Helper()
			calls.Go(func() {
				_, err := client.WithToken("retool_any").Do(ctx, get("/a"))
				require.Equal(t, want, kind(t, err))
			})
			synctest.Wait()
			for range 5 {
				refused(0)
			}
		}
		probe(t.Context(), "Service Unavailable")
		calls.Wait()
		refused(10 * time.Second)
		time.Sleep(10 * time.Second)

		// A canceled test shows nothing, and the next call tests again.
		ctx, cancel := context.WithCancel(t.Context())
		probe(ctx, string(retool.Canceled))
		cancel()
		calls.Wait()
		time.Sleep(time.Second) // the server is still at it

		// A test that gets a response.
		probe(t.Context(), "")
		calls.Wait()
		callAll(t, 20, func(int) {
			_, err := client.Do(t.Context(), get("/a"))
			require.NoError(t, err)
		})
		require.EqualValues(t, 25, w.served.Load())
	})
}

// Requests that began before the breaker opened do not count afterwards.
func TestBreakerIgnoresOutdatedOutcomes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		late := func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Minute)
			failing(503)(w, r)
		}
		w := serveInProcess(t, inTurn(responses{late, late, late, failing(503), failing(503), fine}))
		client := w.client(t, breaker(2, 10*time.Second), timeout(time.Hour))
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() { _, _ = client.Do(t.Context(), get("/a")) })
		}
		synctest.Wait()
		for range 2 {
			_, _ = client.Do(t.Context(), get("/a"))
		}
		_, err := client.Do(t.Context(), get("/a"))
		transportError(t, err, retool.Paused)
		time.Sleep(10 * time.Second)
		_, err = client.Do(t.Context(), get("/a"))
		require.NoError(t, err)
		calls.Wait()
		_, err = client.Do(t.Context(), get("/a"))
		require.NoError(t, err, "three late failures do not count")
	})
}

// Retries end when the breaker opens; the error is Retool's.
func TestBreakerEndsRetries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, failing(503))
		_, err := w.client(t, breaker(2, time.Minute), retries(10)).Do(t.Context(), get("/a"))
		failure := statusError(t, err)
		require.Equal(t, 1, failure.Retries)
		require.EqualValues(t, 2, w.served.Load())
		require.ErrorContains(t, err, "HTTP 503 Service Unavailable: \"failed on purpose\" (after 1 retry; no further retry: the instance is failing: no request has succeeded since")
	})
}

// Queued calls are not sent once the breaker opens, and release their slots.
func TestBreakerStopsTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			failing(503)(w, r)
		})
		client := w.client(t, breaker(2, time.Minute), concurrent(2, 100))
		kinds := make(chan string, 50)
		require.LessOrEqual(t, took(func() {
			callAll(t, 50, func(int) {
				_, err := client.Do(t.Context(), get("/a"))
				kinds <- kind(t, err)
			})
		}), 2*time.Second)
		close(kinds)
		count := map[string]int{}
		for k := range kinds {
			count[k]++
		}
		// A third may take the slot of the first before the second has failed.
		sent := int(w.served.Load())
		require.Contains(t, []int{2, 3}, sent)
		require.Equal(t, map[string]int{"Service Unavailable": sent, string(retool.Paused): 50 - sent}, count)
	})
}

// A refused call neither waits nor takes a turn.
func TestBreakerRefusesBeforeTheQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, inTurn(responses{failing(503), after(time.Second), fine}))
		client := w.client(t, breaker(1, 5*time.Second), perMinute(6, 2))
		_, err := client.Do(t.Context(), get("/a"))
		statusError(t, err)
		require.Zero(t, took(func() {
			for range 10 {
				_, err := client.Do(t.Context(), get("/a"))
				transportError(t, err, retool.Paused)
			}
		}))
		time.Sleep(5 * time.Second)
		require.Equal(t, time.Second, took(func() {
			callAll(t, 3, func(i int) {
				require.LessOrEqual(t, took(func() {
					_, err := client.Do(t.Context(), get("/a"))
					require.Equal(t, i > 0, kind(t, err) == string(retool.Paused), "all but the one that tests the instance")
				}), time.Second)
			})
		}))
	})
}

// Messages to one caller are not shown to another.
func TestBreakerDoesNotRepeatMessages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no upstream for "+r.Header.Get("Authorization")+" at "+r.URL.Path, http.StatusServiceUnavailable)
		})
		client := w.client(t, breaker(1, time.Minute))
		_, err := client.Do(t.Context(), get("/secrets/of/one"))
		require.ErrorContains(t, err, "/secrets/of/one")
		_, err = client.WithToken("retool_other").Do(t.Context(), get("/a"))
		transportError(t, err, retool.Paused)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), canary)
	})
}
