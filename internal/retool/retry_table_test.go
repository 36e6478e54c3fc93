package retool_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// requestFilter says for which requests a failure is retried.
type requestFilter func(method string, n retool.RetrySemantics) bool

func always(string, retool.RetrySemantics) bool { return true }
func never(string, retool.RetrySemantics) bool  { return false }

func safe(method string, n retool.RetrySemantics) bool { return method == "GET" || n.Safe }

func safeOrIdempotent(method string, n retool.RetrySemantics) bool {
	return safe(method, n) || n.Idempotent && (method == "PUT" || method == "DELETE")
}

func unlessThirdParty(method string, n retool.RetrySemantics) bool {
	return safeOrIdempotent(method, n) || !n.ThirdParty
}

// failureCase is a failure of the first attempt. All further ones succeed.
type failureCase struct {
	repeated requestFilter
	kind     string // of the error that it is when not repeated
	answer   http.HandlerFunc
	dial     func(ctx context.Context) (net.Conn, error)
	tls      bool
	distrust bool
	timeout  time.Duration
}

func failureCases(t *testing.T) map[string]failureCase {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := listener.Addr().String()
	require.NoError(t, listener.Close())
	dialing := func(d net.Dialer, address string) func(context.Context) (net.Conn, error) {
		return func(ctx context.Context) (net.Conn, error) { return d.DialContext(ctx, "tcp", address) }
	}
	// The resolver of package net cannot start in a bubble.
	_, unknown := (&net.Dialer{}).DialContext(t.Context(), "tcp", "nothing.invalid:80")
	// A peer that closes the connection during the handshake.
	hangUp := func(context.Context) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			_, _ = io.CopyN(io.Discard, server, 1)
			server.Close()
		}()
		return client, nil
	}

	return map[string]failureCase{
		"429":                   {repeated: unlessThirdParty, kind: "Too Many Requests", answer: failing(429)},
		"429 with Retry-After":  {repeated: unlessThirdParty, kind: "Too Many Requests", answer: failing(429, "Retry-After", "1")},
		"502":                   {repeated: safeOrIdempotent, kind: "Bad Gateway", answer: failing(502)},
		"503":                   {repeated: safeOrIdempotent, kind: "Service Unavailable", answer: failing(503)},
		"503 with Retry-After":  {repeated: safeOrIdempotent, kind: "Service Unavailable", answer: failing(503, "Retry-After", "1")},
		"504":                   {repeated: safeOrIdempotent, kind: "Gateway Timeout", answer: failing(504)},
		"400":                   {repeated: never, kind: "Bad Request", answer: failing(400)},
		"401":                   {repeated: never, kind: "Unauthorized", answer: failing(401)},
		"403":                   {repeated: never, kind: "Forbidden", answer: failing(403)},
		"404":                   {repeated: never, kind: "Not Found", answer: failing(404)},
		"409":                   {repeated: never, kind: "Conflict", answer: failing(409)},
		"500":                   {repeated: never, kind: "Internal Server Error", answer: failing(500)},
		"501":                   {repeated: never, kind: "Not Implemented", answer: failing(501)},
		"a redirect elsewhere":  {repeated: never, kind: "redirect", answer: failing(307, "Location", "http://elsewhere.invalid/")},
		"no response":           {repeated: safeOrIdempotent, kind: "cut_off", answer: cut("")},
		"half of a status line": {repeated: never, kind: "other", answer: cut("HTTP/1.1 20")},
		"half of the headers":   {repeated: safe, kind: "cut_off", answer: cut("HTTP/1.1 200 OK\r\nContent-Type: text/pl")},
		"half of the body":      {repeated: safe, kind: "cut_off", answer: cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")},
		"not HTTP":              {repeated: never, kind: "other", answer: cut("SSH-2.0-OpenSSH_9.9\r\n")},
		"response too large":    {repeated: never, kind: "too_large", answer: cut("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")},
		"no response in time":   {repeated: never, kind: "timeout", answer: hang, timeout: time.Second},
		"connection refused":    {repeated: always, kind: "refused", dial: dialing(net.Dialer{}, gone)},
		"unknown host":          {repeated: always, kind: "dns", dial: func(context.Context) (net.Conn, error) { return nil, unknown }},
		"connection timeout":    {repeated: always, kind: "timeout", dial: dialing(net.Dialer{Deadline: time.Unix(1, 0)}, gone)},
		"no TLS handshake":      {repeated: always, kind: "cut_off", dial: hangUp, tls: true},
		"untrusted certificate": {repeated: never, kind: "tls", tls: true, distrust: true},
	}
}

