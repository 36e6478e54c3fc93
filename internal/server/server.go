package server

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Name is the name of the server in the MCP handshake.
const Name = "retool-mcp"

// ProtocolVersions returns the MCP revisions that the server speaks, newest first.
func ProtocolVersions() []string { return slices.Clone(mcp.ValidProtocolVersions) }

// ToolCaller calls a tool by name with raw JSON arguments. An error is a fault of
// this program, not of the call.
type ToolCaller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// definition returns a tool as mcp-go knows it. All four hints are set: clients
// assume the worst of a missing one.
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

// unavailableTool returns a tool that is not listed: a model that knows it from
// elsewhere and calls it learns why it is unavailable.
func unavailableTool(c *tools.Catalog, unavailable tools.Unavailable) mcpserver.ServerTool {
	tool := mcp.Tool{Name: unavailable.Name, RawInputSchema: emptySchema}
	return mcpserver.ServerTool{Tool: tool, Handler: func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		text, _ := c.WhyUnavailable(unavailable.Name)
		return mcp.NewToolResultError(text), nil
	}}
}

// call handles tools/call. A panic in a tool must not end the process, and its
// text may hold anything, so neither agent nor log sees it.
func (s *Service) call(ctx context.Context, r mcp.CallToolRequest) (answer *mcp.CallToolResult, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.options.Log.ErrorContext(ctx, "tool panicked", "tool", r.Params.Name, "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer, err = mcp.NewToolResultError("Internal error in this tool. Other tools still work."), nil
		}
	}()
	now := s.now.Load()
	if reason, ok := unauthorized(caller.From(ctx), now.catalog.Find(r.Params.Name)); ok {
		return mcp.NewToolResultError(reason), nil
	}
	release, ok := acquire(ctx)
	if !ok {
		return mcp.NewToolResultError("Not sent: too many calls are in progress. Wait for their answers, then retry."), nil
	}
	defer release()
	arguments, err := argumentsOf(r)
	if err != nil {
		return nil, err
	}
	outcome, err := now.caller.CallTool(withClient(ctx, r), r.Params.Name, arguments)
	if err != nil {
		s.options.Log.ErrorContext(ctx, "tool failed", "tool", r.Params.Name, "error", err)
		return nil, fmt.Errorf("tool %s: %w", r.Params.Name, err)
	}
	if outcome.Ask != nil {
		return askUser(outcome.Ask), nil
	}
	if outcome.IsError {
		return mcp.NewToolResultError(outcome.Text), nil
	}
	return mcp.NewToolResultText(outcome.Text), nil
}

// argumentsOf returns the arguments as the client wrote them: decoded, large
// numbers would lose digits.
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

// confirmationID identifies the one question of a call.
const confirmationID = "confirm"

// withClient tells a call whether its client can ask the user for a confirmation,
// the user's answer if this is the second round, and the session.
func withClient(ctx context.Context, r mcp.CallToolRequest) context.Context {
	client := confirm.Client{CanAsk: canElicit(ctx)}
	if answer := mcpserver.ElicitationResponse(r.Params.InputResponses, confirmationID); answer != nil {
		client.Answer = &confirm.Answer{QuestionKey: r.Params.RequestState, Confirmed: confirmed(answer)}
	}
	if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
		c := caller.From(ctx)
		c.SessionID = session.SessionID()
		ctx = caller.With(ctx, c)
	}
	return confirm.With(ctx, client)
}

// canElicit reports whether the client declares elicitation and can be reached
// while its call runs. Before protocol 2026-07-28 that takes a session, and mcp-go
// cannot ask in sessions of HTTP+SSE.
func canElicit(ctx context.Context) bool {
	if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities != nil && info.ClientCapabilities.Elicitation != nil
	}
	session := mcpserver.ClientSessionFromContext(ctx)
	client, knows := session.(mcpserver.SessionWithClientInfo)
	_, reaches := session.(mcpserver.SessionWithElicitation)
	return knows && reaches && client.GetClientCapabilities().Elicitation != nil
}

// confirmed reports whether the user accepted and left the box checked.
func confirmed(answer *mcp.ElicitationResult) bool {
	if answer.Action != mcp.ElicitationResponseActionAccept {
		return false
	}
	content, ok := answer.Content.(map[string]any)
	if !ok {
		return answer.Content == nil
	}
	value, given := content["confirm"]
	return !given || value == true
}

// askUser returns the result that asks the user for a confirmation.
func askUser(q *confirm.Question) *mcp.CallToolResult {
	return mcpserver.NewInputRequestBuilder(q.Key).Elicit(confirmationID, mcp.ElicitationParams{
		Message: q.Text,
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{
				"confirm": map[string]any{"type": "boolean", "title": "Confirm", "description": "Nothing is sent unless this is yes."},
			},
			"required": []string{"confirm"},
		},
	}).ToolResult()
}
