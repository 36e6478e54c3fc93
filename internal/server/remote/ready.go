package remote

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// checkTime is how long a check may take.
const checkTime = 5 * time.Second

// readiness answers whether calls can succeed. One check serves everybody who
// asks meanwhile and for a while after, so that probes cannot flood Retool.
type readiness struct {
	check    func(context.Context) error
	lasts    time.Duration
	draining atomic.Bool

	mu      sync.Mutex
	checked time.Time
	last    error
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if r.draining.Load() {
		say(w, http.StatusServiceUnavailable, "shutting down")
		return
	}
	if err := r.now(request.Context()); err != nil {
		say(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	say(w, http.StatusOK, "ready")
}

func (r *readiness) now(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.checked.IsZero() && time.Since(r.checked) < r.lasts {
		return r.last
	}
	// One who gives up must not spoil the answer for the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTime)
	defer cancel()
	r.last = r.check(ctx)
	r.checked = time.Now()
	return r.last
}
