package mcpfix

import (
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// mcp-go compares the Mcp-Method header with the body only for clients of
// protocol 2026-07-28. The guard in front of it counts a POST as a stream by
// this header, so an older client could send calls past the limit of calls.
//
// So a POST whose header says subscriptions/listen and whose body does not is
// refused, whatever the client's protocol.

// CheckMethodHeader refuses a call that claims to be a subscription.
func CheckMethodHeader(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const listen = mcp.MethodSubscriptionsListen
		if r.Header.Get(mcp.HeaderMethod) == string(listen) && r.Method == http.MethodPost && Method(r) != listen {
			jsonrpc.WriteError(w, http.StatusBadRequest, mcp.HEADER_MISMATCH, "The Mcp-Method header does not match the method in the body.")
			return
		}
		next.ServeHTTP(w, r)
	})
}
