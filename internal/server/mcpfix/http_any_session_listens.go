package mcpfix

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// mcp-go opens a GET stream under any session id, known or not, and registers a
// session for it. Anyone can so make sessions without limit, or listen to one
// whose id they know. The protocol wants 404 for an unknown session.
//
// So a GET or DELETE needs a session of the caller, and a stream ends with its
// session.

// RequireSession refuses a GET or DELETE unless find returns the context of a
// session. A GET ends with that context.
func RequireSession(next http.Handler, find func(*http.Request) context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		session := find(r)
		if session == nil {
			jsonrpc.WriteError(w, http.StatusNotFound, mcp.INVALID_REQUEST, "Unknown session. Initialize again.")
			return
		}
		if r.Method == http.MethodGet {
			var cancel context.CancelFunc
			r, cancel = Until(r, session) //nolint:contextcheck // the session may end before the request
			defer cancel()
		}
		next.ServeHTTP(w, r)
	})
}
