package guard

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue limits the weight of the calls that run at once and makes the others wait.
// Calls of one caller run in order, and callers take turns: one who sends a hundred
// calls delays the next caller by a single call.
type queue struct {
	max, maxPerCaller int64 // weight of the calls that run at once

	mu      sync.Mutex // protects the fields below
	running int64      // weight
	waiting int
	callers map[string]*callerQueue // those with running or waiting calls
	ready   []*callerQueue          // those whose first waiting call may run, in the order of their turns
}

// callerQueue holds the calls of one caller.
type callerQueue struct {
	id      string
	running int64
	tickets []*ticket // of the waiting calls
}

// ticket is a waiting call.
type ticket struct {
	weight int64
	run    chan struct{} // closed when the call may run
}

// maxWaiting is how many calls of one caller may wait in a queue.
const maxWaiting = 1000

func newQueue(most, mostPerCaller int64) *queue {
	return &queue{max: most, maxPerCaller: mostPerCaller, callers: map[string]*callerQueue{}}
}

// acquire waits until a call of a weight may run, at most until timeout or the end
// of ctx. An admitted call must be released.
func (q *queue) acquire(ctx context.Context, id string, weight int64, timeout time.Duration) admission {
	mine := q.add(id, weight)
	if mine == nil {
		return callerLimit
	}
	select {
	case <-mine.run:
		return admitted
	default:
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-mine.run:
		return admitted
	case <-timer.C:
		return q.remove(id, mine)
	case <-ctx.Done():
		if q.remove(id, mine) == admitted {
			q.release(id, weight)
		}
		return clientGone
	}
}

// release ends an admitted call.
func (q *queue) release(id string, weight int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.callers[id]
	c.running -= weight
	q.running -= weight
	q.update(c)
	q.startCalls()
}

// add returns nil if too many calls wait already.
func (q *queue) add(id string, weight int64) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.callers[id]
	if c == nil {
		c = &callerQueue{id: id}
		q.callers[id] = c
	}
	if len(c.tickets) >= maxWaiting {
		return nil
	}
	mine := &ticket{weight, make(chan struct{})}
	c.tickets = append(c.tickets, mine)
	q.waiting++
	q.update(c)
	q.startCalls()
	return mine
}

// remove removes a waiting call and returns whose limit it waited for, or admitted
// if the call has just been started.
func (q *queue) remove(id string, mine *ticket) admission {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.callers[id]
	at := -1
	if c != nil {
		at = slices.Index(c.tickets, mine)
	}
	if at < 0 {
		return admitted
	}
	c.tickets = slices.Delete(c.tickets, at, at+1)
	q.waiting--
	reached := serverLimit
	if c.running+mine.weight > q.maxPerCaller {
		reached = callerLimit
	}
	q.update(c)
	q.startCalls()
	return reached
}

// update adds a changed caller to those who are ready, or removes it from them,
// and forgets a caller without calls. It must be called with mu held.
func (q *queue) update(c *callerQueue) {
	ready := len(c.tickets) > 0 && c.running+c.tickets[0].weight <= q.maxPerCaller
	at := slices.Index(q.ready, c)
	switch {
	case ready && at < 0:
		q.ready = append(q.ready, c)
	case !ready && at >= 0:
		q.ready = slices.Delete(q.ready, at, at+1)
	}
	if c.running == 0 && len(c.tickets) == 0 {
		delete(q.callers, c.id)
	}
}

// startCalls starts calls while there is room. A caller who had a turn goes to the
// end. It must be called with mu held.
func (q *queue) startCalls() {
	for len(q.ready) > 0 && q.running+q.ready[0].tickets[0].weight <= q.max {
		c := q.ready[0]
		q.ready = slices.Delete(q.ready, 0, 1)
		first := c.tickets[0]
		close(first.run)
		c.tickets = slices.Delete(c.tickets, 0, 1)
		c.running += first.weight
		q.running += first.weight
		q.waiting--
		q.update(c)
	}
}

// counts returns the weight of running calls, how many wait, and of how many callers.
func (q *queue) counts() (running int64, waiting, callers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running, q.waiting, len(q.callers)
}

// admission is whether a caller gets what they ask for, and if not, whose limit is
// reached.
type admission int

const (
	admitted    admission = iota
	callerLimit           // this caller has as much as one may have
	serverLimit           // all callers together have as much as there is
	clientGone            // the client stopped waiting
)

// quota is an amount that is limited for all callers together and for each.
type quota struct {
	max, maxPerCaller int64

	mu    sync.Mutex // protects the fields below
	total int64
	held  map[string]int64 // by caller, without zeros
	freed chan struct{}    // closed at the next release; nil while nobody waits for it
}

func newQuota(most, mostPerCaller int64) *quota {
	return &quota{max: most, maxPerCaller: mostPerCaller, held: map[string]int64{}}
}

// await is take, but waits until a time for what others hold.
func (q *quota) await(caller string, n int64, until <-chan time.Time) admission {
	for {
		got := q.take(caller, n)
		if got != serverLimit {
			return got
		}
		select {
		case <-q.nextRelease(n):
		case <-until:
			return serverLimit
		}
	}
}

// nextRelease returns a channel that is closed once n may be there.
func (q *quota) nextRelease(n int64) <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.freed == nil {
		q.freed = make(chan struct{})
	}
	next := q.freed
	if n <= q.max-q.total { // released since
		close(q.freed)
		q.freed = nil
	}
	return next
}

// take gives n to a caller, or nothing.
func (q *quota) take(caller string, n int64) admission {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case n == 0:
		return admitted
	case n > q.maxPerCaller-q.held[caller]:
		return callerLimit
	case n > q.max-q.total:
		return serverLimit
	}
	q.total += n
	q.held[caller] += n
	return admitted
}

// release takes n back from a caller who holds that much.
func (q *quota) release(caller string, n int64) {
	if n == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.total -= n
	q.held[caller] -= n
	if q.held[caller] == 0 {
		delete(q.held, caller)
	}
	if q.freed != nil {
		close(q.freed)
		q.freed = nil
	}
}

// counts returns how much is held, and by how many callers.
func (q *quota) counts() (total int64, callers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total, len(q.held)
}
