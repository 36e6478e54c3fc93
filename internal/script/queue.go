package script

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// queue bounds how many scripts run at once. The callers take turns: the next place is
// for who has the fewest scripts running, then for whose turn was longest ago. No caller
// gets the last place, so that scripts which use up their time do not keep others
// waiting for it.
type queue struct {
	mu      sync.Mutex // guards what follows
	all     int
	taken   int
	turn    int
	of      map[string]*share // of callers who have or wait for a place
	waiting []*waiter         // in the order in which they came
}

// share is what a caller has, and the turn that was theirs last.
type share struct{ taken, waiting, turn int }

type waiter struct {
	caller string
	begin  chan struct{} // closed when it has its place
}

// take waits for a place, and reports false if ctx ended first.
func (p *queue) take(ctx context.Context, caller string) bool {
	w := &waiter{caller, make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, w)
	if p.of[caller] == nil {
		p.of[caller] = &share{}
	}
	p.of[caller].waiting++
	p.fill()
	p.mu.Unlock()
	select {
	case <-w.begin:
		return true
	case <-ctx.Done():
	}
	p.mu.Lock()
	at := slices.Index(p.waiting, w)
	if at >= 0 {
		p.waiting = slices.Delete(p.waiting, at, at+1)
		p.of[caller].waiting--
		p.forget(caller)
	}
	p.mu.Unlock()
	if at < 0 { // it got one at the same time
		p.give(caller)
	}
	return false
}

// give gives a place back.
func (p *queue) give(caller string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	p.of[caller].taken--
	p.forget(caller)
	p.fill()
}

// forget drops a caller who has nothing. The caller holds p.mu.
func (p *queue) forget(caller string) {
	if s := p.of[caller]; s.taken+s.waiting == 0 {
		delete(p.of, caller)
	}
}

// fill gives free places to who waits. The caller holds p.mu.
func (p *queue) fill() {
	for p.taken < p.all {
		next := -1
		var first *share
		for i, w := range p.waiting {
			s := p.of[w.caller]
			if s.taken < p.most(w.caller) && (first == nil || cmp.Or(cmp.Compare(s.taken, first.taken), cmp.Compare(s.turn, first.turn)) < 0) {
				next, first = i, s
			}
		}
		if first == nil {
			return
		}
		close(p.waiting[next].begin)
		p.waiting = slices.Delete(p.waiting, next, next+1)
		p.turn++
		p.taken++
		first.taken, first.waiting, first.turn = first.taken+1, first.waiting-1, p.turn
	}
}

// most is how many places a caller may have: all, if there is but the operator.
func (p *queue) most(caller string) int {
	if caller == "" {
		return p.all
	}
	return max(1, p.all-1)
}
