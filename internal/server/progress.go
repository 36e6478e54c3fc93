package server

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/progress"
)

// What a call reports of its progress goes past the queue of the library, on
// stdio as over HTTP: it has to be written before the answer, and the queue makes
// no such promise.

type notifyKey struct{}

// withNotify lets the calls of a stream of messages write notifications to it.
func withNotify(ctx context.Context, notify func(notification []byte)) context.Context {
	return context.WithValue(ctx, notifyKey{}, notify)
}

// reportTo makes a call tell its client how far it has come, if the client has
// asked for that with a token.
func reportTo(ctx context.Context, r mcp.CallToolRequest) context.Context {
	if r.Params.Meta == nil || r.Params.Meta.ProgressToken == nil {
		return ctx
	}
	notify, ok := ctx.Value(notifyKey{}).(func([]byte))
	if e, over := ctx.Value(overHTTP{}).(exchange); over {
		notify, ok = e.report, true
	}
	if !ok {
		return ctx
	}
	token := r.Params.Meta.ProgressToken
	return progress.With(ctx, func(done, total int, message string) {
		params := map[string]any{"progressToken": token, "progress": done, "message": message}
		if total > 0 {
			params["total"] = total
		}
		text, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "method": "notifications/progress", "params": params})
		if err == nil { // else the token cannot be sent anyhow
			notify(text)
		}
	})
}
