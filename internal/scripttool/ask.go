package scripttool

import (
	"context"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
)

// apply makes the writes of a plan, or asks the user about them first: the question is
// the result then, and the call comes again with the answer.
func (s *Scripts) apply(ctx context.Context, c local.Call, p script.Program, id string) result.Result {
	var ask *result.Result
	out := s.Runner.Apply(ctx, p, s.Host(c.Catalog), id, func(ctx context.Context, planned *script.Outcome) script.Approval {
		approval, end := s.Approve(ctx, c.Tool.Name, planned)
		ask = end
		return approval
	})
	if ask != nil {
		return *ask
	}
	return s.applied(out, id, c.Tool)
}

// Approve asks whether a plan may be applied by a tool. A Result is the question.
func (s *Scripts) Approve(ctx context.Context, tool string, planned *script.Outcome) (a script.Approval, ask *result.Result) {
	question, noRoom := planned.Plan.Question(plan.MaxQuestion)
	confirmation, end := s.Calls.Approve(ctx, call.Planned{Tool: tool, ID: planned.ID, Question: question, Steps: planned.Plan.Steps})
	switch {
	case end == nil:
		return script.Approval{Confirmation: confirmation}, nil
	case end.Ask == nil:
		return script.Approval{Stop: end.Text}, nil
	case noRoom != nil:
		return script.Approval{Stop: "Not sent: " + noRoom.Error() + "."}, nil
	}
	return script.Approval{Stop: "Not sent: the user has not answered yet."}, end
}
