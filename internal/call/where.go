package call

import (
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/internal/where"
	"github.com/retool-mcp/retool-mcp/tools"
)

// optionsFor are the options for the result of a call, with its condition. One that
// cannot be read is a Result.
func (r *Runner) optionsFor(call *tools.Call) (o result.Options, end *result.Result) {
	o = r.Results
	if call.Controls.Where == "" {
		return o, nil
	}
	filter, err := where.New(call.Controls.Where, call.Tool.Answer, call.Controls.Resolve)
	if err != nil {
		return o, &result.Result{Text: fmt.Sprintf("Not sent: %s: %s.", tools.ArgWhere, text.OneLine(text.EscapeInvisible(err.Error()))), IsError: true, Kind: result.BadArguments}
	}
	o.Where = filter
	return o, nil
}
