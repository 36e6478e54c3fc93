package mcpfix

import "net/http"

// Clients of protocol 2026-07-28 send Mcp-Protocol-Version without Mcp-Method
// over server-sent events, a transport that is older than both headers. mcp-go
// asks for the second wherever it sees the first, and answers -32020.
//
// So the header is removed in front of this transport.

// HideProtocolVersion removes the Mcp-Protocol-Version header.
func HideProtocolVersion(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Mcp-Protocol-Version")
		next.ServeHTTP(w, r)
	})
}
