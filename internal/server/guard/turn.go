package guard

import "sync"

// turn is that of one call among those that run. The call may give it up and take
// another, until it ends.
type turn struct {
	mu      sync.Mutex
	release func() // nil without a turn
	ended   bool
}

// take reports whether the call still runs. If not, the turn is released.
func (t *turn) take(release func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		release()
		return false
	}
	t.release = release
	return true
}

func (t *turn) giveUp() { t.leave(false) }
func (t *turn) end()    { t.leave(true) }

func (t *turn) leave(ended bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = t.ended || ended
	if t.release != nil {
		t.release()
		t.release = nil
	}
}
