package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Options are what is served, and how.
type Options struct {
	// Listen is the address for everything, MetricsListen one for metrics alone:
	// "" leaves them on the first, behind authentication.
	Listen, MetricsListen string
	// SettingNames are the names of settings in errors.
	SettingNames SettingNames
	// Cert and Key are files of a certificate and its key, both or none.
	Cert, Key string

	// Streamable is streamable HTTP; Stream and Messages are the transport of
	// server-sent events. Nil ones are not served.
	Streamable, Stream, Messages http.Handler
	// Surface goes around every route, Auth around all that is for callers, and
	// Calls, within it, around the transports.
	Surface, Auth, Limits func(http.Handler) http.Handler
	// Metadata says where callers get their tokens; nil serves none.
	Metadata http.Handler
	// Metrics are served where MetricsListen says; nil ones are not.
	Metrics http.Handler

	// Ready tells whether calls can succeed now. It is asked when somebody asks
	// /readyz, and then not again for ReadyFor.
	Ready    func(context.Context) error
	ReadyTTL time.Duration

	// Close ends sessions and streams that only listen, once the end has begun.
	// Calls in progress then have Drain to come to their end.
	Close func(context.Context)
	Drain time.Duration

	// Started is told the address, once it takes connections.
	OnListen func(net.Addr)
	Log      *slog.Logger
}

// A header that does not come, and a connection on which nothing does, are given
// up. Bodies and answers have limits of their own: streams live long.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	pingTime      = 30 * time.Second // HTTP/2 alone: who does not answer is gone
	writeTime     = time.Minute
)

// SettingNames are what users call the settings that errors mention. Empty ones
// are described in words.
type SettingNames struct {
	Listen, MetricsListen, Cert, Key string
}

func (n SettingNames) withDefaults() SettingNames {
	return SettingNames{
		Listen:        cmp.Or(n.Listen, "the address"),
		MetricsListen: cmp.Or(n.MetricsListen, "the address of metrics"),
		Cert:          cmp.Or(n.Cert, "the certificate"),
		Key:           cmp.Or(n.Key, "the key"),
	}
}

// Serve serves until ctx ends, and then until what was begun is done. An error
// means that it could not start, or that not everything was done in time.
func Serve(ctx context.Context, o Options) error {
	o.SettingNames = o.SettingNames.withDefaults()
	var certificate *certificate
	if o.Cert != "" || o.Key != "" {
		var err error
		if certificate, err = loadCertificate(o); err != nil {
			return err
		}
	}
	ready := &readiness{check: o.Ready, lasts: o.ReadyTTL}
	// What is in progress outlives ctx until the drain is over.
	base, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	places := []place{{o.SettingNames.Listen, o.Listen, newServer(base, o, routes(o, ready))}}
	if o.MetricsListen != "" {
		places = append(places, place{o.SettingNames.MetricsListen, o.MetricsListen, newServer(base, o, o.Surface(metricsAlone(o)))})
	}
	listeners, err := listen(ctx, places)
	if err != nil {
		return err
	}
	o.OnListen(listeners[0].Addr())
	ended := make(chan error, len(places))
	servers := make([]*http.Server, len(places))
	for i, p := range places {
		servers[i] = p.server
		serve := p.server.Serve
		if i == 0 && certificate != nil {
			p.server.TLSConfig = certificate.config()
			serve = func(l net.Listener) error { return p.server.ServeTLS(l, "", "") }
		}
		go func() { ended <- serve(listeners[i]) }()
	}
	select {
	case err := <-ended:
		return errors.Join(err, closeAll(servers))
	case <-ctx.Done():
	}
	ready.draining.Store(true)
	return drain(servers, o, abandon) //nolint:contextcheck // ctx has ended, and that is why
}

// place is an address with what is served there, and the setting that names it.
type place struct {
	setting, address string
	server           *http.Server
}

// listen listens in all places, or in none.
func listen(ctx context.Context, places []place) (listeners []net.Listener, err error) {
	for _, p := range places {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.address)
		if err != nil {
			for _, l := range listeners {
				_ = l.Close() // nobody came yet
			}
			return nil, fmt.Errorf("%s: %w", p.setting, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func newServer(base context.Context, o Options, handler http.Handler) *http.Server {
	unused := &unused{of: map[net.Conn]struct{}{}}
	s := &http.Server{
		Handler:           handler,
		ConnState:         unused.see,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: pingTime, PingTimeout: pingTime, WriteByteTimeout: writeTime},
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(unused.close)
	return s
}

// drain lets what is in progress come to its end, in the time there is.
func drain(servers []*http.Server, o Options, abandon context.CancelFunc) error {
	deadline, cancel := context.WithTimeout(context.Background(), o.Drain)
	defer cancel()
	o.Close(deadline)
	var late error
	for _, s := range servers {
		if err := s.Shutdown(deadline); err != nil {
			late = fmt.Errorf("not everything was done within %s: %w", o.Drain, err)
		}
	}
	abandon()
	return errors.Join(late, closeAll(servers))
}

func closeAll(servers []*http.Server) (err error) {
	for _, s := range servers {
		err = errors.Join(err, s.Close())
	}
	return err
}
