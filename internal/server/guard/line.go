package guard

import (
	"context"
	"slices"
	"sync"
	"time"
)

// line is where calls wait for their turn. Calls of one caller run in the order
// in which they came; callers take turns, so that one who sends a hundred calls
// delays a second one by a single call.
type line struct {
	most, each int // calls that run at once, of all and of one caller

	mu      sync.Mutex
	running int
	waiting int
	queues  map[string]*queue // callers who run or wait, and nobody else
	ready   []*queue          // those whose first ticket lacks nothing but room, in the order of their turns
}

// queue is what one caller has in the line.
type queue struct {
	id      string
	running int
	tickets []ticket
}

// ticket is closed once its call may run.
type ticket chan struct{}

func newLine(most, each int) *line {
	return &line{most: most, each: each, queues: map[string]*queue{}}
}

// enter waits for the turn of a call, at most as long as patience and ctx allow.
// Whoever is granted it must leave.
func (l *line) enter(ctx context.Context, id string, patience time.Duration) verdict {
	mine := l.join(id)
	select {
	case <-mine:
		return granted
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-mine:
		return granted
	case <-timer.C:
		return l.giveUp(id, mine)
	case <-ctx.Done():
		if l.giveUp(id, mine) == granted {
			l.leave(id)
		}
		return gone
	}
}

// leave ends a call that was granted.
func (l *line) leave(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[id]
	q.running--
	l.running--
	l.place(q)
	l.admit()
}

func (l *line) join(id string) ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[id]
	if q == nil {
		q = &queue{id: id}
		l.queues[id] = q
	}
	mine := make(ticket)
	q.tickets = append(q.tickets, mine)
	l.waiting++
	l.place(q)
	l.admit()
	return mine
}

// giveUp takes a ticket out of the line and says who had too much. It is
// granted if its turn came in that very moment.
func (l *line) giveUp(id string, mine ticket) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[id]
	at := -1
	if q != nil {
		at = slices.Index(q.tickets, mine)
	}
	if at < 0 {
		return granted
	}
	q.tickets = slices.Delete(q.tickets, at, at+1)
	l.waiting--
	why := serverFull
	if q.running >= l.each {
		why = callerFull
	}
	l.place(q)
	return why
}

// place puts a queue where it belongs after it changed: among the ready or not,
// and nowhere if nothing is left of it.
func (l *line) place(q *queue) {
	able := len(q.tickets) > 0 && q.running < l.each
	at := slices.Index(l.ready, q)
	switch {
	case able && at < 0:
		l.ready = append(l.ready, q)
	case !able && at >= 0:
		l.ready = slices.Delete(l.ready, at, at+1)
	}
	if q.running == 0 && len(q.tickets) == 0 {
		delete(l.queues, q.id)
	}
}

// admit lets calls run while there is room. A caller who had a turn stands
// behind the others for the next.
func (l *line) admit() {
	for l.running < l.most && len(l.ready) > 0 {
		q := l.ready[0]
		l.ready = slices.Delete(l.ready, 0, 1)
		close(q.tickets[0])
		q.tickets = slices.Delete(q.tickets, 0, 1)
		q.running++
		l.running++
		l.waiting--
		l.place(q)
	}
}

// numbers are how many calls run and wait, and of how many callers.
func (l *line) numbers() (running, waiting, callers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running, l.waiting, len(l.queues)
}
