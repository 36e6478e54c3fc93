package mcpfix

// mcp-go answers each posted message with 202 and starts a goroutine for it, so a
// client that posts without reading the stream fills the memory with answers.
//
// So a stream has a bounded number of unanswered requests.

// maxPending is how many requests of one stream may be unanswered.
const maxPending = 100

// await records a request, unless too many are pending.
func (s *Stream) await(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == maxPending {
		return false
	}
	s.count++
	s.pending[id]++
	return true
}

// answered records that a request is answered.
func (s *Stream) answered(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[id] == 0 {
		return
	}
	s.count--
	if s.pending[id]--; s.pending[id] == 0 {
		delete(s.pending, id)
	}
	if s.draining && s.count == 0 {
		s.end()
	}
}
