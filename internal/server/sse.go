package server

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

// openStream makes a session that lasts as long as its event stream.
func (h *HTTP) openStream(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := h.streams.add(callerID(r)) // without limits it never fails; the guard limits streams
		defer h.streams.drop(s.id)
		s.stream = mcpfix.NewStream(s.ctx, w, s.end)         //nolint:contextcheck // the session's context, which ends with the stream
		defer context.AfterFunc(h.closing, s.stream.Drain)() //nolint:contextcheck // the end of the server is not that of the request
		defer s.stream.Close()
		r, cancel := mcpfix.Until(withReserved(r, s), s.ctx) //nolint:contextcheck // as above
		defer cancel()
		next.ServeHTTP(s.stream, r)
	})
}

// postMessage passes a message to the caller's stream that the query names.
func (h *HTTP) postMessage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := h.streams.find(callerID(r), r.URL.Query().Get("sessionId"))
		if s == nil {
			jsonrpc.WriteError(w, http.StatusNotFound, mcp.INVALID_PARAMS, "Unknown session. Open the stream again.")
			return
		}
		s.stream.Post(w, r, next)
	})
}
