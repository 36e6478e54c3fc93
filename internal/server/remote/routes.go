package remote

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Paths of the routes.
const (
	Streamable = "/mcp"
	Stream     = "/sse"
	Messages   = "/messages"
	Health     = "/healthz"
	Ready      = "/readyz"
	Metrics    = "/metrics"
	Metadata   = "/.well-known/oauth-protected-resource"
)

// slash after a path serves it with a slash at its end, as people write addresses.
const slash = "/{$}"

func routes(o Options, ready *readiness) http.Handler {
	mux := http.NewServeMux()
	protected := func(next http.Handler) http.Handler { return o.Auth(o.Limits(next)) }
	if o.Streamable != nil {
		mux.Handle(Streamable, protected(o.Streamable))
		mux.Handle(Streamable+slash, protected(o.Streamable))
	}
	if o.Stream != nil {
		mux.Handle("GET "+Stream, protected(o.Stream))
		mux.Handle("GET "+Stream+slash, protected(o.Stream))
		mux.Handle("POST "+Messages, protected(o.Messages))
	}
	if o.Metadata != nil {
		// RFC 9728 appends the path of the resource; some clients omit it.
		mux.Handle("GET "+Metadata, o.Metadata)
		mux.Handle("GET "+Metadata+"/", o.Metadata)
	}
	if o.MetricsListen == "" && o.Metrics != nil {
		mux.Handle("GET "+Metrics, o.Auth(o.Metrics))
	}
	mux.HandleFunc("GET "+Health, alive)
	mux.Handle("GET "+Ready, ready)
	return o.Surface(mux)
}

// metricsRoutes are the routes of the listener for metrics, on a network that callers
// do not reach.
func metricsRoutes(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Metrics, o.Metrics)
	mux.HandleFunc("GET "+Health, alive)
	return mux
}

// alive answers as long as the process runs.
func alive(w http.ResponseWriter, _ *http.Request) { writeLine(w, http.StatusOK, "ok") }

func writeLine(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, line+"\n") // the client may be gone
}

// readiness answers whether calls can succeed. The result of a check is used for a
// while, so that probes cannot flood Retool.
type readiness struct {
	check    func(context.Context) error
	ttl      time.Duration // of a result
	draining atomic.Bool

	mu      sync.Mutex // protects the fields below, and allows one check at a time
	checked time.Time
	result  error
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if r.draining.Load() {
		writeLine(w, http.StatusServiceUnavailable, "shutting down")
		return
	}
	if err := r.status(request.Context()); err != nil {
		writeLine(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	writeLine(w, http.StatusOK, "ready")
}

func (r *readiness) status(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.checked.IsZero() && time.Since(r.checked) < r.ttl {
		return r.result
	}
	// A probe that gives up must not fail the check for the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	r.result = r.check(ctx)
	r.checked = time.Now()
	return r.result
}
