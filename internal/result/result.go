package result

import (
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Result is the outcome of one call.
type Result struct {
	Text string
	// IsError says that the call failed and that Text tells why.
	IsError bool
}

// Options are the operator's wishes on results.
type Options struct {
	// MaxTokens is how large a result may be, by the rule of Tokens; 0 for any
	// size.
	MaxTokens int
	// Reveal shows secrets as they came.
	Reveal bool
	// Used are secrets that went out with the call, named by its arguments. They
	// stay out of the result even where others are shown.
	Used []string
}

// Of renders the answer to a call that is not gone on with.
func Of(call *tools.Call, r *retool.Response, o Options) Result {
	l, step, other := Read(call, r, o)
	if other != nil {
		return *other
	}
	if unknown := l.Unknown(step); unknown != nil && call.Tool.Hints.ReadOnly {
		return *unknown
	}
	most := len(step.items)
	if n := call.View.MaxItems; n > 0 {
		most = min(most, n)
	}
	next, ok := step.Take(most)
	end := End{Lost: step.Lost()}
	if ok && (call.Windowed() || most == len(step.items) && call.Tool.Paging != nil) {
		end.Next = &next
	} else if most < len(step.items) {
		end.Reason = "that is what max_items asks for"
	}
	return l.Render(end)
}
