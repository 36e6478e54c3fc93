package mcpfix

// mcp-go's CloseSessions ends event streams at once, and the answers of running
// calls are lost.
//
// So a stream that is to end waits for its pending requests.

// Drain ends the stream once no request is pending.
func (s *Stream) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	if s.count == 0 {
		s.end()
	}
}
