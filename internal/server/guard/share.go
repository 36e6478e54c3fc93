package guard

import "sync"

// verdict is whether somebody may go on, and who has too much if not.
type verdict int

const (
	granted    verdict = iota
	callerFull         // this caller has as much as one may have
	serverFull         // all callers together have as much as there is
	gone               // the one who asked does not wait any more
)

// share is a quantity of which there is so much for all callers, and so much
// for each of them.
type share struct {
	most, each int64

	mu    sync.Mutex
	total int64
	held  map[string]int64 // those who hold something, and nobody else
}

func newShare(most, each int64) *share {
	return &share{most: most, each: each, held: map[string]int64{}}
}

// take gives n to a caller, or nothing.
func (s *share) take(id string, n int64) verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case n > s.each-s.held[id]:
		return callerFull
	case n > s.most-s.total:
		return serverFull
	}
	s.total += n
	s.held[id] += n
	return granted
}

// giveBack takes n back from a caller who holds that much.
func (s *share) giveBack(id string, n int64) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total -= n
	s.held[id] -= n
	if s.held[id] == 0 {
		delete(s.held, id)
	}
}

// numbers are how much is held, and by how many.
func (s *share) numbers() (total int64, callers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total, len(s.held)
}
