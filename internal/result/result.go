package result

import (
	"cmp"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Result is the outcome of one call.
type Result struct {
	Text string
	// IsError says that the call failed and that Text tells why.
	IsError bool
	// Ask is a question to the person behind the call, without whose answer it
	// does not go on; nil in all other cases.
	Ask *confirm.Question
}

// WithNote is the result with a line more: among those of a table, or behind
// everything else.
func (r Result) WithNote(line string) Result {
	switch head, rest, more := strings.Cut(r.Text, "\n"); {
	case line == "":
	case strings.HasPrefix(r.Text, "# ") && more:
		r.Text = head + "\n# " + line + "\n" + rest
	case strings.HasPrefix(r.Text, "# "):
		r.Text += "\n# " + line
	case strings.Contains(r.Text, "\n\n"):
		r.Text += "\n" + line
	default:
		r.Text += "\n\n" + line
	}
	return r
}

// Options are the operator's wishes on results.
type Options struct {
	// MaxTokens is how large a result may be, by the rule of Tokens; 0 for any
	// size.
	MaxTokens int
	// Reveal shows secrets as they came.
	Reveal bool
	// SentSecrets are secrets that went out with the call, named by its arguments. They
	// stay out of the result even where others are shown.
	SentSecrets []string
	// exact keeps invisible characters, for texts that show them escaped.
	exact bool
	// SettingNames are the names of settings in advice.
	SettingNames SettingNames
}

// SettingNames are what users call the settings that advice mentions, such as
// "--url (RETOOL_URL)". Empty ones are described in words.
type SettingNames struct {
	Address, Token string
}

func (n SettingNames) address() string { return cmp.Or(n.Address, "the address") }

func (n SettingNames) token() string { return cmp.Or(n.Token, "the access token") }

// Of renders the answer to a call that is not gone on with.
func Render(call *tools.Call, r *retool.Response, o Options) Result {
	l, step, other := ReadList(call, r, o)
	if other != nil {
		return *other
	}
	if unknown := l.UnknownFields(step); unknown != nil && call.Tool.Hints.ReadOnly {
		return *unknown
	}
	most := len(step.items)
	if n := call.Controls.MaxItems; n > 0 {
		most = min(most, n)
	}
	next, ok := step.Take(most)
	end := ListEnd{Unreachable: step.NextMissing()}
	if ok && (call.Paginated() || most == len(step.items) && call.Tool.Paging != nil) {
		end.Next = &next
	} else if most < len(step.items) {
		end.Reason = "that is what max_items asks for"
	}
	return l.Render(end)
}
