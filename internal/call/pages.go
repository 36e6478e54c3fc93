package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// The limits of one call, whatever it asks for.
const (
	MaxPages = 50
	MaxItems = 5000
)

// paginator follows a list over its pages until it has what the call asks for.
type paginator struct {
	*fetcher
	start time.Time
	// fetchWindow is how long pages are fetched. It ends well before the deadline,
	// since part of a list is better than a timeout.
	fetchWindow time.Duration
	want        int // items
}

func (r *Runner) paginate(ctx context.Context, client *retool.Client, call *tools.Call) (result.Result, error) {
	if _, ends := ctx.Deadline(); !ends || r.data == nil { // a list that is data may take what its caller has
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	p := &paginator{fetcher: r.fetcher(client, call), start: time.Now(), fetchWindow: r.Timeout / 2}
	controls := call.Controls
	o, end := r.optionsFor(call) //nolint:contextcheck // a schema of ours is read
	if end != nil {
		return *end, nil
	}
	l := r.lookup(client)
	o.Names = l.names(ctx)
	p.want = controls.Limit
	switch {
	case r.data != nil:
		p.want = r.data.most
		if len(call.Texts(tools.ArgLimit)) > 0 { // as a text, such as "5"
			p.want = min(p.want, controls.Limit)
		}
		if controls.MaxItems > 0 {
			p.want = min(p.want, controls.MaxItems)
		}
	case controls.MaxItems > 0:
		p.want = min(controls.MaxItems, MaxItems)
	case controls.AllPages, controls.Where != "":
		p.want = MaxItems
	}
	response, _, err := p.fetch(ctx, controls.Cursor, p.limit(controls.Cursor))
	if err != nil {
		return result.Failure(call, err, o), nil
	}
	list, page, end := result.ReadList(call, response, o)
	if end != nil {
		return *end, nil
	}
	if unknown := list.UnknownFields(page); unknown != nil {
		return *unknown, nil
	}
	p.begin(list)
	p.check(ctx, page)
	if r.data != nil {
		return l.noted(p.collect(ctx, page, o)), nil
	}
	return l.noted(p.follow(ctx, page, o)), nil
}

// retryNote says how often requests were retried, "" for never.
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

// noted adds the notes on how the pages were read.
func (p *paginator) noted(outcome result.Result) result.Result {
	outcome = outcome.WithNote(retryNote(p.retries, p.waited))
	for _, note := range p.notes {
		outcome = outcome.WithNote(note)
	}
	return outcome
}

// limit is how many items to request at a cursor.
func (p *paginator) limit(at tools.Cursor) int {
	most := min(p.call.Controls.Limit, p.call.Tool.PageSize())
	switch {
	case p.selective(): // any number of items may have to be read
		return most
	case p.list == nil:
		return min(most, p.want+at.Skip)
	default:
		return min(most, p.want-p.list.Len()+at.Skip)
	}
}

func (p *paginator) follow(ctx context.Context, page *result.Page, o result.Options) result.Result {
	render := func(end result.ListEnd) result.Result { return p.noted(p.list.Render(end)) }
	for pages := 1; ; pages++ {
		next, more := page.Take(p.want - p.list.Len())
		if ended := p.list.Ended(); ended != nil {
			return *ended
		}
		if bytes, ok := p.list.Kept(); ok {
			memory.From(ctx).Shrink(bytes)
		} else if p.call.Controls.Fields != nil {
			memory.From(ctx).Shrink(p.kept) // what remains of a page is parts of its text
		}
		if !more {
			return render(result.ListEnd{Unreachable: page.NextMissing()})
		}
		stop := func(reason string) result.Result { return render(result.ListEnd{Next: &next, Reason: reason}) }
		if done, reason := p.done(pages, next); done {
			return stop(reason)
		}
		progress.Report(ctx, p.list.Read(), p.expected(), fmt.Sprintf("page %d of %s", pages, p.call.Tool.Name))
		response, from, err := p.fetch(ctx, next, p.limit(next))
		switch {
		case err != nil && errors.Is(ctx.Err(), context.Canceled):
			return result.Failure(p.call, err, o) // the caller is gone, part of the list is useless
		case err != nil:
			return stop(pageFailed(result.Failure(p.call, err, o)))
		}
		following, failure := p.list.AddPage(response, from)
		switch {
		case failure != nil:
			return stop(pageFailed(*failure))
		case following.Repeats(from):
			return stop("then Retool returned the same token again")
		}
		p.check(ctx, following)
		page = following
	}
}

// selective reports whether not every item counts.
func (p *paginator) selective() bool { return p.call.Controls.Where != "" || len(p.ignored) > 0 }

// pageFailed is one line, as the first line of a table has to be.
func pageFailed(failure result.Result) string {
	return "then a page failed, " + text.OneLine(failure.Text)
}

// done reports whether the call has all items it asks for or may get. The reason
// is empty unless a limit ends it.
func (p *paginator) done(pages int, next tools.Cursor) (done bool, reason string) {
	controls := p.call.Controls
	have := p.list.Len()
	// A page whose items were all skipped does not count.
	onePage := !controls.AllPages && !p.selective() && controls.MaxItems <= controls.Limit && (have > 0 || next.Skip == 0)
	switch {
	case have >= p.want && have >= MaxItems:
		return true, fmt.Sprintf("one call fetches at most %d items", MaxItems)
	case have >= p.want, onePage:
		return true, ""
	case p.list.Full():
		return true, "the result is full"
	case pages >= MaxPages:
		return true, fmt.Sprintf("one call fetches at most %d pages", MaxPages)
	case time.Since(p.start) > p.fetchWindow:
		return true, fmt.Sprintf("one call fetches pages for at most %s", p.fetchWindow)
	default:
		return false, ""
	}
}

// expected is how many items the call will read, 0 if unknown.
func (p *paginator) expected() int {
	total := p.list.Total()
	if total > 0 && !p.selective() {
		return min(total, p.want)
	}
	return total
}
