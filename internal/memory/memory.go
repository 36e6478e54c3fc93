// Package memory bounds what answers take in memory, all calls together: an answer
// is weighed while it arrives, and a call waits for room before it reads more.
//
// It must not know what is in an answer, nor who asks.
package memory

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// class is a size of answers, of which so many calls at once may have one.
type class struct{ most, calls int64 }

// classes are ordered: a call that waits for a place in one holds at most one in a
// smaller class, so calls never wait for each other in a circle. Up to free a call
// needs no place: most answers are that small.
var classes = []class{{2 << 20, 16}, {8 << 20, 4}, {Most, 1}}

const (
	free = 512 << 10
	// Most is the maximum of one call.
	Most = 80 << 20
)

// maxWaiting is how many calls may wait for a place in one class: those that wait keep
// others from asking at all.
const maxWaiting = 8

var (
	// ErrTooMuch says that a call needs more than Most.
	ErrTooMuch = errors.New("more than one call may take in memory")
	// ErrBusy says that too many calls wait for memory.
	ErrBusy = errors.New("too many calls need much memory at once")
)

// Budget is the memory for the answers of all calls. It is safe for concurrent use.
type Budget struct{ places []*places }

// places are those of one class.
type places struct {
	*semaphore.Weighted
	waiting atomic.Int64
}

// NewBudget returns a Budget.
func NewBudget() *Budget {
	b := &Budget{}
	for _, c := range classes {
		b.places = append(b.places, &places{Weighted: semaphore.NewWeighted(c.calls)})
	}
	return b
}

func (p *places) acquire(ctx context.Context) error {
	if p.TryAcquire(1) {
		return nil
	}
	defer p.waiting.Add(-1)
	if p.waiting.Add(1) > maxWaiting {
		return ErrBusy
	}
	return p.Acquire(ctx, 1) //nolint:wrapcheck // the error of ctx
}

// Call is what one call holds of a budget. A nil Call has no budget, only Most.
type Call struct {
	budget *Budget

	mu    sync.Mutex // protects the fields below
	taken int64
	class int // of the place that the call has, from 1; 0 for none
}

type key struct{}

// With returns a context for a call that takes memory from b, and the function that
// gives all of it back.
func (b *Budget) With(ctx context.Context) (_ context.Context, release func()) {
	c := &Call{budget: b}
	return context.WithValue(ctx, key{}, c), func() { c.Shrink(0) }
}

// From returns the call in a context, or nil.
func From(ctx context.Context) *Call {
	c, _ := ctx.Value(key{}).(*Call)
	return c
}

// Grow takes n bytes in addition to what the call has, and waits for them until the
// end of ctx.
func (c *Call) Grow(ctx context.Context, n int64) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken+n > Most {
		return ErrTooMuch
	}
	for next := c.class; next < classFor(c.taken+n); next++ {
		if err := c.budget.places[next].acquire(ctx); err != nil {
			return err
		}
		c.moveTo(next + 1)
	}
	c.taken += n
	return nil
}

// Taken is how much the call has.
func (c *Call) Taken() int64 {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken
}

// Shrink gives back all but n bytes; a call keeps its place until it needs none.
func (c *Call) Shrink(n int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken = min(c.taken, n); c.taken <= free {
		c.moveTo(0)
	}
}

// classFor returns the class of a size, from 1; 0 if it needs no place.
func classFor(n int64) int {
	if n <= free {
		return 0
	}
	for i, c := range classes {
		if n <= c.most {
			return i + 1
		}
	}
	return len(classes)
}

// moveTo gives back the place that the call had before.
func (c *Call) moveTo(class int) {
	if c.class > 0 {
		c.budget.places[c.class-1].Release(1)
	}
	c.class = class
}
