package remote

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// checkTimeout bounds one check.
const checkTimeout = 5 * time.Second

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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	r.result = r.check(ctx)
	r.checked = time.Now()
	return r.result
}
