package server

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

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
