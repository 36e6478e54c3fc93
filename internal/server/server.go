package server

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/text"
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
func unavailableTool(c *tools.Catalog, name string) mcpserver.ServerTool {
	tool := mcp.Tool{Name: name, RawInputSchema: emptySchema}
	return mcpserver.ServerTool{Tool: tool, Handler: func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		why, _ := c.WhyUnavailable(name)
		return mcp.NewToolResultError(why), nil
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
	ctx = growing(ctx)
	outcome, err := s.run(ctx, r, answerOf(ctx, r))
	for asked := 0; err == nil && outcome.Ask != nil; asked++ {
		switch {
		case isModern(ctx):
			return askUser(outcome.Ask), nil
		case asked == maxQuestions:
			return mcp.NewToolResultError("Not sent: the user was asked several times, and each confirmation came too late."), nil
		}
		// mcp-go could ask, but it would also pass on what a client sends unasked.
		said, failed := s.mcp.RequestElicitation(ctx, mcp.ElicitationRequest{Params: elicitation(outcome.Ask)})
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case failed != nil:
			return mcp.NewToolResultError("Not sent: the client did not ask the user for a confirmation: " + text.Quote(failed.Error(), maxQuote) + "."), nil
		}
		outcome, err = s.run(ctx, r, readAnswer(outcome.Ask.State, said))
	}
	if err != nil {
		return nil, err
	}
	if outcome.IsError {
		return mcp.NewToolResultError(outcome.Text), nil
	}
	return mcp.NewToolResultText(outcome.Text), nil
}

// growing returns a context whose progress only grows, although a call that asked begins
// again.
func growing(ctx context.Context) context.Context {
	var mu sync.Mutex
	before, last := 0, 0
	return progress.With(ctx, func(done, total int, message string) {
		mu.Lock()
		defer mu.Unlock()
		if before+done <= last {
			before = last
		}
		if last = before + done; total > 0 {
			total += before
		}
		progress.Report(ctx, last, total, message)
	})
}

// maxQuestions is how often one call asks, where confirmations expire.
const maxQuestions = 3

// maxQuote is how many characters of a client's text a message quotes.
const maxQuote = 200

// run calls a tool, with the user's answer if there is one.
func (s *Service) run(ctx context.Context, r mcp.CallToolRequest, answer *confirm.Answer) (result.Result, error) {
	now := s.now.Load()
	tool := now.catalog.Current(r.Params.Name)
	if reason, ok := unauthorized(caller.From(ctx), tool); ok {
		return result.Result{Text: reason, IsError: true}, nil
	}
	if tool != nil && tool.Unlisted {
		return result.Result{Text: now.allowed(caller.From(ctx)).OnlyInScripts(tool), IsError: true}, nil
	}
	if tool != nil && tool.Name != r.Params.Name {
		return result.Result{Text: tool.Renamed(), IsError: true}, nil
	}
	arguments, err := argumentsOf(r)
	if err != nil {
		return result.Result{}, err
	}
	if tool != nil && tool.IsLocal() {
		ctx = local.Within(ctx, now.reached(caller.From(ctx)))
	}
	outcome, err := now.caller.CallTool(withClient(ctx, answer), r.Params.Name, arguments)
	if err != nil {
		s.options.Log.ErrorContext(ctx, "tool failed", "tool", r.Params.Name, "error", err)
		return outcome, fmt.Errorf("tool %s: %w", r.Params.Name, err)
	}
	return outcome, nil
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
