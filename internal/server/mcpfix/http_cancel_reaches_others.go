package mcpfix

import (
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

// Without a session, mcp-go knows a running request by its id alone, so one
// client's notifications/cancelled {requestId: 7} cancels another client's
// request 7. The protocol has clients of stateless HTTP cancel by closing the
// connection.
//
// So cancellations without a session are accepted and dropped.

// DropCancellations drops each notifications/cancelled that is not part of a
// session.
func DropCancellations(next http.Handler, inSession func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Method(r) == mcp.MethodNotificationCancelled && !inSession(r) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		next.ServeHTTP(w, r)
	})
}