// What is retried, for every method, all semantics and every failure. No write
// arrives twice that must not.
func TestRetryTable(t *testing.T) {
	pair := httptest.NewTLSServer(nil)
	pair.Close()
	all := map[string]retool.RetrySemantics{
		"plain":                   {},
		"reads":                   {Safe: true},
		"idempotent":              {Idempotent: true},
		"reaches out":             {ThirdParty: true},
		"reads, reaches out":      {Safe: true, Idempotent: true, ThirdParty: true},
		"idempotent, reaches out": {Idempotent: true, ThirdParty: true},
	}
	for name, m := range failureCases(t) {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			for what, semantics := range all {
				t.Run(name+"/"+method+"/"+what, func(t *testing.T) {
					inBubble(t, func(t *testing.T) { m.run(t, pair, method, semantics) })
				})
			}
		}
	}
}

func (m failureCase) run(t *testing.T, pair *httptest.Server, method string, semantics retool.RetrySemantics) {
	handler := http.HandlerFunc(fine)
	if m.answer != nil {
		handler = inTurn(responses{m.answer, fine})
	}
	w := &testServer{Listener: pipe.Listen("retool")}
	address, listener := "http://retool.internal", net.Listener(w)
	if m.tls {
		address, listener = "https://example.com", tls.NewListener(w, pair.TLS)
	}
	w.serveOn(t, listener, handler)

	tries := 0 // to reach the server, whether it was or not
	client := newClient(t, address, retries(3), func(o *retool.Options) {
		o.Timeout = m.timeout
		if !m.distrust {
			o.RootCAs = x509.NewCertPool()
			o.RootCAs.AddCert(pair.Certificate())
		}
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			tries++
			if m.dial != nil && tries == 1 {
				return m.dial(ctx)
			}
			return w.Dial(ctx, network, address)
		}
	})
	request := tools.Request{Method: method, Path: "/groups/1"}
	if method != http.MethodGet && method != http.MethodDelete {
		request = tools.Request{Method: method, Path: "/groups/1", ContentType: "application/json", Body: []byte(`{"a":1}`)}
	}
	answer, err := client.DoWith(t.Context(), request, semantics)

	sent := w.served.Load()
	if m.repeated(method, semantics) {
		require.NoError(t, err)
		require.Equal(t, 1, answer.Retries)
		require.Empty(t, answer.Note)
		if m.dial == nil {
			require.EqualValues(t, 2, sent)
		} else {
			require.EqualValues(t, 1, sent)
		}
		return
	}
	require.Equal(t, m.kind, kind(t, err), err)
	require.NotContains(t, err.Error(), "retr")
	if m.distrust {
		require.Zero(t, sent)
		require.Equal(t, 1, tries)
		return
	}
	require.EqualValues(t, 1, sent)
}

// Without Options.Retries nothing is retried.
func TestNoRetriesByDefault(t *testing.T) {
	for _, status := range []int{429, 502, 503, 504} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			inBubble(t, func(t *testing.T) {
				w := serveInProcess(t, failing(status, "Retry-After", "1"))
				require.Zero(t, took(func() {
					_, err := w.client(t).DoWith(t.Context(), tools.Request{Method: method, Path: "/a"}, retool.RetrySemantics{Safe: true, Idempotent: true})
					require.EqualError(t, err, (&retool.StatusError{Status: status, Message: "failed on purpose"}).Error())
				}))
				require.EqualValues(t, 1, w.served.Load())
			})
		}
	}
}

// Do knows only the method.
func TestDoTreatsOnlyGETAsSafe(t *testing.T) {
	for method, want := range map[string]int32{"GET": 2, "HEAD": 1, "POST": 1, "PUT": 1, "PATCH": 1, "DELETE": 1} {
		inBubble(t, func(t *testing.T) {
			w := serveInProcess(t, inTurn(responses{failing(503), fine}))
			_, err := w.client(t, retries(3)).Do(t.Context(), tools.Request{Method: method, Path: "/a"})
			require.Equal(t, want, w.served.Load(), method)
			require.Equal(t, want == 2, err == nil, method)
		})
	}
}

func TestClientWithTokenRetries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, inTurn(responses{failing(503), fine}))
		var tokens []string
		client := w.client(t, retries(1), func(o *retool.Options) {
			o.Wrap = func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					tokens = append(tokens, r.Header.Get("Authorization"))
					return next.RoundTrip(r)
				})
			}
		})
		_, err := client.WithToken("retool_other").Do(t.Context(), get("/users"))
		require.NoError(t, err)
		require.Equal(t, slices.Repeat([]string{"Bearer retool_other"}, 2), tokens)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
