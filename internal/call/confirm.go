package call

import (
	"cmp"
	"context"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Confirm says when the user is asked to confirm a destructive call.
type Confirm string

// The ways to confirm.
const (
	// ConfirmAuto asks where the client can, and otherwise leaves it to the
	// client's own prompt. Tools that are irreversible for the whole organization
	// are refused there.
	ConfirmAuto Confirm = "auto"
	// ConfirmAlways asks, and refuses where the client cannot.
	ConfirmAlways Confirm = "always"
	// ConfirmNever does not ask.
	ConfirmNever Confirm = "never"
)

// How a destructive call was confirmed, for the audit log.
const (
	confirmed    = "confirmed"
	notAsked     = "not asked"
	clientPrompt = "left to the client"
	declined     = "declined"
	cannotAsk    = "client cannot ask"
)

// confirm asks the user to confirm a call, if that is required. A Result ends the
// call: it is the question or a refusal. The confirmation is for the audit log,
// empty with a question.
func (r *Runner) confirm(ctx context.Context, client *retool.Client, bound *tools.Call) (confirmation string, end *result.Result) {
	t := bound.Tool
	if !t.Hints.Destructive || r.Confirm == ConfirmNever || r.Confirm == "" {
		return notAsked, nil
	}
	user := confirm.From(ctx)
	if !user.CanAsk {
		setting := cmp.Or(r.SettingNames.Confirm, "the confirmation setting")
		switch {
		case t.Irreversible:
			return cannotAsk, refusal(refusedForAll, t.Name, setting)
		case r.Confirm == ConfirmAlways:
			return cannotAsk, refusal(refusedUnconfirmed, t.Name, setting)
		}
		return clientPrompt, nil
	}
	about := confirm.About{
		Caller: caller.From(ctx).ID, Instance: r.Instance + " " + client.Address().String(), Tool: t.Name,
		Arguments: string(bound.Arguments()), Text: client.Shown(r.question(ctx, client, bound)),
	}
	if user.Answer == nil {
		return "", &result.Result{Ask: r.Agreements.Ask(about)}
	}
	verdict := r.Agreements.Redeem(user.Answer.State, about)
	switch {
	case !user.Answer.Confirmed:
		return declined, refusal(refusedDeclined, t.Name, user.Answer.Said)
	case verdict == confirm.Changed:
		return declined, refusal(refusedChanged, t.Name)
	case verdict == confirm.Unknown: // whoever says yes has not been asked, or too long ago
		return "", &result.Result{Ask: r.Agreements.Ask(about)}
	}
	return confirmed, nil
}

// question says what the call will do, and to what. It reads the object first,
// if one request does that.
func (r *Runner) question(ctx context.Context, client *retool.Client, bound *tools.Call) string {
	object := ""
	if current, err := r.readCurrent(ctx, client, bound); err == nil && current != nil {
		object = current.Describe(r.Results)
	}
	ids := strings.Join(bound.PathValues(), ", ")
	switch {
	case object == "":
		object = ids
	case ids != "":
		object += " (" + ids + ")"
	}
	text := bound.Tool.Title
	if object != "" {
		text += ": " + object
	}
	if bound.Tool.Irreversible {
		return text + ". This cannot be undone and affects the whole organization."
	}
	return text + ". This cannot be undone."
}
