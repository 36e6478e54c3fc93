package retool

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// A failure of the connection often ends within a second. A limit of requests
	// counts minutes, and each early retry may count as well.
	firstBackoff    = 500 * time.Millisecond
	firstBackoff429 = 2 * time.Second
	maxBackoff      = 30 * time.Second
	// maxRetryAfter is how long a server may make a call wait. If it asks for
	// more, the call fails; it is never retried earlier than the server asks.
	maxRetryAfter = time.Minute
)

// retryBackoff provides the waits before the retries of a request. Each is a
// random time up to a bound that doubles with every retry, so that calls which
// failed together do not return together.
type retryBackoff struct{ failure, tooMany *backoff.ExponentialBackOff }

func newRetryBackoff() retryBackoff {
	upTo := func(first time.Duration) *backoff.ExponentialBackOff {
		return &backoff.ExponentialBackOff{InitialInterval: first / 2, MaxInterval: maxBackoff / 2, Multiplier: 2, RandomizationFactor: 1}
	}
	return retryBackoff{upTo(firstBackoff), upTo(firstBackoff429)}
}

// next is how long to wait before retrying what failed with err. If it is not
// to be retried, reason says why.
func (b retryBackoff) next(ctx context.Context, err error) (wait time.Duration, reason string) {
	wait, tooMany := b.failure.NextBackOff(), b.tooMany.NextBackOff()
	var asked time.Duration
	if status, ok := errors.AsType[*StatusError](err); ok {
		asked = status.RetryAfter
		if status.Status == http.StatusTooManyRequests {
			wait = tooMany
		}
	}
	if asked > maxRetryAfter {
		return 0, fmt.Sprintf("the server asks to wait %s, longer than the maximum of %s", inSeconds(asked), maxRetryAfter)
	}
	wait += asked
	deadline, ok := ctx.Deadline()
	if !ok {
		return wait, ""
	}
	left := time.Until(deadline)
	if asked > 0 && wait >= left {
		wait = asked
	}
	if wait >= left {
		return 0, fmt.Sprintf("a wait of %s would exceed the deadline", inSeconds(wait))
	}
	return wait, ""
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inSeconds rounds d up to whole seconds, at least one.
func inSeconds(d time.Duration) time.Duration {
	return max(time.Second, (d + time.Second - 1).Truncate(time.Second))
}
