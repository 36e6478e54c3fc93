package mcpfix

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// mcp-go detaches the context of a call over server-sent events from everything
// (upstream issue 220, open), so the call runs on when its client is gone.
//
// So a middleware ends the call with its stream.

// EndWithClient is a tool middleware that cancels a call when its client is gone.
func EndWithClient(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		e, _ := ctx.Value(exchangeKey{}).(exchange)
		if e.gone == nil {
			return next(ctx, r)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(e.gone, cancel)() //nolint:contextcheck // mcp-go's context does not end
		return next(ctx, r)
	}
}
