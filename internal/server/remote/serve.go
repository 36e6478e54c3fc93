package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options are what is served, and how.
type Options struct {
	// Listen is the address of everything; MetricsListen, if set, is a separate
	// address for metrics. Otherwise metrics need authentication.
	Listen, MetricsListen string
	// Cert and Key are the files of a certificate and its key, both or none.
	Cert, Key string
	// SettingNames are the names of the options above in errors.
	SettingNames SettingNames

	// Streamable is streamable HTTP; Stream and Messages are HTTP+SSE. Nil handlers
	// are not served.
	Streamable, Stream, Messages http.Handler
	// Surface goes around every route, Auth around every route for callers, and
	// Limits inside Auth around the transports.
	Surface, Auth, Limits func(http.Handler) http.Handler
	// Metadata tells callers where to get a token; nil serves none.
	Metadata http.Handler
	// Metrics serves metrics; nil serves none.
	Metrics http.Handler

	// Ready reports whether calls can succeed. A probe of /readyz calls it, and its
	// result holds for ReadyTTL.
	Ready    func(context.Context) error
	ReadyTTL time.Duration

	// Close ends sessions and streams when the shutdown begins. Running calls then
	// have Drain to finish.
	Close func(context.Context)
	Drain time.Duration

	// HeaderTimeout bounds the time in which the header of a request arrives; 0
	// means 10 s.
	HeaderTimeout time.Duration
	// CertificateRecheck is the interval at which the certificate files are read
	// again, when connections come in; 0 means 1 s.
	CertificateRecheck time.Duration

	// OnListen receives the address once the server accepts connections.
	OnListen func(net.Addr)
	Log      *slog.Logger
}

// SettingNames are what an operator calls the options, for errors.
type SettingNames struct{ Listen, MetricsListen, Cert, Key string }

// Bodies and answers have limits of their own: streams are long.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	pingTimeout   = 30 * time.Second // HTTP/2 only: detects dead clients
	writeTimeout  = time.Minute      // HTTP/2 only
)

// Serve serves until ctx ends, and then until running calls are done. It returns an
// error if it cannot start, or if calls did not finish in time.
func Serve(ctx context.Context, o Options) error {
	var certificate *certificate
	if o.Cert != "" || o.Key != "" {
		var err error
		if certificate, err = loadCertificate(o); err != nil {
			return err
		}
	}
	ready := &readiness{check: o.Ready, ttl: o.ReadyTTL}
	// Running calls outlive ctx until the drain is over.
	base, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	endpoints := []endpoint{{cmp.Or(o.SettingNames.Listen, "listen"), o.Listen, newServer(base, o, routes(o, ready))}}
	if o.MetricsListen != "" {
		endpoints = append(endpoints, endpoint{cmp.Or(o.SettingNames.MetricsListen, "listen for metrics"), o.MetricsListen, newServer(base, o, o.Surface(metricsRoutes(o)))})
	}
	listeners, err := listen(ctx, endpoints)
	if err != nil {
		return err
	}
	o.OnListen(listeners[0].Addr())
	ended := make(chan error, len(endpoints))
	for i, p := range endpoints {
		serve := p.server.Serve
		if i == 0 && certificate != nil {
			p.server.TLSConfig = certificate.config()
			serve = func(l net.Listener) error { return p.server.ServeTLS(l, "", "") }
		}
		go func() { ended <- serve(listeners[i]) }()
	}
	select {
	case err := <-ended:
		return errors.Join(err, closeAll(endpoints))
	case <-ctx.Done():
	}
	ready.draining.Store(true)
	return drain(endpoints, o, cancelCalls) //nolint:contextcheck // ctx has ended, and that is why
}

// endpoint is an address with its server, and the setting that names it.
type endpoint struct {
	setting, address string
	server           *http.Server
}

// listen listens on all endpoints, or on none.
func listen(ctx context.Context, endpoints []endpoint) (listeners []net.Listener, err error) {
	for _, p := range endpoints {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.address)
		if err != nil {
			for _, l := range listeners {
				_ = l.Close() // no client is connected
			}
			return nil, fmt.Errorf("%s: %w", p.setting, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func newServer(base context.Context, o Options, handler http.Handler) *http.Server {
	unused := &unusedConns{}
	s := &http.Server{
		Handler:           handler,
		ConnState:         unused.track,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: cmp.Or(o.HeaderTimeout, headerTimeout),
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: pingTimeout, PingTimeout: pingTimeout, WriteByteTimeout: writeTimeout},
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(unused.close)
	return s
}

// drain waits for running calls, at most o.Drain.
func drain(endpoints []endpoint, o Options, cancelCalls context.CancelFunc) error {
	deadline, cancel := context.WithTimeout(context.Background(), o.Drain)
	defer cancel()
	o.Close(deadline)
	var late error
	for _, p := range endpoints {
		if err := p.server.Shutdown(deadline); err != nil {
			late = fmt.Errorf("calls still running after %s: %w", o.Drain, err)
		}
	}
	cancelCalls()
	return errors.Join(late, closeAll(endpoints))
}

func closeAll(endpoints []endpoint) (err error) {
	for _, p := range endpoints {
		err = errors.Join(err, p.server.Close())
	}
	return err
}

// unusedConns are connections without a request so far. Clients open some in advance,
// and http.Server.Shutdown waits for them.
type unusedConns struct{ sync.Map }

// track is the ConnState hook of a server.
func (u *unusedConns) track(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		u.Store(c, nil)
	} else {
		u.Delete(c)
	}
}

func (u *unusedConns) close() {
	for c := range u.Range {
		if conn, ok := c.(net.Conn); ok && u.CompareAndDelete(c, nil) {
			_ = conn.Close() // it carries no request
		}
	}
}
