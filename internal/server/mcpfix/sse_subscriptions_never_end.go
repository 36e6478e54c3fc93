package mcpfix

import (
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// mcp-go serves subscriptions/listen over server-sent events with a context that
// never ends, so each such message leaks a goroutine. The transport predates the
// method: its stream carries list_changed notifications without a subscription.
//
// So the method is refused, on the stream: clients take a bad status of the POST
// for the end of the session.

func (s *Stream) refuseSubscription(w http.ResponseWriter, m jsonrpc.Message) {
	w.WriteHeader(http.StatusAccepted)
	if m.ID != nil {
		s.notify(jsonrpc.ErrorResponse(m.ID, mcp.METHOD_NOT_FOUND, "This transport has no subscriptions. Its stream carries notifications without one."))
	}
}
