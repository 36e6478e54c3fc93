package mcpfix

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/progress"
)

// mcp-go puts notifications into a queue of 100 per session that another goroutine
// writes from. The last notification of a call is lost about half the time (upstream
// pull request 969), one request may take those of another, and a full queue drops
// them. The protocol wants progress before the response, on its stream.
//
// So the progress of a call bypasses the queue: internal/progress writes it to
// where the response goes. mcp-go's SendNotificationToClient keeps the defect;
// tools use progress.Report.

// exchange is a request and its response, as a transport sees them.
type exchange struct {
	notify func(notification []byte) // writes a notification before the response
	gone   context.Context           // ends when the client is gone; nil if mcp-go's own context does
}

type exchangeKey struct{}

// WithNotify lets Progress write the notifications of calls within ctx.
func WithNotify(ctx context.Context, notify func(notification []byte)) context.Context {
	return context.WithValue(ctx, exchangeKey{}, exchange{notify: notify})
}

func (e exchange) in(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
}

// Progress is a tool middleware that lets progress.Report reach the client, if
// the client asked for progress with a token.
func Progress(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		e, ok := ctx.Value(exchangeKey{}).(exchange)
		if !ok || r.Params.Meta == nil || r.Params.Meta.ProgressToken == nil {
			return next(ctx, r)
		}
		token := r.Params.Meta.ProgressToken
		return next(progress.With(ctx, func(done, total int, message string) {
			params := map[string]any{"progressToken": token, "progress": done}
			if total > 0 {
				params["total"] = total
			}
			if message != "" {
				params["message"] = message
			}
			text, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "method": mcp.MethodNotificationProgress, "params": params})
			if err == nil { // otherwise the token cannot be written either
				e.notify(text)
			}
		}), r)
	}
}
