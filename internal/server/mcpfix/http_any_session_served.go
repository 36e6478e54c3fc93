package mcpfix

import (
	"bytes"
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// mcp-go opens a GET stream under any session id, known or not, and registers a
// session for it. Anyone can so make sessions without limit, or listen to one
// whose id they know. It answers 404 to a POST without an id, which tells a client
// that its session has ended, and 202 to some messages without looking at the id.
// The protocol wants 400 for a missing id and 404 for an unknown one.
//
// So everything in a session but initialize needs a session of the caller, and a
// stream ends with its session.

// RequireSession refuses a request of the session-based protocol, except initialize,
// unless find returns the context of its session. A GET ends with that context.
func RequireSession(next http.Handler, inSession func(*http.Request) bool, find func(*http.Request) context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !inSession(r) || Method(r) == mcp.MethodInitialize {
			r.Header.Del(mcpserver.HeaderKeySessionID) // mcp-go takes the client's word for it, and traces show it
			next.ServeHTTP(w, r)
			return
		}
		if r.Header.Get(mcpserver.HeaderKeySessionID) == "" {
			if namesVersion(r) { // mcp-go says which header that protocol needs
				next.ServeHTTP(w, r)
				return
			}
			jsonrpc.WriteError(w, http.StatusBadRequest, mcp.INVALID_REQUEST, "Missing header Mcp-Session-Id. Initialize first, then send the id from that response with every request.")
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

// namesVersion reports whether the message names its protocol version, as those of
// the protocol without sessions do.
func namesVersion(r *http.Request) bool {
	return bytes.Contains(message(r).Params, []byte(mcp.MetaKeyProtocolVersion))
}
