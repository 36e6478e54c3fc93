package call

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// fetcher requests the pages of a list of an instance that may be older than the
// document: what it refuses as unknown is left out, and what it ignores is done here.
type fetcher struct {
	r      *Runner
	client *retool.Client
	call   *tools.Call
	list   *result.List // once there is one

	sent      *tools.Call     // the call without the filters that the instance refuses
	whole     bool            // it refuses limit or next_token: everything is requested at once
	undecided []result.Filter // that it may ignore
	ignored   []result.Filter
	notes     []string
	limit     int // of the first page

	retries int // of all requests
	waited  time.Duration
	kept    int64 // bytes of the pages so far
}

func (r *Runner) fetcher(client *retool.Client, call *tools.Call) *fetcher {
	return &fetcher{r: r, client: client, call: call, sent: call, undecided: result.FiltersOf(call)}
}

// fetch requests the page at a cursor. From is where the response begins: elsewhere
// if the instance does not know tokens.
func (f *fetcher) fetch(ctx context.Context, at tools.Cursor, limit int) (response *retool.Response, from tools.Cursor, err error) {
	if at.Token == "" {
		f.limit = limit
	}
	for {
		if f.whole {
			limit = 0
		}
		page, err := f.sent.ForPage(at.Token, limit)
		if err != nil {
			return nil, at, err
		}
		request, _, err := f.r.fill(page) // refuses secrets, which do not belong in a URL
		if err != nil {
			return nil, at, err
		}
		response, err := f.r.send(ctx, f.client, upstreamRequest{call: page, request: request})
		if response != nil {
			f.kept += int64(len(response.Body))
			f.retries, f.waited = f.retries+response.Retries, f.waited+response.Waited
		}
		if err == nil || !f.leaveOut(err, &at) {
			return response, at, err
		}
	}
}

// leaveOut changes what is requested if the error is an HTTP 400 that names a
// parameter without which the call can do.
func (f *fetcher) leaveOut(err error, at *tools.Cursor) bool {
	status, ok := errors.AsType[*retool.StatusError](err)
	if !ok || status.Status != 400 && status.Status != 422 {
		return false
	}
	names := func(argument string) bool {
		i := slices.IndexFunc(f.call.Tool.Args, func(a tools.Arg) bool { return a.Name == argument && a.In == tools.InQuery })
		return i >= 0 && regexp.MustCompile(`\b`+regexp.QuoteMeta(f.call.Tool.Args[i].WireName)+`\b`).MatchString(status.Message)
	}
	const note = "This instance does not know %s (HTTP %d): all items were requested at once."
	for i, filter := range f.undecided {
		if names(filter.Argument) {
			f.sent = f.sent.Without(filter.Argument)
			f.ignore(i, "does not know %s (HTTP 400)")
			return true
		}
	}
	begun := f.call.Controls.Cursor // a token of another call does not say how many items are before it
	switch {
	case f.whole:
		return false
	case at.Token == "" && f.call.Tool.HasControl(tools.ArgLimit) && names(tools.ArgLimit):
		f.notes = append(f.notes, fmt.Sprintf(note, tools.ArgLimit, status.Status))
	case at.Token != "" && begun.Token == "" && f.list != nil && (names(tools.ArgToken) || names(tools.ArgLimit)):
		f.notes = append(f.notes, fmt.Sprintf(note, tools.ArgToken, status.Status))
		*at = tools.Cursor{Skip: begun.Skip + f.list.Read()}
	default:
		return false
	}
	f.whole = true
	return true
}

// ignore does here what the instance does not do with a filter.
func (f *fetcher) ignore(i int, why string) {
	filter := f.undecided[i]
	f.undecided = slices.Delete(slices.Clone(f.undecided), i, i+1)
	f.ignored = append(f.ignored, filter)
	if f.list != nil {
		f.list.Apply(filter)
	}
	f.notes = append(f.notes, fmt.Sprintf("This instance "+why+": items that do not fit it were left out here.", filter.Argument))
}

// begin takes the list that the first page began.
func (f *fetcher) begin(list *result.List) {
	f.list = list
	for _, filter := range f.ignored {
		list.Apply(filter)
	}
}

// check finds out whether the instance ignores a filter, if the page has items that
// do not fit it: then as many items come without it, or the same ones where the
// instance does not count. Otherwise it compares in another way, and all that it sends
// counts.
func (f *fetcher) check(ctx context.Context, page *result.Page) {
	for i := 0; i < len(f.undecided); {
		filter := f.undecided[i]
		if page.Fits(filter) {
			i++
			continue
		}
		switch ignores, ok := f.sameWithout(ctx, page, filter.Argument); {
		case ignores:
			f.ignore(i, "ignores %s")
			continue
		case !ok:
			f.notes = append(f.notes, fmt.Sprintf("Some items do not fit %s: this instance may ignore it.", filter.Argument))
		}
		f.undecided = slices.Delete(slices.Clone(f.undecided), i, i+1)
	}
}

// sameWithout reports whether the list is the same without an argument, if that can be
// found out.
func (f *fetcher) sameWithout(ctx context.Context, page *result.Page, argument string) (same, ok bool) {
	const few = 10 // items can be the same by chance
	limit, counted := 1, f.list.Total() > 0
	switch {
	case f.whole:
		limit = 0
	case counted:
	case !page.First() || len(page.Items()) < few:
		return false, false
	default:
		limit = f.limit
	}
	call, err := f.sent.Without(argument).ForPage("", limit)
	if err != nil {
		return false, false
	}
	response, err := f.r.send(ctx, f.client, upstreamRequest{call: call, request: call.Request})
	if err != nil {
		return false, false
	}
	list, all, other := result.ReadList(call, response, f.r.Results)
	switch {
	case other != nil:
		return false, false
	case counted:
		return list.Total() == f.list.Total(), list.Total() > 0
	}
	same = slices.EqualFunc(page.Items(), all.Items(), func(a, b jsonvalue.Value) bool {
		return a.Member("id").Str() == b.Member("id").Str() && a.Member("id").Str() != ""
	})
	return same, same
}
