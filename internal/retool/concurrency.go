package retool

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// DefaultMaxWaiting is Options.MaxWaiting when it is zero.
const DefaultMaxWaiting = 256

// concurrencyLimiter limits how many requests are in progress and how many wait
// for that, first come first served.
type concurrencyLimiter struct {
	limit, maxWaiting int
	setting           string // what users call the limit
	slots             *semaphore.Weighted
	waiting           atomic.Int64
}

// newConcurrencyLimiter returns nil, which limits nothing, unless limit is
// positive.
func newConcurrencyLimiter(limit, maxWaiting int, setting string) *concurrencyLimiter {
	if limit <= 0 {
		return nil
	}
	if maxWaiting <= 0 {
		maxWaiting = DefaultMaxWaiting
	}
	return &concurrencyLimiter{limit: limit, maxWaiting: maxWaiting, setting: setting, slots: semaphore.NewWeighted(int64(limit))}
}

// acquire waits for a slot, which release gives back. It fails with a
// *refusal if too many calls wait already or the deadline of ctx comes
// first, and with the error of ctx if that is canceled.
func (l *concurrencyLimiter) acquire(ctx context.Context) error {
	if l == nil {
		return nil
	}
	err := ctx.Err()
	if err == nil && l.slots.TryAcquire(1) {
		return nil
	}
	if err == nil {
		defer l.waiting.Add(-1)
		if l.waiting.Add(1) > int64(l.maxWaiting) {
			return l.refusal(fmt.Sprintf("and %d are waiting, the maximum", l.maxWaiting))
		}
		err = l.slots.Acquire(ctx, 1)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return l.refusal("and none ended before the deadline")
	}
	return err
}

func (l *concurrencyLimiter) refusal(reason string) error {
	return &refusal{kind: QueueFull, text: fmt.Sprintf("concurrent requests are limited to %d, %s; retry in a few seconds, or raise %s", l.limit, reason, l.setting)}
}

func (l *concurrencyLimiter) release() {
	if l != nil {
		l.slots.Release(1)
	}
}
