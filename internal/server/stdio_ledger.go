package server

import (
	"fmt"
	"sync"
)

// A ledger lists the requests that mcp-go has been given and has not answered.
//
// A request has two ids: the one the client wrote, and the one under which
// mcp-go sees it. They are the same unless mcp-go would not echo the client's
// byte for byte (it reads numbers as float64 and escapes strings for HTML) or
// a request of that id is still running. Such a request travels under an alias,
// so that an answer is matched to its request by comparing bytes, and whatever
// mcp-go keeps by id, it keeps for one request.
type ledger struct {
	mu      sync.Mutex
	entries map[string]entry // by the id that mcp-go sees
	aliases int              // handed out so far
	open    int              // entries that are awaited
	settled chan struct{}    // closed when open is 0; nil until asked for
}

type entry struct {
	id       string // as the client wrote it
	awaited  bool   // the end of input waits for the answer
	canceled bool   // the answer is not to be sent
}

func newLedger() *ledger {
	return &ledger{entries: make(map[string]entry)}
}

// enter adds a request and returns the id under which mcp-go is to see it.
func (l *ledger) enter(id string, awaited bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := id
	_, running := l.entries[seen]
	for running || !echoed(seen) {
		l.aliases++
		seen = fmt.Sprintf(`"alias-%d"`, l.aliases)
		_, running = l.entries[seen]
	}
	l.entries[seen] = entry{id: id, awaited: awaited}
	if awaited {
		l.open++
	}
	return seen
}

// find returns the unanswered request that mcp-go sees as seen.
func (l *ledger) find(seen string) (entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[seen]
	return e, ok
}

// cancel marks the requests of a client's id as canceled and returns the ids
// under which mcp-go sees them. They stay listed, for their answers to be
// recognized, but nobody waits for them.
func (l *ledger) cancel(id string) (seen []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, e := range l.entries {
		if e.id != id || e.canceled {
			continue
		}
		seen = append(seen, key)
		l.release(e)
		l.entries[key] = entry{id: id, canceled: true}
	}
	return seen
}

// leave removes a request that has been answered.
func (l *ledger) leave(seen string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(l.entries[seen])
	delete(l.entries, seen)
}

func (l *ledger) release(e entry) {
	if !e.awaited {
		return
	}
	l.open--
	if l.open == 0 && l.settled != nil {
		close(l.settled)
	}
}

// settle returns a channel that is closed when no awaited request is left. It
// may be called once, and no request may be entered afterwards.
func (l *ledger) settle() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = make(chan struct{})
	if l.open == 0 {
		close(l.settled)
	}
	return l.settled
}

// unanswered returns the number of awaited requests.
func (l *ledger) unanswered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// echoed reports whether mcp-go answers a request of this id (a JSON string or
// number) with the same bytes. It errs on the side of no.
func echoed(id string) bool {
	const exact = 15 // decimal digits, of which a float64 holds any combination
	if id[0] != '"' && len(id) > exact {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case id[0] != '"' && (c < '0' || c > '9'):
			return false
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		}
	}
	return true
}
