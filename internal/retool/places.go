package retool

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
)

// DefaultMaxWaiting is how many calls may wait for a place when Options limit
// requests under way and do not say.
const DefaultMaxWaiting = 256

// places bounds how many requests are under way at once, and how many wait.
type places struct {
	most       int
	mostQueued int

	mu      sync.Mutex
	taken   int
	waiting list.List // of chan struct{}, closed when a place is handed over
}

// newPlaces is nil, which limits nothing, unless most is positive.
func newPlaces(most, mostQueued int) *places {
	if most <= 0 {
		return nil
	}
	if mostQueued <= 0 {
		mostQueued = DefaultMaxWaiting
	}
	return &places{most: most, mostQueued: mostQueued}
}

// crowdedError is a place that was not to be had.
type crowdedError struct {
	most   int
	queued int // how many wait, if that is as many as may; 0 if the deadline came
}

func (e *crowdedError) Error() string {
	const advice = "call again when some have ended, in a few seconds, or raise --max-concurrent-requests (RETOOL_MCP_MAX_CONCURRENT_REQUESTS)"
	if e.queued > 0 {
		return fmt.Sprintf("requests under way are limited to %d, and %d wait for their turn, as many as may; %s", e.most, e.queued, advice)
	}
	return fmt.Sprintf("requests under way are limited to %d, and the turn of this call did not come before its deadline; %s", e.most, advice)
}

// take waits for a place and takes it; leave gives it back. It fails with a
// *crowdedError if too many wait already or the deadline of ctx comes first,
// and with the error of ctx if that is canceled.
func (p *places) take(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return p.refusal(err)
	}
	p.mu.Lock()
	if p.taken < p.most {
		p.taken++
		p.mu.Unlock()
		return nil
	}
	if queued := p.waiting.Len(); queued >= p.mostQueued {
		p.mu.Unlock()
		return &crowdedError{p.most, queued}
	}
	mine := make(chan struct{})
	place := p.waiting.PushBack(mine)
	p.mu.Unlock()

	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-mine: // at this very moment: somebody else may have it
		p.pass()
	default:
		p.waiting.Remove(place)
	}
	return p.refusal(ctx.Err())
}

func (p *places) refusal(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &crowdedError{most: p.most}
	}
	return err
}

// leave gives a place back, to the one who has waited longest.
func (p *places) leave() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass()
}

func (p *places) pass() {
	first := p.waiting.Front()
	if first == nil {
		p.taken--
		return
	}
	if mine, ok := p.waiting.Remove(first).(chan struct{}); ok {
		close(mine)
	}
}
