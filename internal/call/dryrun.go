package call

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// dryRun shows what a call would do, or refuses it as the call would be refused. It
// sends reads only.
func (r *Runner) dryRun(ctx context.Context, client *retool.Client, bound *tools.Call) (result.Result, error) {
	if _, _, err := r.fill(bound); err != nil {
		return argumentFailure(err)
	}
	s, end := r.reserveSecret(bound.Tool)
	s.discard()
	if end != nil {
		return *end, nil
	}
	destroys := bound.Tool.Hints.Destructive
	var asks string
	if destroys {
		if asks, end = r.wouldAsk(ctx, bound.Tool); end != nil {
			return *end, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	about, end := r.about(ctx, client, bound)
	if end == nil && about.asks && !destroys {
		asks, end = r.wouldAsk(ctx, bound.Tool)
	}
	if end != nil {
		return *end, nil
	}
	if about.OnlyAdds() && r.Confirm == ConfirmAuto {
		asks = ""
	}
	return about.DryRun(asks, r.Results), nil
}

// subject is what a call is about and how much it affects.
type subject struct {
	*result.About
	lookup *lookup
	asks   bool // the user, unless the settings say otherwise
	// reach is what else the call affects, access the level that it changes.
	reach, access []string
}

// about reads what a call is about; names are looked up later, when they are shown.
// A Result ends the call: Retool does not accept the token, or there is nothing that
// the call could be about.
func (r *Runner) about(ctx context.Context, client *retool.Client, bound *tools.Call) (s subject, end *result.Result) {
	s.lookup, s.asks = r.lookup(client), bound.Tool.Hints.Destructive
	as, ask := bound.Tool, bound.Asks()
	if ask != nil {
		s.asks = true
		if t := r.Readers.Find(ask.As); t != nil {
			as = t
		}
	}
	current := r.readCurrent(ctx, client, bound)
	if current != nil {
		if status, ok := errors.AsType[*retool.StatusError](current.Failed); ok && status.RefusesToken() {
			failure := result.Failure(bound, current.Failed, r.Results)
			return s, &failure
		}
		if s.asks && notThere(bound, current) {
			failure := result.NotThere(bound, current, r.Results)
			return s, &failure
		}
	}
	named := func(kind, id string) string { return s.lookup.called(ctx, kind, id) }
	s.reach = s.lookup.facts(ctx, bound, as)
	if as.Method == "POST" && as.Path == "/permissions/revoke" {
		g := s.lookup.grantOf(ctx, bound)
		switch {
		case g == nil: // it cannot be read
			s.asks = s.asks && (ask == nil || !plan.OnlyNew(bound.Arguments())) // else nothing has to do with it yet
		case ask != nil && unknown(g.given.AccessLevel):
		case ask != nil:
			s.asks = g.level != "" && slices.Index(ask.Below, g.level) < slices.Index(ask.Below, g.given.AccessLevel)
		case g.level == "" && g.given.Object.Type != "folder": // from a folder, what is in it can be taken
			return s, s.lookup.onlyInherited(ctx, g)
		}
		s.access = g.fact()
	}
	s.About = result.NewAbout(bound, current, named, slices.Concat(s.reach, s.access), r.Results)
	if ask != nil && ask.Below == nil {
		s.As(as)
	} else if ask != nil && s.asks {
		title := *as
		title.Title = bound.Tool.Title
		s.As(&title)
	}
	return s, nil
}

// notThere reports whether a call fails since its object does not exist. What sets
// something up, or replaces by an id that may be new, does not.
func notThere(bound *tools.Call, current *result.Current) bool {
	gone, byID := current.NotThere()
	sets := current.Whole && (bound.Tool.Method == "PUT" || bound.Tool.Method == "POST")
	return gone && (!sets || byID && bound.Tool.Undo != "")
}

// called is the name of an object, "" if it is unknown. The kind may have words
// before it, as that of a parent folder, or be told by the id alone.
func (l *lookup) called(ctx context.Context, kind, id string) string {
	if unknown(id) {
		return ""
	}
	if kind == "" && strings.HasPrefix(id, "user_") {
		kind = "user"
	}
	for ; kind != ""; _, kind, _ = strings.Cut(kind, " ") {
		if l.listTool(kind) != nil {
			name, _ := l.Name(ctx, kind, id)
			return name
		}
	}
	return ""
}
