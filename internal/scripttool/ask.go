package scripttool

import (
	"context"

	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
)

// apply makes the writes of a plan, or asks the user about them first: the question is
// the result then, and the call comes again with the answer.
func (s *Scripts) apply(ctx context.Context, c local.Call, p script.Program, id string) result.Result {
	var ask *result.Result
	out := s.Runner.Apply(ctx, p, s.Host(c.Catalog), id, func(ctx context.Context, planned *script.Outcome) script.Approval {
		return script.Approval{Stop: "not built yet"}
	})
	if ask != nil {
		return *ask
	}
	return s.applied(out, c.Tool)
}
