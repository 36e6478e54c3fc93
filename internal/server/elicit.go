package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// A client of protocol 2026-07-28 gets the question as a result, and calls again
// with the answer and the question's state. An older client is asked while its call
// runs, and neither sees the state nor can send an answer along.

// confirmationID identifies the one question of a call, and the one field of its
// answer.
const confirmationID = "confirm"

// isModern tells whether the client gets questions as results. It decides as
// mcp-go does.
func isModern(ctx context.Context) bool {
	return mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx))
}

// answerOf is the user's answer that comes with a call, nil for none. An older client
// cannot say yes with a call, yet a refusal counts from whoever it comes.
func answerOf(ctx context.Context, r mcp.CallToolRequest) *confirm.Answer {
	given := len(r.Params.InputResponses) > 0 || r.Params.RequestState != ""
	said, answered := r.Params.InputResponses[confirmationID]
	if !given || !answered && canElicit(ctx) {
		return nil
	}
	if !answered {
		return &confirm.Answer{State: r.Params.RequestState, Said: "none"}
	}
	raw, _ := said.MarshalJSON() // it was decoded from JSON
	answer := readAnswer(r.Params.RequestState, mcpfix.Elicited(raw))
	if answer.Confirmed && !isModern(ctx) {
		return nil
	}
	return answer
}

// readAnswer reads what the client answered. Only the value true, in an answer that
// accepts, is a confirmation.
func readAnswer(state string, said *mcp.ElicitationResult) *confirm.Answer {
	a := &confirm.Answer{State: state}
	switch said.Action {
	case mcp.ElicitationResponseActionAccept:
	case mcp.ElicitationResponseActionDecline, mcp.ElicitationResponseActionCancel:
		a.Said = string(said.Action)
		return a
	default:
		a.Said = text.Quote(string(said.Action), maxQuote)
		return a
	}
	content, _ := said.Content.(map[string]any)
	value, given := content[confirmationID]
	if !given {
		a.Said = "accept without confirm: true"
		return a
	}
	encoded, _ := json.Marshal(value) // it was decoded from JSON
	a.Confirmed = value == true
	a.Said = fmt.Sprintf("accept with confirm: %s", text.OneLine(text.Clip(string(encoded), maxQuote)))
	return a
}

// withClient tells a call whether its client can ask the user for a confirmation,
// the user's answer, and the session.
func withClient(ctx context.Context, answer *confirm.Answer) context.Context {
	if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
		c := caller.From(ctx)
		c.SessionID = session.SessionID()
		ctx = caller.With(ctx, c)
	}
	return confirm.With(ctx, confirm.Client{CanAsk: canElicit(ctx), Answer: answer})
}

// asksForms reports whether a client asks its user questions in forms. One that
// names no mode does, by the protocol.
func asksForms(c *mcp.ElicitationCapability) bool {
	return c != nil && (c.Form != nil || c.URL == nil)
}

// canElicit reports whether the client declares elicitation and can be reached
// while its call runs. Before protocol 2026-07-28 that takes a session, and mcp-go
// cannot ask in sessions of HTTP+SSE.
func canElicit(ctx context.Context) bool {
	if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities != nil && asksForms(info.ClientCapabilities.Elicitation)
	}
	session := mcpserver.ClientSessionFromContext(ctx)
	client, knows := session.(mcpserver.SessionWithClientInfo)
	_, reaches := session.(mcpserver.SessionWithElicitation)
	return knows && reaches && asksForms(client.GetClientCapabilities().Elicitation)
}

// elicitation is a question as the client gets it.
func elicitation(q *confirm.Question) mcp.ElicitationParams {
	return mcp.ElicitationParams{
		Message: q.Text,
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{
				confirmationID: map[string]any{"type": "boolean", "title": "Confirm", "description": "Nothing is sent unless this is yes."},
			},
			"required": []string{confirmationID},
		},
	}
}

// askUser returns the result that asks the user for a confirmation.
func askUser(q *confirm.Question) *mcp.CallToolResult {
	return mcpserver.NewInputRequestBuilder(q.State).Elicit(confirmationID, elicitation(q)).ToolResult()
}
