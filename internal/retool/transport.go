package retool

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxIdleConns is how many connections are kept open for the next calls. An
// agent may send that many at once; the two that net/http keeps by default
// would make most of them dial anew.
const maxIdleConns = 64

func newTransport(o Options) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: o.RootCAs},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true, // off by default next to DialContext or TLSClientConfig
		MaxIdleConnsPerHost: maxIdleConns,
		IdleConnTimeout:     90 * time.Second,
	}
	if o.Dial != nil {
		t.Proxy, t.DialContext = nil, o.Dial
	}
	if o.UnixSocket != "" {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", o.UnixSocket)
		}
	}
	var last http.RoundTripper = t
	if o.Allow != nil || o.Retries > 0 || o.Breaker.Failures > 0 {
		last = gate{next: t, allow: o.Allow, address: o.Address}
	}
	if o.Wrap != nil {
		return o.Wrap(last)
	}
	return last
}

// gate is the last thing a request passes. It stands behind Options.Wrap, which
// could change a request or send more than one.
type gate struct {
	next    http.RoundTripper
	allow   func(method, path string) error
	address Address
}

// RoundTrip is for http.RoundTripper.
func (g gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.allow != nil {
		if err := g.allow(req.Method, g.path(req.URL)); err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, &forbiddenError{err}
		}
	}
	if t, ok := req.Context().Value(attemptKey{}).(*attempt); ok {
		t.reachedGate.Store(true)
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn:              func(httptrace.GotConnInfo) { t.connected.Store(true) },
			GotFirstResponseByte: func() { t.answered.Store(true) },
		}))
	}
	return g.next.RoundTrip(req)
}

// path is what Options.Allow is told of u.
func (g gate) path(u *url.URL) string {
	path := u.EscapedPath()
	if below, ok := strings.CutPrefix(path, g.address.path); ok && strings.HasPrefix(below, "/") && canonicalHost(u) == g.address.host {
		return below
	}
	return u.Scheme + "://" + u.Host + path
}

// forbiddenError is what Options.Allow says against a request.
type forbiddenError struct{ error }

// Unwrap is what Options.Allow returned.
func (e *forbiddenError) Unwrap() error { return e.error }

// trip is how far a request came. It travels in the request's context, as only
// the gate sees what comes of a request, and whatever Options.Wrap puts around
// it may give errors another form. The fields are set by goroutines that may
// outlive the request.
type attempt struct {
	reachedGate atomic.Bool // it came to the gate; if not, nothing is known
	connected   atomic.Bool // it had a connection
	answered    atomic.Bool // a first byte came back
}

type attemptKey struct{}

// unsent tells that surely not a byte of the request left: all that comes
// before there is a connection, such as the TLS handshake, knows nothing of it.
// It is false where that is not known.
func (t *attempt) notSent() bool { return t.reachedGate.Load() && !t.connected.Load() }

// silent tells that surely not a byte of an answer came.
func (t *attempt) noResponse() bool { return t.reachedGate.Load() && !t.answered.Load() }
