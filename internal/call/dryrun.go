package call

import (
	"context"
	"errors"
	"strings"

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
	asks, end := r.wouldAsk(ctx, bound.Tool)
	if end != nil {
		return *end, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	about, err := r.about(ctx, client, bound)
	if err != nil {
		return result.Failure(bound, err, r.Results), nil
	}
	if about.OnlyAdds() && r.Confirm == ConfirmAuto {
		asks = ""
	}
	return about.DryRun(asks, r.Results), nil
}

// about reads what a call is about and how much it affects; names are looked up
// later, when they are shown. An error is that of a token that Retool does not accept.
func (r *Runner) about(ctx context.Context, client *retool.Client, bound *tools.Call) (*result.About, error) {
	current := r.readCurrent(ctx, client, bound)
	if current != nil {
		if status, ok := errors.AsType[*retool.StatusError](current.Failed); ok && status.RefusesToken() {
			return nil, current.Failed
		}
	}
	l := r.lookup(client)
	named := func(kind, id string) string { return l.called(ctx, kind, id) }
	return result.NewAbout(bound, current, named, r.facts(ctx, client, bound), r.Results), nil
}

// called is the name of an object, "" if it is unknown. The kind may have words
// before it, as that of a parent folder, or be told by the id alone.
func (l *lookup) called(ctx context.Context, kind, id string) string {
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
