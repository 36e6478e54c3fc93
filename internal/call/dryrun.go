package call

import (
	"context"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// dryRun tells what a call would do. Nothing is sent but a read.
func (r *Runner) dryRun(ctx context.Context, client *retool.Client, bound *tools.Call) result.Result {
	found, err := r.readCurrent(ctx, client, bound)
	return result.DryRun(bound, found, err, r.Results)
}

// readCurrent reads what a call would change, as it stands: what is read at the very
// path that is written. It is nil where nothing is.
func (r *Runner) readCurrent(ctx context.Context, client *retool.Client, bound *tools.Call) (*result.Current, error) {
	if bound.Tool.Method == "POST" {
		return nil, nil //nolint:nilnil // there is nothing yet, and that is no fault
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
	return nil, nil //nolint:nilnil // as above
}
