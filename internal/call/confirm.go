package call

import (
	"context"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Confirm says when a person is asked before something is destroyed.
type Confirm string

// The ways to confirm.
const (
	// ConfirmAuto asks where the client can, and else leaves it to the client's
	// own prompt; but what cannot be undone and reaches everybody is refused.
	ConfirmAuto Confirm = "auto"
	// ConfirmAlways asks, and refuses where the client cannot.
	ConfirmAlways Confirm = "always"
	// ConfirmNever asks nobody.
	ConfirmNever Confirm = "never"
)

// How a destructive call was confirmed, for the audit log.
const (
	confirmed    = "confirmed"
	notAsked     = "not asked"
	clientPrompt = "left to the client"
	declined     = "declined"
	unanswerable = "nobody to ask"
)

// confirm asks the person behind a call, where it has to be asked. A Result ends
// the call: it is the question, or says that nothing was sent. How is for the
// audit log.
func (r *Runner) confirm(ctx context.Context, client *retool.Client, bound *tools.Call) (how string, end *result.Result) {
	t := bound.Tool
	if !t.Hints.Destructive || r.Confirm == ConfirmNever || r.Confirm == "" {
		return notAsked, nil
	}
	person := confirm.From(ctx)
	switch {
	case person.CanAsk:
	case r.Confirm == ConfirmAlways:
		return unanswerable, refusal("Nothing was sent: %s has to be confirmed by a person, and this client cannot ask one. The operator decides that with --confirm (RETOOL_MCP_CONFIRM).", t.Name)
	case t.Irreversible:
		return unanswerable, refusal("Nothing was sent: %s cannot be undone and reaches everybody in the organization, so a person has to confirm it, and this client cannot ask one. "+
			"With --confirm never (RETOOL_MCP_CONFIRM) the operator can allow it all the same.", t.Name)
	default:
		return clientPrompt, nil
	}
	question := confirm.NewQuestion(r.question(ctx, client, bound), t.Name, string(bound.Arguments()))
	switch {
	case person.Answer == nil:
		return "", &result.Result{Ask: question}
	case !person.Answer.Confirmed:
		return declined, refusal("Nothing was sent: the person who was asked did not agree to %s. Do not try again without being told to.", t.Name)
	case person.Answer.QuestionKey != question.Key:
		return declined, refusal("Nothing was sent: what %s would change is not what the person agreed to any more. Look at it again, then call again.", t.Name)
	}
	return confirmed, nil
}

func refusal(format string, args ...any) *result.Result {
	return &result.Result{Text: fmt.Sprintf(format, args...), IsError: true}
}

// question says in words what will be done, and to what. The object is read
// first, where one call does that.
func (r *Runner) question(ctx context.Context, client *retool.Client, bound *tools.Call) string {
	what := ""
	if found, err := r.readCurrent(ctx, client, bound); err == nil && found != nil {
		what = found.Describe(r.Results)
	}
	ids := strings.Join(bound.PathValues(), ", ")
	switch {
	case what == "":
		what = ids
	case ids != "":
		what += " (" + ids + ")"
	}
	text := bound.Tool.Title
	if what != "" {
		text += ": " + what
	}
	if bound.Tool.Irreversible {
		return text + ". This cannot be undone and reaches everybody in the organization."
	}
	return text + ". This cannot be undone."
}
