package mcpfix

import "sync"

// pendingRequests are the requests that mcp-go has read and not answered. Each
// has two ids: the client's, and the one mcp-go sees. They differ where
// stdio_ids_rounded.go or stdio_ids_reused.go asks for an alias, so an answer is
// matched to its request by comparing bytes.
type pendingRequests struct {
	mu       sync.Mutex
	requests map[string]pendingRequest // by the id that mcp-go sees
	aliases  int                       // handed out so far
	awaited  int                       // requests the end of input waits for
	done     chan struct{}             // closed when awaited is 0; nil until asked for
}

type pendingRequest struct {
	id       string // as the client wrote it
	awaited  bool   // the end of input waits for the answer
	canceled bool   // the answer is not sent
}

func newPendingRequests() *pendingRequests {
	return &pendingRequests{requests: make(map[string]pendingRequest)}
}

type pendingKey struct{}

// add adds a request and returns the id under which mcp-go sees it.
func (p *pendingRequests) add(id string, awaited bool) (seen string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen = p.unique(id)
	p.requests[seen] = pendingRequest{id: id, awaited: awaited}
	if awaited {
		p.awaited++
	}
	return seen
}

// find returns the request that mcp-go sees under an id.
func (p *pendingRequests) find(seen string) (pendingRequest, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.requests[seen]
	return r, ok
}

// remove removes an answered request.
func (p *pendingRequests) remove(seen string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(p.requests[seen])
	delete(p.requests, seen)
}

// release stops waiting for a request. It must be called with mu held.
func (p *pendingRequests) release(r pendingRequest) {
	if !r.awaited {
		return
	}
	p.awaited--
	if p.awaited == 0 && p.done != nil {
		close(p.done)
	}
}

// answered returns a channel that is closed when no awaited request is left. It
// may be called once, and no request may be added afterwards.
func (p *pendingRequests) answered() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = make(chan struct{})
	if p.awaited == 0 {
		close(p.done)
	}
	return p.done
}

// unanswered returns the number of awaited requests.
func (p *pendingRequests) unanswered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.awaited
}
