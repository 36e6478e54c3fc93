package mcpfix

import (
	"fmt"
	"net"

	"github.com/mark3labs/mcp-go/mcp"
)

// mcp-go answers a canceled request, although a server must not send anything
// for it after notifications/cancelled. Some clients reconnect over an answer to
// an id that they have forgotten.
//
// So a cancellation marks the pending request, and the output drops its answer.

// cancel marks the requests that a notifications/cancelled names, and returns
// the same notification for mcp-go, which stops running requests. mcp-go gets
// none for a request that is over, as it may know another one by that id.
func (in *stdioInput) cancel(m message) (lines net.Buffers) {
	id := canceledID(&in.dec, m.params)
	for _, seen := range in.pending.cancel(string(id)) {
		lines = append(lines, fmt.Appendf(nil,
			`{"jsonrpc":"2.0","method":%q,"params":{"requestId":%s}}`+"\n", mcp.MethodNotificationCancelled, seen))
	}
	return lines
}

// cancel marks the requests of a client's id as canceled and returns the ids
// under which mcp-go sees them. They stay listed, so that their answers are
// recognized, but the end of input does not wait for them.
func (p *pendingRequests) cancel(id string) (seen []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, r := range p.requests {
		if r.id != id || r.canceled {
			continue
		}
		seen = append(seen, key)
		p.release(r)
		p.requests[key] = pendingRequest{id: id, canceled: true}
	}
	return seen
}
