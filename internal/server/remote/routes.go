package remote

import (
	"io"
	"net/http"
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

func routes(o Options, ready *readiness) http.Handler {
	mux := http.NewServeMux()
	protected := func(next http.Handler) http.Handler { return o.Auth(o.Limits(next)) }
	if o.Streamable != nil {
		mux.Handle(Streamable, protected(o.Streamable))
	}
	if o.Stream != nil {
		mux.Handle("GET "+Stream, protected(o.Stream))
		mux.Handle("POST "+Messages, protected(o.Messages))
	}
	if o.Metadata != nil {
		// RFC 9728 appends the path of the resource; some clients omit it.
		mux.Handle("GET "+Metadata, o.Metadata)
		mux.Handle("GET "+Metadata+Streamable, o.Metadata)
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
