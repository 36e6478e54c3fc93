package call

import (
	"cmp"
	"context"

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
	ask := bound.Asks()
	if !t.Hints.Destructive && ask == nil {
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
		switch {
		case ask == nil || ask.Below == nil:
			return r.unasked(t)
		case r.Confirm == ConfirmAuto: // whatever the present level is
			return notAsked, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	what, end := r.about(ctx, client, bound)
	switch {
	case end != nil:
		return notAsked, end
	case !answered && (!what.asks || r.Confirm == ConfirmAuto && what.OnlyAdds()):
		return notAsked, nil
	case !answered && !user.CanAsk:
		return r.unasked(t)
	}
	most := result.MaxQuestion - len([]rune(r.Instance)) - len("Instance : ")
	about.Arguments, about.Text = string(bound.Arguments()), client.Shown(what.Question(most))
	about.Core, about.Partial = client.Shown(what.Core().Question(most)), what.lookup.partial
	about.Object = what.State()
	verdict := confirm.Unknown
	if answered {
		verdict = r.Agreements.Redeem(user.Answer.State, about)
	}
	switch {
	case verdict == confirm.Agreed:
		return confirmed, nil
	case verdict == confirm.Changed && (!what.Unread() || !user.CanAsk): // or nobody knows whether it changed
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

// wouldAsk says in a dry run of a call that asks that the user would be asked, "" if not, or refuses a
// call for which nobody could be asked.
func (r *Runner) wouldAsk(ctx context.Context, t *tools.Tool) (asks string, end *result.Result) {
	switch {
	case r.Confirm == ConfirmNever || r.Confirm == "":
		return "", nil
	case confirm.From(ctx).CanAsk:
		return "The call would ask the user to confirm it.", nil
	}
	_, end = r.unasked(t)
	return "", end
}
