package mcpfix

import "fmt"

// mcp-go keeps the cancel function of a request under its id alone. If a client
// reuses the id of a running request, as it may after a cancellation, the second
// request replaces the first, and the end of either forgets both: a cancellation
// then reaches the wrong request or none.
//
// So a request whose id is pending travels under an alias.

// unique returns the id under which mcp-go sees a request: the client's, or an
// alias. It must be called with mu held.
func (p *pendingRequests) unique(id string) string {
	seen := id
	_, running := p.requests[seen]
	for running || !echoed(seen) {
		p.aliases++
		seen = fmt.Sprintf(`"alias-%d"`, p.aliases)
		_, running = p.requests[seen]
	}
	return seen
}
