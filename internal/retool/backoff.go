package retool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// A failure of the connection often passes within a second. A limit of
	// requests counts minutes, and every try too early may count as well.
	firstPause    = 500 * time.Millisecond
	firstPause429 = 2 * time.Second
	maxPause      = 30 * time.Second
	// maxRetryAfter is how long a server may make a call wait. If it asks for
	// more, the caller is told rather than kept waiting; the request is never
	// repeated earlier than the server asks.
	maxRetryAfter = time.Minute
)

// pause is how long to wait before repeat number n, counted from 0, of what
// failed with err. If it is not to be repeated, reason says why.
//
// The wait is exponential with full jitter: any time up to a bound that doubles
// with each repeat. Calls that failed together then do not come back together.
func pause(ctx context.Context, n int, err error) (wait time.Duration, reason string) {
	bound := firstPause
	var asked time.Duration
	if status, ok := errors.AsType[*StatusError](err); ok {
		asked = status.RetryAfter
		if status.Status == http.StatusTooManyRequests {
			bound = firstPause429
		}
	}
	if asked > maxRetryAfter {
		return 0, fmt.Sprintf("the server asks to wait %s, and a call waits %s at most", inSeconds(asked), maxRetryAfter)
	}
	bound = min(bound<<min(n, 16), maxPause)
	wait = asked + rand.N(bound) //nolint:gosec // waits have to differ, not to be secret
	deadline, ok := ctx.Deadline()
	if !ok {
		return wait, ""
	}
	left := time.Until(deadline)
	if asked > 0 && wait >= left {
		wait = asked
	}
	if wait >= left {
		return 0, fmt.Sprintf("a wait of %s would pass the deadline", inSeconds(wait))
	}
	return wait, ""
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inSeconds is d for people, rounded up: who waits that long has waited enough.
func inSeconds(d time.Duration) time.Duration {
	return max(time.Second, (d + time.Second - 1).Truncate(time.Second))
}
