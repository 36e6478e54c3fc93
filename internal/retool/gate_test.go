package retool_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

func allow(f func(method, path string) error) func(*retool.Options) {
	return func(o *retool.Options) { o.Allow = f }
}

var errReadOnly = errors.New("this server reads only (" + canary + ")")

func TestRefusedRequestIsNotSent(t *testing.T) {
	for name, setting := range map[string]func(*retool.Options){
		"alone": func(*retool.Options) {},
		// Options.Wrap comes before Options.Allow.
		"behind a wrapper": func(o *retool.Options) {
			o.Wrap = func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					r = r.Clone(r.Context())
					r.Method = http.MethodPost
					return next.RoundTrip(r)
				})
			}
		},
		"with all the rest": func(o *retool.Options) {
			o.Retries, o.PerMinute, o.MaxConcurrent, o.Breaker.Failures = 3, 60, 1, 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, fine)
				client := w.client(t, setting, allow(func(method, _ string) error {
					if method != http.MethodGet {
						return errReadOnly
					}
					return nil
				}))
				for range 5 {
					require.Zero(t, took(func() {
						_, err := client.DoWith(t.Context(), post("/groups", "{}"), retool.RetrySemantics{Safe: true, Idempotent: true})
						failure := transportError(t, err, retool.Forbidden)
						require.True(t, failure.NoEffect)
						require.EqualError(t, err, "Not sent: this server refuses the request: this server reads only ([access token])")
					}))
				}
				require.Zero(t, w.served.Load())
				_, err := client.Do(t.Context(), get("/groups"))
				if name == "behind a wrapper" {
					transportError(t, err, retool.Forbidden)
					return
				}
				require.NoError(t, err)
			})
		})
	}
}

// A RoundTripper must close the body of every request.
func TestRefusedRequestIsClosed(t *testing.T) {
	closed := false
	client := newClient(t, "https://nothing.invalid", allow(func(string, string) error { return errReadOnly }), func(o *retool.Options) {
		o.Wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				r.Body = closer{r.Body, func() { closed = true }}
				return next.RoundTrip(r)
			})
		}
	})
	_, err := client.Do(t.Context(), post("/groups", "{}"))
	transportError(t, err, retool.Forbidden)
	require.True(t, closed)
}

type closer struct {
	io.Reader
	close func()
}

func (c closer) Close() error { c.close(); return nil }

func TestRefusalWrapsItsCause(t *testing.T) {
	cause := errors.New("no")
	client := newClient(t, "https://nothing.invalid", allow(func(string, string) error { return cause }))
	_, err := client.Do(t.Context(), get("/users"))
	require.ErrorIs(t, err, cause)
	transportError(t, client.CheckHealth(t.Context()), retool.Forbidden)
	_, _, err = client.Document(t.Context(), "")
	transportError(t, err, retool.Forbidden)
	transportError(t, client.CheckToken(t.Context()), retool.Forbidden)
}

// Allow gets the path in the form that tools have.
func TestAllowIsAskedForEveryRequest(t *testing.T) {
	for name, test := range map[string]struct {
		do     func(t *testing.T, c *retool.Client)
		answer http.HandlerFunc
		want   []string
	}{
		"a request": {
			do: func(t *testing.T, c *retool.Client) {
				_, err := c.Do(t.Context(), tools.Request{Method: "DELETE", Path: "/a%2Fb/", Query: "q=1"})
				require.NoError(t, err)
			},
			want: []string{"DELETE /a%2Fb/"},
		},
		"each repeat": {
			do: func(t *testing.T, c *retool.Client) {
				_, err := c.Do(t.Context(), get("/a"))
				require.NoError(t, err)
			},
			answer: inTurn(responses{failing(503), failing(429), fine}),
			want:   []string{"GET /a", "GET /a", "GET /a"},
		},
		"each redirect": {
			do: func(t *testing.T, c *retool.Client) {
				_, err := c.Do(t.Context(), get("/a"))
				require.NoError(t, err)
			},
			answer: inTurn(responses{failing(302, "Location", "b?q=1"), failing(302, "Location", "/api/v2/c"), failing(302, "Location", "//retool.internal/users"), fine}),
			want:   []string{"GET /a", "GET /b", "GET http://retool.internal/api/v2/c", "GET http://retool.internal/users"},
		},
		"the document": {
			do: func(t *testing.T, c *retool.Client) {
				_, _, err := c.Document(t.Context(), "")
				require.NoError(t, err)
			},
			want: []string{"GET /spec"},
		},
		"the health check": {
			do:   func(t *testing.T, c *retool.Client) { require.NoError(t, c.CheckHealth(t.Context())) },
			want: []string{"GET http://retool.internal/sub/api/checkHealth", "GET /info/ip_allowlist"},
		},
		"the token": {
			do:   func(t *testing.T, c *retool.Client) { require.NoError(t, c.CheckToken(t.Context())) },
			want: []string{"GET /info/ip_allowlist"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				answer := test.answer
				if answer == nil {
					answer = fine
				}
				w := serveInProcess(t, answer)
				var asked []string
				client := newClient(t, "http://retool.internal/sub", retries(3), allow(func(method, path string) error {
					asked = append(asked, method+" "+path)
					return nil
				}), func(o *retool.Options) { o.Dial = w.Dial })
				test.do(t, client)
				require.Equal(t, test.want, asked)
				require.EqualValues(t, len(test.want), w.served.Load())
			})
		})
	}
}

// A refused request shows nothing about the instance, even if it was the test of
// the circuit breaker.
func TestRefusalDoesNotTestTheInstance(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, inTurn(responses{failing(503), fine}))
		client := w.client(t, breaker(1, time.Minute), concurrent(1, 1), allow(func(method, _ string) error {
			if method != http.MethodGet {
				return errReadOnly
			}
			return nil
		}))
		_, err := client.Do(t.Context(), get("/a"))
		statusError(t, err)
		time.Sleep(time.Minute)
		_, err = client.Do(t.Context(), post("/a", "{}"))
		transportError(t, err, retool.Forbidden)
		_, err = client.Do(t.Context(), get("/a"))
		require.NoError(t, err)
	})
}

// The health check measures the current state, whatever limits calls.
func TestHealthCheckIgnoresLimits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, failing(503))
		client := w.client(t, breaker(1, time.Hour), perMinute(1, 1), retries(3))
		_, err := client.Do(t.Context(), get("/a"))
		require.Error(t, err)
		for range 5 {
			require.Zero(t, took(func() { require.ErrorContains(t, client.CheckHealth(t.Context()), "status 503") }))
		}
		require.EqualValues(t, 6, w.served.Load())
		transportError(t, client.CheckToken(t.Context()), retool.Paused)
	})
}
