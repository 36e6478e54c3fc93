package remote

import (
	"io"
	"net/http"
)

// Paths of what is served.
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
	inside := func(next http.Handler) http.Handler { return o.Auth(o.Limits(next)) }
	if o.Streamable != nil {
		mux.Handle(Streamable, inside(o.Streamable))
	}
	if o.Stream != nil {
		mux.Handle("GET "+Stream, inside(o.Stream))
		mux.Handle("POST "+Messages, inside(o.Messages))
	}
	if o.Metadata != nil {
		// RFC 9728 puts the path of the resource behind that of the metadata;
		// some clients ask without it.
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

// metricsAlone are the routes of the listener for metrics, which is for a
// network that callers do not reach.
func metricsAlone(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Metrics, o.Metrics)
	mux.HandleFunc("GET "+Health, alive)
	return mux
}

// alive answers as long as the process does.
func alive(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") }

func say(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, line+"\n") // whoever asked may be gone
}
