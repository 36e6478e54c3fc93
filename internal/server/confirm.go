package server

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// confirmID is what our one question of a call is filed under.
const confirmID = "confirm"

// askable tells a call whether its client can ask a person, and what the person
// said, if this is the call's second round.
func askable(ctx context.Context, r mcp.CallToolRequest) context.Context {
	client := confirm.Client{CanAsk: canElicit(ctx)}
	if answer := mcpserver.ElicitationResponse(r.Params.InputResponses, confirmID); answer != nil {
		client.Answer = &confirm.Answer{QuestionKey: r.Params.RequestState, Confirmed: agreed(answer)}
	}
	if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
		who := caller.From(ctx)
		who.SessionID = session.SessionID()
		ctx = caller.With(ctx, who)
	}
	return confirm.With(ctx, client)
}

// canElicit tells whether the client says that it can ask. In the older era it has
// to be reached while its call runs, too: there is no way to one without a session,
// nor to one of server-sent events, for whose sessions the library has no questions.
func canElicit(ctx context.Context) bool {
	if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities != nil && info.ClientCapabilities.Elicitation != nil
	}
	session := mcpserver.ClientSessionFromContext(ctx)
	client, knows := session.(mcpserver.SessionWithClientInfo)
	_, reaches := session.(mcpserver.SessionWithElicitation)
	return knows && reaches && client.GetClientCapabilities().Elicitation != nil
}

// agreed tells whether a person accepted, and did not take it back in the form.
func agreed(answer *mcp.ElicitationResult) bool {
	if answer.Action != mcp.ElicitationResponseActionAccept {
		return false
	}
	content, ok := answer.Content.(map[string]any)
	if !ok {
		return answer.Content == nil
	}
	said, given := content["confirm"]
	return !given || said == true
}

// ask is the result that puts a question to the person.
func ask(q *confirm.Question) *mcp.CallToolResult {
	return mcpserver.NewInputRequestBuilder(q.Key).Elicit(confirmID, mcp.ElicitationParams{
		Message: q.Text,
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{
				"confirm": map[string]any{"type": "boolean", "title": "Do it", "description": "Anything but yes sends nothing."},
			},
			"required": []string{"confirm"},
		},
	}).ToolResult()
}
