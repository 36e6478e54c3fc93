package call

import (
	"context"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// fanOut runs a call for each of several values of one argument, one after the other,
// and joins the results. It stops when the result is full or the time is up, and then
// names the values that are left.
func (r *Runner) fanOut(ctx context.Context, client *retool.Client, b *tools.Binder, parts []tools.Part) (result.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	joined := result.NewJoin(parts[0].Arg, r.Results)
	for i, part := range parts {
		one := *r
		one.Results.MaxTokens = joined.Left()
		outcome, err := one.run(ctx, client, b, part.Arguments)
		switch {
		case err != nil:
			return result.Result{}, err
		case i == 0 && outcome.IsError: // mostly the others would fail alike
			outcome.Text = part.Label() + ": " + outcome.Text
			if left := len(parts) - 1; left > 0 {
				outcome.Text += fmt.Sprintf("\nNot tried: the other %d values of %s.", left, part.Arg)
			}
			return outcome, nil
		case i > 0 && (joined.Full(outcome) || ctx.Err() != nil):
			return joined.Result(leftNote(parts[i:])), nil
		}
		joined.Add(part.Label(), part.Value, outcome)
		progress.Report(ctx, i+1, len(parts), fmt.Sprintf("%d of %d values of %s", i+1, len(parts), part.Arg))
	}
	return joined.Result(""), nil
}

// leftNote says how to go on with the values that were not read.
func leftNote(parts []tools.Part) string {
	values := make([]string, len(parts))
	for i, part := range parts {
		values[i] = string(part.Value)
	}
	return fmt.Sprintf("The result is full. Call again with %s [%s].", parts[0].Arg, strings.Join(values, ","))
}
