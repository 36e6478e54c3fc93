package call

import (
	"cmp"
	"context"
	"errors"
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
	if !t.Hints.Destructive {
		return notAsked, nil
	}
	user := confirm.From(ctx)
	about := confirm.About{Caller: caller.From(ctx).ID, Instance: r.Instance + " " + client.Address().String(), Tool: t.Name}
	answered := user.Answer != nil
	if answered && !user.Answer.Confirmed { // a refusal, whatever the client and the settings are now
		r.Agreements.Redeem(user.Answer.State, about) // nobody can say yes to it any more
		return declined, refusal(refusedDeclined, t.Name, user.Answer.Said)
	}
	if r.Confirm == ConfirmNever || r.Confirm == "" {
		return notAsked, nil
	}
	if !answered && !user.CanAsk {
		return r.unasked(t)
	}
	question, err := r.question(ctx, client, bound)
	if err != nil {
		failure := result.Failure(bound, err, r.Results)
		return notAsked, &failure
	}
	about.Arguments, about.Text = string(bound.Arguments()), client.Shown(question)
	verdict := confirm.Unknown
	if answered {
		verdict = r.Agreements.Redeem(user.Answer.State, about)
	}
	switch {
	case verdict == confirm.Agreed:
		return confirmed, nil
	case verdict == confirm.Changed:
		return declined, refusal(refusedChanged, t.Name)
	case !user.CanAsk:
		return r.unasked(t)
	}
	return "", &result.Result{Ask: r.Agreements.Ask(about)} // also where whoever says yes has not been asked, or too long ago
}

// unasked says what becomes of a call where nobody can be asked.
func (r *Runner) unasked(t *tools.Tool) (confirmation string, end *result.Result) {
	setting := cmp.Or(r.SettingNames.Confirm, "the confirmation setting")
	switch {
	case t.Irreversible:
		return cannotAsk, refusal(refusedForAll, t.Name, setting)
	case r.Confirm == ConfirmAlways:
		return cannotAsk, refusal(refusedUnconfirmed, t.Name, setting)
	}
	return clientPrompt, nil
}

// question says what the call will do, and to what. It reads the object first,
// if one request does that. An error is that of a token that Retool does not accept.
func (r *Runner) question(ctx context.Context, client *retool.Client, bound *tools.Call) (string, error) {
	object := ""
	current, err := r.readCurrent(ctx, client, bound)
	status, answered := errors.AsType[*retool.StatusError](err)
	switch {
	case answered && status.RefusesToken():
		return "", err
	case err == nil && current != nil:
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
		return text + ". This cannot be undone and affects the whole organization.", nil
	}
	return text + ". This cannot be undone.", nil
}
