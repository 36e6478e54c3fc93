package server

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// owners are sessions and the callers to whom they belong. A session serves
// nobody else: an id is no secret, it stands in logs of proxies.
type owners struct {
	most int // 0 for any number
	mu   sync.Mutex
	of   map[string]string
}

func newOwners(most int) *owners { return &owners{most: most, of: map[string]string{}} }

func (o *owners) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.of)
}

func (o *owners) full() bool { return o.most > 0 && o.count() >= o.most }

// add makes a session, "" where there are too many.
func (o *owners) add(owner string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.most > 0 && len(o.of) >= o.most {
		return ""
	}
	id := uuid.NewString()
	o.of[id] = owner
	return id
}

func (o *owners) owns(owner, id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	has, ok := o.of[id]
	return ok && has == owner
}

func (o *owners) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.of, id)
}

// issue is add as the older transport asks for it.
func (o *owners) issue(ctx context.Context, r *http.Request) (string, error) {
	id := o.add(who(r))
	if keep, ok := ctx.Value(streamID{}).(*string); ok {
		*keep = id
	}
	return id, nil
}

type streamID struct{}

// released forgets the session of a stream once it has ended.
func (o *owners) released(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var id string
		defer func() { o.drop(id) }()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), streamID{}, &id)))
	})
}

// only lets those through to whom the session in the query belongs. For all
// others there is no such session.
func (o *owners) only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.owns(who(r), r.URL.Query().Get("sessionId")) {
			refuse(w, http.StatusNotFound, mcp.INVALID_PARAMS, "There is no such session: open the stream again.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ResolveSessionIdManager gives the library what a request may do with sessions.
// Without a request it is the library that cleans up.
func (o *owners) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager {
	if r == nil {
		return sessionsOf{owners: o, all: true}
	}
	return sessionsOf{owners: o, owner: who(r)}
}

type sessionsOf struct {
	*owners
	owner string
	all   bool
}

var errNoSession = errors.New("there is no such session")

// Generate makes a session for the caller.
func (s sessionsOf) Generate() string { return s.add(s.owner) }

// Validate finds a session of the caller.
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	if !s.all && !s.owns(s.owner, id) {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session of the caller.
func (s sessionsOf) Terminate(id string) (notAllowed bool, err error) {
	if !s.all && !s.owns(s.owner, id) {
		return false, errNoSession
	}
	s.drop(id)
	return false, nil
}
