package guard

import "sync"

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

	mu    sync.Mutex
	total int64
	held  map[string]int64 // by caller, without zeros
}

func newQuota(most, mostPerCaller int64) *quota {
	return &quota{max: most, maxPerCaller: mostPerCaller, held: map[string]int64{}}
}

// take gives n to a caller, or nothing.
func (q *quota) take(caller string, n int64) admission {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
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
}

// counts returns how much is held, and by how many callers.
func (q *quota) counts() (total int64, callers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total, len(q.held)
}
