package retool

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// DefaultPause is CircuitBreaker.Pause when it is zero.
const DefaultPause = 30 * time.Second

// CircuitBreaker says when an instance counts as failing. Calls then fail at
// once, with Paused, until Pause is over. One call then tests the instance: if
// it gets a response, all calls are sent again.
type CircuitBreaker struct {
	// Failures is how many requests in a row must have failed: no connection, a
	// lost one, no response in time, or status 502, 503 or 504. Zero is never.
	Failures int
	// Pause is how long nothing is sent then. Zero means DefaultPause.
	Pause time.Duration
}

// breaker is the circuit breaker of an instance. Outcomes of requests that began
// before it opened or closed do not count.
type breaker struct {
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu      sync.Mutex // protects the fields below
	since   time.Time  // when the first of the failures in a row occurred
	last    error      // the last of them
	retryAt time.Time  // when the instance is tested again
}

// newBreaker returns nil, which stops nothing, unless o has Failures.
func newBreaker(o CircuitBreaker) *breaker {
	if o.Failures <= 0 {
		return nil
	}
	if o.Pause <= 0 {
		o.Pause = DefaultPause
	}
	b := &breaker{}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      o.Pause - 1, // gobreaker is open until later than that
		ReadyToTrip:  func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= o.Failures },
		IsExcluded:   func(err error) bool { return errors.Is(err, errUnknownHealth) },
		IsSuccessful: b.record,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.mu.Lock()
				b.retryAt = time.Now().Add(o.Pause)
				b.mu.Unlock()
			}
		},
	})
	return b
}

// record remembers the outcome of a request, nil for a success.
func (b *breaker) record(failure error) (successful bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case failure == nil:
		b.since = time.Time{}
	case b.since.IsZero():
		b.since = time.Now()
	}
	b.last = failure
	return failure == nil
}

// check fails with a *refusal if allow would.
func (b *breaker) check() error {
	if b == nil {
		return nil
	}
	switch state, counts := b.circuit.State(), b.circuit.Counts(); {
	case state == gobreaker.StateOpen, state == gobreaker.StateHalfOpen && counts.Requests > counts.TotalExclusions:
		return b.refusal()
	}
	return nil
}

// allow lets a request through, or fails with a *refusal. The outcome
// of the request must be given to done: nil, what shows that the instance is
// failing, or errUnknownHealth.
func (b *breaker) allow() (done func(outcome error), err error) {
	if b == nil {
		return func(error) {}, nil
	}
	done, err = b.circuit.Allow()
	if err != nil {
		return nil, b.refusal()
	}
	return done, nil
}

// refusal does not repeat what the instance said to others.
func (b *breaker) refusal() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	in := max(0, time.Until(b.retryAt))
	text := fmt.Sprintf("the instance is failing: no request has succeeded since %s, the last failure was %v; ", b.since.UTC().Format(time.RFC3339), b.last)
	if in == 0 {
		text += "one call is testing it now, retry in a few seconds"
	} else {
		text += fmt.Sprintf("it is tested again at %s, retry in %s", b.retryAt.UTC().Format(time.RFC3339), inSeconds(in))
	}
	return &refusal{Paused, text, in}
}

// errUnknownHealth is the outcome of a request that does not show whether the
// instance is failing.
var errUnknownHealth = errors.New("unknown health")

// healthOf returns what err, of an attempt that took so long, shows about the
// instance, in the terms of breaker.allow. A call that gives no time for a
// response shows nothing.
func (c *Client) healthOf(err error, took time.Duration, a *attempt) error {
	if err == nil {
		return nil
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		if isGatewayError(status.Status) {
			return fmt.Errorf("HTTP %d", status.Status)
		}
		return nil
	}
	failure, ok := errors.AsType[*TransportError](err)
	switch {
	case ok && (failure.Kind == Redirect || failure.Kind == TooLarge || failure.Kind == Busy || failure.Kind == Encoding):
		return nil
	case !isConnectionFailure(err),
		failure.Kind == Timeout && (a.answered.Load() || took < min(c.timeout/2, 5*time.Second)):
		return errUnknownHealth
	}
	words := map[Kind]string{Timeout: "no response in time", DNS: "an unknown host name", Refused: "no connection"}
	return errors.New(cmp.Or(words[failure.Kind], "a lost connection"))
}

// isGatewayError reports whether a status says that a proxy could not get a
// response from the instance.
func isGatewayError(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}
