package retool

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// DefaultPause is how long an instance is left alone when a CircuitBreaker does not
// say.
const DefaultPause = 30 * time.Second

// CircuitBreaker says when an instance counts as down. Calls then fail at once, with
// Paused, until Pause is over; one of them is let through to try it. If that
// one is answered, all are let through again.
type CircuitBreaker struct {
	// Failures is how many requests in a row must have failed: no connection, a
	// broken one, no answer in time, or 502, 503 or 504. Zero is never.
	Failures int
	// Pause is how long nothing is sent then. Zero means DefaultPause.
	Pause time.Duration
}

// breaker is the CircuitBreaker of an instance, at work.
type breaker struct {
	CircuitBreaker
	mu       sync.Mutex
	failures int       // in a row
	since    time.Time // when the first of them was
	last     string    // what the last of them was
	until    time.Time // when the instance may be tried again; zero if it is not left alone
	trying   bool      // somebody is at it
	// round tells the requests before a change from those after it. What comes of
	// a request that began before the instance was given up, or taken back, says
	// nothing any more.
	round int
}

// newBreaker is nil, which stops nothing, unless b has Failures.
func newBreaker(b CircuitBreaker) *breaker {
	if b.Failures <= 0 {
		return nil
	}
	if b.Pause <= 0 {
		b.Pause = DefaultPause
	}
	return &breaker{CircuitBreaker: b}
}

// pausedError says why nothing is sent to an instance. It does not repeat what
// the instance said: that was said to somebody else.
type pausedError struct {
	since time.Time
	last  string
	until time.Time
	in    time.Duration // until then; 0 if it is being tried
}

func (e *pausedError) Error() string {
	text := fmt.Sprintf("no request has succeeded since %s, the last failed with %s; ", e.since.UTC().Format(time.RFC3339), e.last)
	if e.in == 0 {
		return text + "one call is trying the instance now: call again in a few seconds"
	}
	return text + fmt.Sprintf("the instance is tried again from %s on: call again in %s", e.until.UTC().Format(time.RFC3339), inSeconds(e.in))
}

// check fails with a *pausedError if begin would.
func (b *breaker) check() error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refusal()
}

func (b *breaker) refusal() error {
	if b.until.IsZero() {
		return nil
	}
	in := time.Until(b.until)
	if in <= 0 && !b.trying {
		return nil
	}
	return &pausedError{b.since, b.last, b.until, max(in, 0)}
}

// begin lets a request through, or fails with a *pausedError. The round is for
// end, which must follow.
func (b *breaker) begin() (round int, err error) {
	if b == nil {
		return 0, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refusal(); err != nil {
		return 0, err
	}
	if !b.until.IsZero() {
		b.trying = true
		b.round++ // nobody else is in this one
	}
	return b.round, nil
}

// verdict is what a request tells about the instance.
type health struct {
	up   bool
	down string // what it failed with; empty if it does not show that the instance is down
}

// end takes the verdict of a request that began in round.
func (b *breaker) end(round int, v health) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if round != b.round {
		return
	}
	tried := b.trying
	b.trying = false
	switch {
	case v.up:
		b.failures, b.until = 0, time.Time{}
		if tried {
			b.round++
		}
	case v.down != "":
		if b.failures == 0 {
			b.since = time.Now()
		}
		b.failures++
		b.last = v.down
		if b.failures >= b.Failures {
			b.until = time.Now().Add(b.Pause)
			b.round++
		}
	}
}

// verdictOf is what err, of a try that took so long and came so far, tells about
// the instance. A try that the caller gave no time for an answer tells nothing.
func (c *Client) verdictOf(err error, took time.Duration, t *attempt) health {
	if err == nil {
		return health{up: true}
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		switch status.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return health{down: fmt.Sprintf("HTTP %d", status.Status)}
		}
		return health{up: true}
	}
	failure, ok := errors.AsType[*TransportError](err)
	switch {
	case !ok:
	case failure.Kind == Redirect, failure.Kind == TooLarge:
		return health{up: true}
	case failure.Kind == Timeout && (t.answered.Load() || took < min(c.timeout/2, 5*time.Second)):
	case failure.Kind == Timeout:
		return health{down: "no answer in time"}
	case !isConnectionFailure(err):
	case failure.Kind == DNS:
		return health{down: "a host name that does not resolve"}
	case failure.Kind == Refused:
		return health{down: "no connection"}
	default:
		return health{down: "a broken connection"}
	}
	return health{}
}
