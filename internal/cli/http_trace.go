package cli

import (
	"context"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
	"github.com/retool-mcp/retool-mcp/tools"
)

// trace joins a call to the trace of its caller.
func (r *httpServer) trace(ctx context.Context, meta map[string]any, header http.Header) context.Context {
	ctx = telemetry.WithSession(ctx, telemetry.Session{
		ID: header.Get("Mcp-Session-Id"), Protocol: header.Get("Mcp-Protocol-Version"), Transport: "tcp",
	})
	return r.telemetry.Extract(ctx, meta, header)
}

// templated adds the path template of a tool to traces, which has no ids in it.
type templated struct {
	server.ToolCaller
	catalog *tools.Catalog
}

// CallTool calls a tool.
func (t templated) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	if tool := t.catalog.Find(name); tool != nil {
		ctx = telemetry.WithTemplate(ctx, tool.Path)
	}
	return t.ToolCaller.CallTool(ctx, name, arguments)
}
