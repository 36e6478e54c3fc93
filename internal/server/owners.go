package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// owners are sessions and the callers to whom they belong. A session serves
// nobody else: an id is no secret, it stands in logs of proxies.
type owners struct {
	most, each int // in all and of one owner, 0 for any number
	mu         sync.Mutex
	of         map[string]*session
	has        map[string]int // how many each owner has
}

type session struct {
	id, owner string
	used      atomic.Bool     // by the library, which gives it to the client
	over      context.Context // ends with the session
	end       context.CancelFunc
	stream    *stream // of the older transport alone
}

func newOwners(most, each int) *owners {
	return &owners{most: most, each: each, of: map[string]*session{}, has: map[string]int{}}
}

// Who has too many sessions.
const (
	ownerHasTooMany = "This caller has too many sessions: try again later."
	thereAreTooMany = "There are too many sessions: try again later."
)

func (o *owners) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.of)
}

// add makes a session, of a stream or none. Where there are too many it says who
// has them, the owner or all together.
func (o *owners) add(owner string, of *stream) (_ *session, crowded string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.each > 0 && o.has[owner] >= o.each:
		return nil, ownerHasTooMany
	case o.most > 0 && len(o.of) >= o.most:
		return nil, thereAreTooMany
	}
	o.has[owner]++
	s := &session{id: uuid.NewString(), owner: owner, stream: of}
	s.over, s.end = context.WithCancel(context.Background())
	if of != nil {
		of.end = s.end
	}
	o.of[s.id] = s
	return s, ""
}

// find is the session of that id if it is the owner's, else nil.
func (o *owners) find(owner, id string) *session {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.of[id]; s != nil && s.owner == owner {
		return s
	}
	return nil
}

func (o *owners) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.of[id]
	if s == nil {
		return
	}
	s.end()
	delete(o.of, id)
	if o.has[s.owner]--; o.has[s.owner] == 0 {
		delete(o.has, s.owner)
	}
}

// dropUnused drops a session that the client never got to know.
func (o *owners) dropUnused(s *session) {
	if !s.used.Load() {
		o.drop(s.id)
	}
}

// ResolveSessionIdManager gives the library what a request may do with sessions.
// Without a request it is the library that cleans up.
//
//nolint:staticcheck // the library spells it so
func (o *owners) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager {
	if r == nil {
		return sessionsOf{owners: o, all: true}
	}
	s, _ := r.Context().Value(reserved{}).(*session)
	return sessionsOf{owners: o, owner: who(r), reserved: s}
}

// reserved is where a request carries the session that it may begin.
type reserved struct{}

type sessionsOf struct {
	*owners
	owner    string
	all      bool
	reserved *session
}

var errNoSession = errors.New("there is no such session")

// Generate begins the session that was reserved for the request, if any.
func (s sessionsOf) Generate() string {
	if s.reserved == nil {
		return ""
	}
	s.reserved.used.Store(true)
	return s.reserved.id
}

// Validate finds a session of the caller.
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	if !s.all && s.find(s.owner, id) == nil {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session of the caller.
func (s sessionsOf) Terminate(id string) (notAllowed bool, err error) {
	if !s.all && s.find(s.owner, id) == nil {
		return false, errNoSession
	}
	s.drop(id)
	return false, nil
}
