package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

// sessions are the sessions of one transport with their owners. A session serves
// its owner only: an id is not a secret, proxies log it.
type sessions struct {
	max, maxPerOwner int // 0 means no limit

	mu       sync.Mutex
	byID     map[string]*session
	perShare map[string]int
}

type session struct {
	id, owner string
	share     string          // the id under which it counts
	used      atomic.Bool     // mcp-go has given the id to the client
	ctx       context.Context // ends with the session
	end       context.CancelFunc
	stream    *mcpfix.Stream // of HTTP+SSE only
}

func newSessions(most, mostPerOwner int) *sessions {
	return &sessions{max: most, maxPerOwner: mostPerOwner, byID: map[string]*session{}, perShare: map[string]int{}}
}

var (
	errOwnerSessions = errors.New("This caller has too many sessions. Retry later.") //nolint:revive,staticcheck // sent to the client as is
	errAllSessions   = errors.New("The server has too many sessions. Retry later.")  //nolint:revive,staticcheck // as above
	errNoSession     = errors.New("unknown session")
)

func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

// add makes a session that counts under an id, unless that or the server has too many.
func (s *sessions) add(owner, share string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.maxPerOwner > 0 && s.perShare[share] >= s.maxPerOwner:
		return nil, errOwnerSessions
	case s.max > 0 && len(s.byID) >= s.max:
		return nil, errAllSessions
	}
	n := &session{id: uuid.NewString(), owner: owner, share: share}
	n.ctx, n.end = context.WithCancel(context.Background())
	s.perShare[share]++
	s.byID[n.id] = n
	return n, nil
}

// find returns the owner's session with that id, or nil.
func (s *sessions) find(owner, id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.byID[id]; found != nil && found.owner == owner {
		return found
	}
	return nil
}

func (s *sessions) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[id]
	if old == nil {
		return
	}
	old.end()
	delete(s.byID, id)
	if s.perShare[old.share]--; s.perShare[old.share] == 0 {
		delete(s.perShare, old.share)
	}
}

// reservedKey is the context key of the session that a request may start.
type reservedKey struct{}

func withReserved(r *http.Request, s *session) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), reservedKey{}, s))
}

// reservedID gives mcp-go the id of the reserved session.
func reservedID(_ context.Context, r *http.Request) (string, error) {
	s, ok := r.Context().Value(reservedKey{}).(*session)
	if !ok {
		return "", errNoSession
	}
	return s.id, nil
}

// reserveSession makes a session for each initialize that may start one, within
// the limits.
func (h *HTTP) reserveSession(next http.Handler, share func(context.Context) string, check func(context.Context) bool) http.Handler {
	add := func(r *http.Request) (*session, error) {
		if share == nil {
			return h.sessions.add(callerID(r), callerID(r))
		}
		s, err := h.sessions.add(callerID(r), share(r.Context()))
		if errors.Is(err, errOwnerSessions) && share(r.Context()) != callerID(r) && check(r.Context()) {
			return h.sessions.add(callerID(r), callerID(r))
		}
		return s, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.inSession(r) || mcpfix.Method(r) != mcp.MethodInitialize {
			next.ServeHTTP(w, r)
			return
		}
		s, err := add(r)
		if err != nil {
			status := http.StatusServiceUnavailable
			if errors.Is(err, errOwnerSessions) {
				status = http.StatusTooManyRequests
			}
			w.Header().Set("Retry-After", "30")
			jsonrpc.WriteError(w, status, mcp.INTERNAL_ERROR, err.Error())
			return
		}
		defer func() {
			if !s.used.Load() { // the client never got the id
				h.sessions.drop(s.id)
			}
		}()
		next.ServeHTTP(w, withReserved(r, s))
	})
}

// sessionOf returns the context of the caller's session, or nil.
func (h *HTTP) sessionOf(r *http.Request) context.Context {
	if s := h.sessions.find(callerID(r), r.Header.Get(mcpserver.HeaderKeySessionID)); s != nil {
		return s.ctx
	}
	return nil
}

// ResolveSessionIdManager tells mcp-go what a request may do with sessions. A nil
// request is mcp-go's own cleanup.
//
//nolint:staticcheck // the name is mcp-go's
func (s *sessions) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager {
	if r == nil {
		return sessionManager{sessions: s, cleanup: true}
	}
	reserved, _ := r.Context().Value(reservedKey{}).(*session)
	return sessionManager{sessions: s, owner: callerID(r), reserved: reserved}
}

type sessionManager struct {
	*sessions
	owner    string
	cleanup  bool
	reserved *session
}

// Generate starts the reserved session of the request, if any.
func (m sessionManager) Generate() string {
	if m.reserved == nil {
		return ""
	}
	m.reserved.used.Store(true)
	return m.reserved.id
}

// Validate finds a session of the caller.
func (m sessionManager) Validate(id string) (terminated bool, err error) {
	if !m.cleanup && m.find(m.owner, id) == nil {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session of the caller.
func (m sessionManager) Terminate(id string) (notAllowed bool, err error) {
	if _, err := m.Validate(id); err != nil {
		return false, err
	}
	m.drop(id)
	return false, nil
}
