package retool_test

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

var deletion = tools.Request{Method: http.MethodDelete, Path: "/groups/1"}

var twice = retool.RetrySemantics{Idempotent: true}

func TestMaxRetries(t *testing.T) {
	for _, most := range []int{1, 2, 3, 5} {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, failing(503))
			began := time.Now()
			_, err := w.client(t, retries(most), timeout(time.Hour)).Do(t.Context(), get("/users"))
			failure := statusError(t, err)
			require.EqualValues(t, most+1, w.served.Load())
			require.Equal(t, most, failure.Retries)
			require.Equal(t, time.Since(began).Round(time.Millisecond), failure.Waited)
			after := "after " + strconv.Itoa(most) + " retries"
			if most == 1 {
				after = "after 1 retry"
			}
			require.EqualError(t, err, "HTTP 503 Service Unavailable: \"failed on purpose\" ("+after+")")
		})
	}
}

func TestResponseCountsRetries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, inTurn(responses{failing(502), cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), failing(429), fine}))
		began := time.Now()
		answer, err := w.client(t, retries(3)).Do(t.Context(), get("/users"))
		require.NoError(t, err)
		require.Equal(t, 3, answer.Retries)
		require.Equal(t, time.Since(began).Round(time.Millisecond), answer.Waited)
		require.Equal(t, `{"success":true}`, string(answer.Body))
	})
}

// Each attempt fails in its own way, and the last failure decides on a retry.
func TestWriteIsRetriedUntilItMayHaveTakenEffect(t *testing.T) {
	tests := map[string]struct {
		tries responses
		says  string
		doubt bool
		safe  bool
	}{
		"then it was cut off":        {responses{failing(429), cut("")}, "the write may have taken effect", true, false},
		"then the gateway was lost":  {responses{failing(429), failing(502)}, "HTTP 502 Bad Gateway: \"failed on purpose\" (after 1 retry)", false, false},
		"then there was no response": {responses{failing(429), hang}, "the write may have taken effect", true, false},
		"then it was rejected":       {responses{failing(429), failing(400)}, "HTTP 400 Bad Request: \"failed on purpose\" (after 1 retry)", false, false},
		"then it was rate limited":   {responses{failing(429), failing(429, "Retry-After", "100")}, "HTTP 429", false, true},
		"then its response was cut":  {responses{failing(429), cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")}, "the write may have taken effect", true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, inTurn(append(test.tries, fine)))
				_, err := w.client(t, retries(3), timeout(10*time.Second)).Do(t.Context(), post("/groups", "{}"))
				require.ErrorContains(t, err, test.says)
				require.ErrorContains(t, err, "after 1 retry")
				require.EqualValues(t, 2, w.served.Load())
				require.Equal(t, test.doubt, kind(t, err) == "cut_off" || kind(t, err) == "timeout")
			})
		})
	}
}

// The deadline comes while a rejected write waits for its retry: it certainly had
// no effect.
func TestRejectedWriteHasNoEffect(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, failing(429, "Retry-After", "20"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := w.client(t, retries(3)).Do(ctx, post("/groups", "{}"))
		failure := transportError(t, err, retool.Canceled)
		require.True(t, failure.NoEffect)
		require.Equal(t, time.Second, failure.Waited)
		require.NotContains(t, err.Error(), "taken effect")
	})
}

func TestRetrySendsWholeBody(t *testing.T) {
	var bodies []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bodies = append(bodies, string(body)); len(bodies) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	answer, err := newClient(t, server.URL, retries(2)).DoWith(t.Context(),
		tools.Request{Method: "PUT", Path: "/groups/1", Body: []byte(`{"name":"ops"}`)}, twice)
	require.NoError(t, err)
	require.Equal(t, 2, answer.Retries)
	require.Equal(t, []string{`{"name":"ops"}`, `{"name":"ops"}`, `{"name":"ops"}`}, bodies)
}

