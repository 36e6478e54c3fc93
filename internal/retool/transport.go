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
// agent may send that many at once; with the two that net/http keeps by default
// most of them would open a new one.
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

// gate is the last step of a request. It comes after Options.Wrap, which could
// change a request or send more than one.
type gate struct {
	next    http.RoundTripper
	allow   func(method, path string) error
	address Address
}

// RoundTrip implements http.RoundTripper.
func (g gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.allow != nil {
		if err := g.allow(req.Method, g.path(req.URL)); err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, &forbiddenError{err}
		}
	}
	if a, ok := req.Context().Value(attemptKey{}).(*attempt); ok {
		a.reachedGate.Store(true)
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn:              func(httptrace.GotConnInfo) { a.connected.Store(true) },
			GotFirstResponseByte: func() { a.answered.Store(true) },
		}))
	}
	return g.next.RoundTrip(req)
}

// path is the path of u that Options.Allow gets.
func (g gate) path(u *url.URL) string {
	path := u.EscapedPath()
	if below, ok := strings.CutPrefix(path, g.address.path); ok && strings.HasPrefix(below, "/") && canonicalHost(u) == g.address.host {
		return below
	}
	return u.Scheme + "://" + u.Host + path
}

// attempt records how far an attempt got. It travels in the request's context:
// only the gate sees that, and what Options.Wrap adds may change errors. The
// fields are set by goroutines that may outlive the request.
type attempt struct {
	reachedGate atomic.Bool // if not, nothing is known
	connected   atomic.Bool // it had a connection
	answered    atomic.Bool // the first byte of a response came
}

type attemptKey struct{}

// notSent reports whether certainly no byte of the request was sent: what comes
// before a connection is ready, such as the TLS handshake, does not contain it.
func (a *attempt) notSent() bool { return a.reachedGate.Load() && !a.connected.Load() }

// noResponse reports whether certainly no byte of a response came.
func (a *attempt) noResponse() bool { return a.reachedGate.Load() && !a.answered.Load() }
