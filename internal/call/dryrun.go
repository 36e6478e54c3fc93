package call

import (
	"context"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// dryRun shows what a call would do. It sends reads only.
func (r *Runner) dryRun(ctx context.Context, client *retool.Client, bound *tools.Call) result.Result {
	current, err := r.readCurrent(ctx, client, bound)
	return result.DryRun(bound, current, err, r.Results)
}

// readCurrent reads the object that a call would change, with the tool that
// reads at the same path. It is nil if there is no such object or tool.
func (r *Runner) readCurrent(ctx context.Context, client *retool.Client, bound *tools.Call) (*result.Current, error) {
	if bound.Tool.Method == "POST" {
		return nil, nil //nolint:nilnil // nothing exists yet
	}
	for i := range r.Readers.Tools {
		t := &r.Readers.Tools[i]
		if t.Method != "GET" || t.Path != bound.Tool.Path {
			continue
		}
		reading := bound.AtSamePath(t)
		response, err := r.send(ctx, client, upstreamRequest{call: reading, request: reading.Request})
		if err != nil {
			return nil, err
		}
		return &result.Current{Call: reading, Response: response}, nil
	}
	return nil, nil //nolint:nilnil // nothing reads it
}