// A deletion without a response whose retry finds nothing has succeeded.
func TestRetriedDeletionFindsNothing(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", htmlType)
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<html><title>Not here</title>")
	}
	tests := map[string]struct {
		request   tools.Request
		semantics retool.RetrySemantics
		tries     []http.HandlerFunc
		gone      bool
	}{
		"after a lost connection":     {deletion, twice, responses{cut(""), failing(404)}, true},
		"after a gateway lost it":     {deletion, twice, responses{failing(502), failing(404)}, true},
		"after two":                   {deletion, twice, responses{cut(""), failing(503), failing(404)}, true},
		"after a later rate limit":    {deletion, twice, responses{cut(""), failing(429), failing(404)}, true},
		"after a third party's limit": {deletion, retool.RetrySemantics{Idempotent: true, ThirdParty: true}, responses{failing(429), failing(404)}, true},
		"at once":                     {deletion, twice, responses{failing(404)}, false},
		"after a rate limit":          {deletion, twice, responses{failing(429), failing(404)}, false},
		"by a web page":               {deletion, twice, responses{cut(""), page}, false},
		"another status":              {deletion, twice, responses{cut(""), failing(403)}, false},
		"a replacement":               {tools.Request{Method: "PUT", Path: "/groups/1"}, twice, responses{cut(""), failing(404)}, false},
		"a read":                      {get("/groups/1"), retool.RetrySemantics{}, responses{cut(""), failing(404)}, false},
		"a safe DELETE":               {deletion, retool.RetrySemantics{Safe: true}, responses{cut(""), failing(404)}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, inTurn(test.tries))
				answer, err := w.client(t, retries(3)).DoWith(t.Context(), test.request, test.semantics)
				require.EqualValues(t, len(test.tries), w.served.Load())
				if !test.gone {
					require.Equal(t, len(test.tries)-1, statusError(t, err).Retries)
					return
				}
				require.NoError(t, err)
				require.Equal(t, http.StatusNoContent, answer.Status)
				require.Empty(t, answer.Body)
				require.Equal(t, len(test.tries)-1, answer.Retries)
				require.Contains(t, answer.Note, "the object is gone")
			})
		})
	}
	t.Run("after a refused connection", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, failing(404))
			dials := 0
			client := w.client(t, retries(3), func(o *retool.Options) {
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if dials++; dials == 1 {
						return nil, &net.OpError{Op: "dial", Net: network, Err: io.EOF}
					}
					return w.Dial(ctx, network, address)
				}
			})
			_, err := client.DoWith(t.Context(), deletion, twice)
			require.Equal(t, 1, statusError(t, err).Retries)
		})
	})
}

// An HTTP/2 server resets a stream where one of HTTP/1 closes the connection.
func TestHTTP2StreamReset(t *testing.T) {
	for method, want := range map[string]int32{"GET": 2, "POST": 1} {
		var served atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if served.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		_, err := newClient(t, server.URL, retries(1), trusting(server)).Do(t.Context(), tools.Request{Method: method, Path: "/a"})
		require.Equal(t, want, served.Load(), method)
		require.Equal(t, want == 2, err == nil, method)
	}
}

// A server may close an idle connection just when a request is sent on it.
func TestIdleConnectionClosedByServer(t *testing.T) {
	for method, want := range map[string]int32{"PUT": 3, "POST": 2} {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, inTurn(responses{fine, cut(""), fine}))
			client := w.client(t, retries(1))
			for range 2 {
				_, _ = client.DoWith(t.Context(), tools.Request{Method: method, Path: "/a", Body: []byte("{}")}, twice)
			}
			require.Equal(t, want, w.served.Load(), method)
		})
	}
}

// If Options.Wrap hides how far a request got, it is not retried.
func TestUnknownProgressIsNotRetried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tries := 0
		client := newClient(t, "http://retool.internal", retries(3), func(o *retool.Options) {
			o.Wrap = func(http.RoundTripper) http.RoundTripper {
				return roundTrip(func(*http.Request) (*http.Response, error) {
					tries++
					return nil, &net.OpError{Op: "dial", Err: io.EOF}
				})
			}
		})
		_, err := client.DoWith(t.Context(), deletion, twice)
		transportError(t, err, retool.Refused)
		require.Equal(t, 1, tries)
	})
}

// A panic in Options.Wrap releases the slot and does not block the circuit
// breaker.
func TestPanicReleasesSlotAndBreaker(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, inTurn(responses{failing(503), fine}))
		panics := false
		client := w.client(t, func(o *retool.Options) {
			o.MaxConcurrent, o.Breaker = 1, retool.CircuitBreaker{Failures: 1, Pause: time.Second}
			o.Wrap = func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					if panics {
						panic("a fault")
					}
					return next.RoundTrip(r)
				})
			}
		})
		_, err := client.Do(t.Context(), get("/users"))
		require.Error(t, err)
		time.Sleep(time.Second)
		panics = true
		require.Panics(t, func() { _, _ = client.Do(t.Context(), get("/users")) })
		panics = false
		_, err = client.Do(t.Context(), get("/users"))
		require.NoError(t, err)
	})
}

// Connections to a stopped server are refused; a call that started meanwhile
// succeeds when the server is back.
func TestRestartedServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	var taken error
	var back sync.WaitGroup
	back.Go(func() {
		time.Sleep(50 * time.Millisecond)
		if listener, taken = net.Listen("tcp", address); taken == nil {
			serveOn(t, listener, fine)
		}
	})
	client := newClient(t, "http://"+address, retries(8), func(o *retool.Options) { o.RootCAs = x509.NewCertPool() })
	answer, err := client.Do(t.Context(), post("/groups", "{}"))
	back.Wait()
	if taken != nil {
		t.Skip("somebody else took the port")
	}
	require.NoError(t, err)
	require.Equal(t, 200, answer.Status)
}
