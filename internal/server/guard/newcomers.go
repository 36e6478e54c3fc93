package guard

import (
	"context"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// newcomers tells callers whose token has been accepted by its issuer from those who
// may have invented theirs. As many of the latter can be made as anyone likes, so all
// together have the share of one small caller.
type newcomers struct {
	check  func(context.Context) // nil if there are none
	calls  *queue                // of newcomers, who take turns by the address they call from
	checks *queue                // of their tokens

	mu    sync.Mutex
	known map[string]time.Time // when the caller was last accepted
}

// The share of all newcomers, as parts of the maximum.
const (
	newcomerCalls = 16
	// checks is how many tokens are checked at once, and checkTimeout bounds a check.
	checks       = 8
	checkTimeout = 5 * time.Second
)

// maxKnown is how many accepted callers are remembered, and knownFor for how long
// without a call.
const (
	maxKnown = 10_000
	knownFor = 12 * time.Hour
)

// shareOfNewcomers is the id under which the limits count them.
const shareOfNewcomers = "newcomers"

func newNewcomers(o Options) *newcomers {
	calls := int64(max(1, o.MaxCalls/newcomerCalls))
	return &newcomers{check: o.Known, calls: newQueue(calls, calls), checks: newQueue(checks, checks), known: map[string]time.Time{}}
}

// party is a caller as the limits see them.
type party struct {
	id    string
	share string // the id under which memory and streams are counted
	host  string // the address they call from
	isNew bool
}

func (n *newcomers) identify(r *http.Request) party {
	id := caller.From(r.Context()).ID
	p := party{id: id, share: id}
	if n.isNew(id) {
		p.isNew, p.share = true, shareOfNewcomers
		p.host, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	return p
}

func (n *newcomers) isNew(id string) bool {
	if n.check == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	seen, ok := n.known[id]
	return !ok || time.Since(seen) > knownFor
}

// Share returns the id under which the limits count the caller in the context.
func (n *newcomers) Share(ctx context.Context) string {
	id := caller.From(ctx).ID
	if n.isNew(id) {
		return shareOfNewcomers
	}
	return id
}

// Accept says that the token of a caller is a real one. From now on they have limits
// of their own.
func (n *newcomers) Accept(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.known[id]; !ok && len(n.known) >= maxKnown {
		maps.DeleteFunc(n.known, func(_ string, seen time.Time) bool { return time.Since(seen) > knownFor })
		for other := range n.known { // any: whoever it is becomes known again with the next call
			if len(n.known) < maxKnown {
				break
			}
			delete(n.known, other)
		}
	}
	n.known[id] = time.Now()
}

// Reject says that the token of a caller is not accepted, or no longer.
func (n *newcomers) Reject(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.known, id)
}

// Check tells whether the caller in the context of a request is known, and asks if
// they are not: where the share of the newcomers is used up, those with a real token
// get their own.
func (n *newcomers) Check(ctx context.Context) bool {
	id := caller.From(ctx).ID
	if !n.isNew(id) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	host := ""
	if b, ok := ctx.Value(bodyKey{}).(*body); ok {
		host = b.of.host
	}
	if n.checks.acquire(ctx, host, 1, checkTimeout) != admitted {
		return false
	}
	defer n.checks.release(host, 1)
	n.check(ctx)
	return !n.isNew(id)
}
