package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// The most that one call fetches, whatever it asks for.
const (
	MaxPages = 50
	MaxItems = 5000
)

// A paginator follows a list from page to page, until it has what the call asks
// for.
type paginator struct {
	fetch func(ctx context.Context, page *tools.Call) (*retool.Response, error)
	call  *tools.Call
	list  *result.List
	start time.Time
	// fetchWindow is how long pages are fetched. What was gathered is worth more than
	// an answer that comes when nobody waits any more.
	fetchWindow time.Duration
	want        int

	retries int // of all requests
	waited  time.Duration
}

func (r *Runner) paginate(ctx context.Context, client *retool.Client, call *tools.Call) (result.Result, error) {
	// What a list is asked by goes into its address, where no secret belongs.
	if _, _, err := r.fill(call); err != nil {
		return argumentFailure(err)
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	g := &paginator{call: call, start: time.Now(), fetchWindow: r.Timeout / 2}
	g.fetch = func(ctx context.Context, page *tools.Call) (*retool.Response, error) {
		request, _, err := r.fill(page)
		if err != nil {
			return nil, err
		}
		response, err := r.send(ctx, client, upstreamRequest{call: page, request: request})
		if response != nil {
			g.retries, g.waited = g.retries+response.Retries, g.waited+response.Waited
		}
		return response, err
	}
	v := call.Controls
	g.want = v.Limit
	switch {
	case v.MaxItems > 0:
		g.want = min(v.MaxItems, MaxItems)
	case v.AllPages:
		g.want = MaxItems
	}
	first, err := call.ForPage(v.Cursor.Token, g.limit(v.Cursor))
	if err != nil {
		return result.Failure(call, err, r.Results), nil
	}
	response, err := g.fetch(ctx, first)
	if err != nil {
		return result.Failure(call, err, r.Results), nil
	}
	list, step, other := result.ReadList(call, response, r.Results)
	if other != nil {
		return *other, nil
	}
	if unknown := list.UnknownFields(step); unknown != nil {
		return *unknown, nil
	}
	g.list = list
	return g.follow(ctx, step, r.Results).WithNote(retryNote(g.retries, g.waited)), nil
}

// retryNote tells how often requests had to be repeated, "" for never.
func retryNote(n int, waited time.Duration) string {
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("One request was retried; the call waited %s.", waited.Round(time.Millisecond))
	default:
		return fmt.Sprintf("Requests were retried %d times; the call waited %s.", n, waited.Round(time.Millisecond))
	}
}

// limit is how many items the API is asked for, where it can be asked.
func (g *paginator) limit(at tools.Cursor) int {
	have := 0
	if g.list != nil {
		have = g.list.Len()
	}
	return min(g.call.Controls.Limit, g.want-have+at.Skip, g.call.Tool.PageSize())
}

func (g *paginator) follow(ctx context.Context, step *result.Page, o result.Options) result.Result {
	for pages := 1; ; pages++ {
		next, more := step.Take(g.want - g.list.Len())
		if !more {
			return g.list.Render(result.ListEnd{Unreachable: step.NextMissing()})
		}
		stop := func(reason string) result.Result { return g.list.Render(result.ListEnd{Next: &next, Reason: reason}) }
		if done, reason := g.done(pages, next); done {
			return stop(reason)
		}
		progress.Report(ctx, g.list.Len(), g.expected(), fmt.Sprintf("page %d of %s", pages, g.call.Tool.Name))
		page, err := g.call.ForPage(next.Token, g.limit(next))
		if err != nil {
			return stop(err.Error())
		}
		response, err := g.fetch(ctx, page)
		if given := ctx.Err(); err != nil && errors.Is(given, context.Canceled) {
			return result.Failure(g.call, err, o) // nobody waits for what was gathered
		}
		if err != nil {
			return stop("then a page failed, " + result.Failure(g.call, err, o).Text)
		}
		further, other := g.list.AddPage(response, next)
		switch {
		case other != nil:
			return stop("then a page failed, " + other.Text)
		case further.Repeats(next):
			return stop("then Retool gave the same token again")
		}
		step = further
	}
}

// done tells whether the call has what it asks for, or as much as it can have.
func (g *paginator) done(pages int, next tools.Cursor) (done bool, reason string) {
	v := g.call.Controls
	have := g.list.Len()
	onePage := !v.AllPages && v.MaxItems <= v.Limit && (have > 0 || next.Skip == 0) // a page that was skipped is none
	switch {
	case have >= g.want && have >= MaxItems:
		return true, fmt.Sprintf("one call fetches %d items at most", MaxItems)
	case have >= g.want, onePage:
		return true, ""
	case g.list.Full():
		return true, "that is as much as a result may hold"
	case pages >= MaxPages:
		return true, fmt.Sprintf("one call fetches %d pages at most", MaxPages)
	case time.Since(g.start) > g.fetchWindow:
		return true, fmt.Sprintf("one call fetches pages for %s at most", g.fetchWindow)
	default:
		return false, ""
	}
}

// expected is how many items there will be, 0 where that is unknown.
func (g *paginator) expected() int {
	if total := g.list.Total(); total > 0 {
		return min(total, g.want)
	}
	return 0
}
