package mcpfix

// mcp-go answers each posted message with 202 and starts a goroutine for it, so a
// client that posts without reading the stream fills the memory with answers.
//
// So a stream has a bounded number of unanswered requests.

// maxPending is how many requests of one stream may be unanswered.
const maxPending = 100

// await records a request and keeps what it needs, unless too many are pending.
func (s *Stream) await(id string, keep func() (release func())) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == maxPending {
		return false
	}
	s.count++
	release := func() {}
	if !s.released {
		release = keep()
	}
	s.pending[id] = append(s.pending[id], release)
	return true
}

// answered records that a request is answered.
func (s *Stream) answered(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	releases := s.pending[id]
	if len(releases) == 0 {
		return
	}
	s.count--
	releases[0]()
	if s.pending[id] = releases[1:]; len(releases) == 1 {
		delete(s.pending, id)
	}
	if s.draining && s.count == 0 {
		s.end()
	}
}

// releaseAll ends all pending requests: the stream is closed.
func (s *Stream) releaseAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, releases := range s.pending {
		for _, release := range releases {
			release()
		}
	}
	clear(s.pending)
	s.released = true
}
