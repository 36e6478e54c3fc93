package call

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
)

// Planned is a plan that is to be applied.
type Planned struct {
	// Tool is the one that applies it, ID the plan's id.
	Tool, ID string
	// Question tells the user what the plan does.
	Question string
	Steps    []plan.Step
}

// Approve asks the user about a plan, once for all its steps, if the settings require
// that for any of them. A Result stops the apply: it is the question or a refusal. The
// confirmation is for the audit log, empty with a question.
//
// A question is bound to the caller, the instance, the tool and the plan.
func (r *Runner) Approve(ctx context.Context, p Planned) (confirmation string, end *result.Result) {
	return approve(ctx, p, []share{{r, p.Steps}})
}

// Approve is Runner.Approve for a plan whose steps name their instances. If any of
// these requires that the user is asked, he is.
func (in *Instances) Approve(ctx context.Context, p Planned) (confirmation string, end *result.Result) {
	var shares []share
	for _, name := range in.names {
		steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s plan.Step) bool { return instanceOf(s.Arguments) != name })
		if len(steps) > 0 {
			shares = append(shares, share{in.runners[name], steps})
		}
	}
	if len(shares) == 0 {
		return notAsked, nil
	}
	return approve(ctx, p, shares)
}

// share are the steps of a plan on one instance.
type share struct {
	r     *Runner
	steps []plan.Step
}

func approve(ctx context.Context, p Planned, shares []share) (confirmation string, end *result.Result) {
	user, agreements := confirm.From(ctx), shares[0].r.Agreements
	about := confirm.About{Caller: caller.From(ctx).ID, Tool: p.Tool, Arguments: p.ID, Text: p.Question}
	var where []string
	for _, s := range shares {
		where = append(where, s.r.Instance+" "+s.r.Client.Address().String())
		about.Text = s.r.clientFor(ctx).Shown(about.Text)
	}
	about.Instance = strings.Join(where, "\n")
	if user.Answer != nil && !user.Answer.Confirmed { // whatever the client and the settings are now
		agreements.Redeem(user.Answer.State, about)
		return declined, refusal(refusedDeclined, p.Tool, user.Answer.Said)
	}
	shares = slices.DeleteFunc(shares, func(s share) bool {
		return s.r.Confirm == ConfirmNever || s.r.Confirm == "" || !slices.ContainsFunc(s.steps, func(s plan.Step) bool { return s.Destructive })
	})
	switch {
	case len(shares) == 0:
		return notAsked, nil
	case user.Answer != nil && agreements.Redeem(user.Answer.State, about) == confirm.Agreed:
		return confirmed, nil
	case user.CanAsk: // again if the plan reads otherwise now, or nobody was asked
		return "", &result.Result{Ask: agreements.Ask(about)}
	}
	for _, s := range shares {
		setting := cmp.Or(s.r.SettingNames.Confirm, "the confirmation setting")
		if i := slices.IndexFunc(s.steps, func(s plan.Step) bool { return s.Irreversible }); i >= 0 {
			return cannotAsk, refusal(refusedForAll, s.steps[i].Operation, setting)
		}
		if s.r.Confirm == ConfirmAlways {
			return cannotAsk, refusal(refusedUnconfirmed, "this plan", setting)
		}
	}
	return clientPrompt, nil
}
