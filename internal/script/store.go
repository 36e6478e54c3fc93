package script

import (
	"slices"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

// maxStored bounds what is kept of plans, in bytes; a larger plan is not kept.
const (
	maxStored     = 8 << 20
	maxStoredPlan = 1 << 20
)

// store keeps plans and their programs as long as they can be applied: so the code
// need not come again, and it can be told how a plan has changed. The zero value is
// ready.
type store struct {
	mu   sync.Mutex
	kept []*stored // oldest first
	size int
}

type stored struct {
	id         string
	program    Program
	plan       *plan.Plan // nil if it is too large
	readFailed []failedRead
	made       time.Time
	size       int
}

// add keeps a plan.
func (s *store) add(id string, p Program, planned *plan.Plan, readFailed []failedRead, now time.Time) {
	const overhead = 256
	size := overhead
	for i := range planned.Steps {
		step := &planned.Steps[i]
		size += overhead + len(step.Arguments)
		for _, words := range slices.Concat(step.Words.Objects, step.Words.Changes) {
			size += len(words)
		}
	}
	if size > maxStoredPlan {
		planned, size = nil, overhead
	}
	size += len(p.Code) + len(p.Args) + overhead*len(readFailed)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.size = append(s.kept, &stored{id, p, planned, readFailed, now, size}), s.size+size
	for s.size > maxStored || now.Sub(s.kept[0].made) > plan.Validity {
		s.size -= s.kept[0].size
		s.kept[0] = nil
		s.kept = s.kept[1:]
	}
}

// of returns the plan of an id, nil if it is not kept or of another caller.
func (s *store) of(id string, p Program, now time.Time) *stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Backward(s.kept) {
		if k.id == id && k.program.Caller == p.Caller && k.program.Instance == p.Instance && now.Sub(k.made) <= plan.Validity {
			return k
		}
	}
	return nil
}

// newFailure returns a read that failed now and not when the plan was made, as far as
// that is known.
func (p *planner) newFailure(was *stored) (failedRead, bool) {
	for _, failed := range p.readFailed {
		if was == nil || !slices.ContainsFunc(was.readFailed, func(f failedRead) bool { return f.call == failed.call }) {
			return failed, true
		}
	}
	return failedRead{}, false
}
