package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Name is the server's name in MCP's handshake.
const Name = "retool-mcp"

// ProtocolVersions are the MCP revisions that the server speaks, newest first.
func ProtocolVersions() []string { return slices.Clone(mcp.ValidProtocolVersions) }

// ToolCaller calls a tool by name with raw JSON arguments. An error is a fault of
// this program, not of the call.
type ToolCaller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// New makes an MCP server that offers every tool of the catalog. The list is
// fixed for the life of the server.
func New(c *tools.Catalog, run ToolCaller, version string, log *slog.Logger) *mcpserver.MCPServer {
	s, prepare := NewDeferred(c, run, ServiceOptions{Version: version, Log: log})
	prepare()
	return s
}

// NewDeferred is New without the tools, which prepare adds. The library looks
// into each, and nobody needs to wait for that who only wants to be greeted and
// to see the list.
func NewDeferred(c *tools.Catalog, run ToolCaller, o ServiceOptions) (s *mcpserver.MCPServer, prepare func()) {
	service := newService(c, run, o, false)
	return service.mcp, service.prepare
}

// definition is a tool as the library knows it. All four hints are stated: a client
// assumes the worst of one that is missing.
func definition(t *tools.Tool) mcp.Tool {
	return mcp.Tool{
		Name:           t.Name,
		Description:    t.Description,
		RawInputSchema: emptySchema,
		Annotations: mcp.ToolAnnotation{
			Title:           t.Title,
			ReadOnlyHint:    &t.Hints.ReadOnly,
			DestructiveHint: &t.Hints.Destructive,
			IdempotentHint:  &t.Hints.Idempotent,
			OpenWorldHint:   &t.Hints.OpenWorld,
		},
	}
}

// explained is a tool that is not listed: a model that knows it from elsewhere
// and calls it is told why it is not there.
func explained(c *tools.Catalog, unavailable tools.Unavailable) mcpserver.ServerTool {
	tool := mcp.Tool{Name: unavailable.Name, RawInputSchema: emptySchema}
	return mcpserver.ServerTool{Tool: tool, Handler: func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		text, _ := c.WhyUnavailable(unavailable.Name)
		return mcp.NewToolResultError(text), nil
	}}
}

// call runs a tool. A panic in it must not end the process that other calls
// run in, and its text may hold anything, so neither agent nor log sees it.
func (s *Service) call(ctx context.Context, r mcp.CallToolRequest) (answer *mcp.CallToolResult, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "a tool panicked", "tool", r.Params.Name, "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer, err = mcp.NewToolResultError("The server failed inside while it ran this tool; other tools still work."), nil
		}
	}()
	now := s.now.Load()
	if text, ok := refused(caller.From(ctx), now.catalog.Find(r.Params.Name)); ok {
		return mcp.NewToolResultError(text), nil
	}
	leave, ok := turn(ctx)
	if !ok {
		return mcp.NewToolResultError("Nothing was sent: too many calls are in progress. Wait for their answers, then call again."), nil
	}
	defer leave()
	arguments, err := argumentsOf(r)
	if err != nil {
		return nil, err
	}
	outcome, err := now.run.CallTool(askable(reportTo(ctx, r), r), r.Params.Name, arguments)
	if err != nil {
		s.log.ErrorContext(ctx, "a tool failed inside", "tool", r.Params.Name, "error", err)
		return nil, fmt.Errorf("tool %s: %w", r.Params.Name, err)
	}
	if outcome.Ask != nil {
		return ask(outcome.Ask), nil
	}
	if outcome.IsError {
		return mcp.NewToolResultError(standIn(ctx, outcome.Text)), nil
	}
	return mcp.NewToolResultText(standIn(ctx, outcome.Text)), nil
}

// argumentsOf returns the arguments as they came over the wire: decoded ones
// would have lost the digits of large numbers.
func argumentsOf(r mcp.CallToolRequest) ([]byte, error) {
	if len(r.Params.RawArguments) > 0 || r.Params.Arguments == nil {
		return r.Params.RawArguments, nil
	}
	encoded, err := json.Marshal(r.Params.Arguments)
	if err != nil {
		return nil, fmt.Errorf("encode the arguments: %w", err)
	}
	return encoded, nil
}
