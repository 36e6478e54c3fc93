package call

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// MaxValue is how large the JSON of a Value may be, in bytes.
const MaxValue = 16 << 20

// Value is the answer of a tool as data.
type Value struct {
	// JSON is the answer without secrets and without {"success": true, "data": …}
	// around it: an array of all items for a list, {} where nothing is returned. The
	// lists for several values of an argument (x-each) are one array, in whose items
	// the argument has the value that each is for; other answers for several values
	// are an array of {"<argument>": value, "result": answer}.
	JSON []byte
	// List says that it is one, with how many items there are, 0 if nobody knows, and
	// where it goes on. Unread tells that it was not read to its end.
	List      bool
	Total     int
	NextToken string
	Unread    bool
	// Fields are the documented fields of the answer, or of the items of a list, as dot
	// paths; none if it is not as documented, since it is for several values.
	Fields []string
	// Date is the time of the API when it answered, zero if unknown.
	Date time.Time
	// Notes are for the reader of the result.
	Notes []string

	items int // of a list
}

// CallError is why a call gave no Value; whoever made it can read that and act.
type CallError struct { //nolint:revive // of a call, as opposed to errors of this program
	Operation string
	Status    int // of the response, 0 for none
	Kind      result.Kind
	Message   string
}

// Error implements error.
func (e *CallError) Error() string { return e.Message }

// CallValue calls a reading tool. A list is read to its end, or to so many items as
// limit or max_items say; with next_token it is one page. An error that the caller can
// correct is a *CallError.
func (r *Runner) CallValue(ctx context.Context, name string, arguments []byte) (Value, error) {
	b, err := r.binder(name)
	if err != nil {
		return Value{}, err
	}
	if !b.Tool().Hints.ReadOnly {
		return Value{}, r.callError(r.clientFor(ctx), name, *refusal(refusedWrite, name))
	}
	return r.value(ctx, b, arguments, nil)
}

// data is what a call for a script has besides its arguments.
type data struct {
	most    int     // items
	permit  *Permit // of a write
	planned bool    // it is only checked, and may have placeholders
	again   bool    // and checked before: now the present state counts
	date    time.Time
}

// value runs a call for its answer as data.
func (r *Runner) value(ctx context.Context, b *tools.Binder, arguments []byte, permit *Permit) (Value, error) {
	one := *r
	one.data = &data{most: math.MaxInt32, permit: permit}
	one.Results.JSON, one.Results.Value, one.Results.MaxTokens = true, true, 0
	client := r.clientFor(ctx)
	arguments = one.data.takeLimits(b.Tool(), arguments)
	parts, err := b.FanOut(ctx, arguments)
	if err != nil {
		outcome, err := argumentFailure(err)
		if err == nil {
			err = r.callError(client, b.Tool().Name, outcome)
		}
		return Value{}, err
	}
	if len(parts) == 0 {
		return one.valueOf(ctx, client, b, "", arguments)
	}
	joined, counted := Value{JSON: []byte{'['}, List: true}, true
	for _, part := range parts {
		if one.data.most == 0 {
			joined.Unread, counted = true, false
			joined.Notes = append(joined.Notes, part.Label()+": not read, since there are as many items as asked for already.")
			continue
		}
		one.Results.Each = result.Each{Name: part.Arg, Value: string(part.Value)}
		v, err := one.valueOf(ctx, client, b, part.Label()+": ", part.Arguments)
		if err != nil {
			return Value{}, err
		}
		item := fmt.Appendf(nil, `{%q:%s,"result":%s}`, part.Arg, part.Value, v.JSON)
		if v.List {
			joined.Fields = v.Fields
			item = bytes.TrimSuffix(bytes.TrimPrefix(v.JSON, []byte("[")), []byte("]"))
			if one.data.most = max(0, one.data.most-v.items); v.NextToken != "" {
				of := ""
				if v.Total > 0 {
					of = fmt.Sprintf(" of %d", v.Total)
				}
				v.Notes = append(v.Notes, fmt.Sprintf("%s: %d%s items, as asked for.", part.Label(), v.items, of))
			}
		} else {
			v.Total = 1
		}
		if len(joined.JSON) > 1 && len(item) > 0 {
			joined.JSON = append(joined.JSON, ',')
		}
		joined.JSON = append(joined.JSON, item...)
		joined.Date, joined.Total, joined.Notes = v.Date, joined.Total+v.Total, append(joined.Notes, v.Notes...)
		joined.Unread, counted = joined.Unread || v.Unread, counted && (v.Total > 0 || !v.Unread)
		if len(joined.JSON) > MaxValue {
			return Value{}, r.callError(client, b.Tool().Name, result.TooLarge(b.Tool(), MaxValue))
		}
	}
	joined.JSON = append(joined.JSON, ']')
	if !counted {
		joined.Total = 0
	}
	return joined, nil
}

func (r *Runner) valueOf(ctx context.Context, client *retool.Client, b *tools.Binder, label string, arguments []byte) (Value, error) {
	outcome, err := r.run(ctx, client, b, arguments)
	switch {
	case err != nil:
		return Value{}, err
	case outcome.IsError:
		outcome.Text = label + outcome.Text
		return Value{}, r.callError(client, b.Tool().Name, outcome)
	}
	answer := []byte(outcome.Data)
	if outcome.List != nil {
		answer = outcome.List.JSON
	}
	if len(answer) > MaxValue {
		return Value{}, r.callError(client, b.Tool().Name, result.TooLarge(b.Tool(), MaxValue))
	}
	v := Value{JSON: client.ShownBytes(answer), Date: r.data.date, Fields: b.Tool().Answer.Fields}
	if outcome.List != nil {
		v.List, v.items, v.Total, v.NextToken = true, outcome.List.Items, outcome.List.Total, outcome.List.Next
		v.Unread = v.NextToken != ""
	}
	for note := range strings.SplitSeq(client.Shown(outcome.Text), "\n") {
		if note != "" {
			v.Notes = append(v.Notes, label+note)
		}
	}
	return v, nil
}

// callError is a result that is an error.
func (r *Runner) callError(client *retool.Client, name string, outcome result.Result) error {
	return &CallError{Operation: name, Status: outcome.Status, Kind: outcome.Kind, Message: client.Shown(outcome.Text)}
}

// takeLimits takes limit and max_items out of the arguments of a tool that reads a
// list: here both are how many items there may be, from any number of pages. What is no
// such number stays, to be refused with the other arguments.
func (d *data) takeLimits(t *tools.Tool, arguments []byte) []byte {
	var given map[string]json.RawMessage
	if !t.Answer.List || !t.Hints.ReadOnly || !t.HasControl(tools.ArgToken) || !bytes.Contains(arguments, []byte(`"limit"`)) && !bytes.Contains(arguments, []byte(`"max_items"`)) || json.Unmarshal(arguments, &given) != nil {
		return arguments
	}
	for _, name := range []string{tools.ArgLimit, tools.ArgMaxItems} {
		var n int
		if t.HasControl(name) && json.Unmarshal(given[name], &n) == nil && n > 0 {
			d.most = min(d.most, n)
			delete(given, name)
		}
	}
	rest, err := json.Marshal(given)
	if err != nil {
		return arguments
	}
	return rest
}

// clientFor is the client of the caller in ctx.
func (r *Runner) clientFor(ctx context.Context) *retool.Client {
	if token := caller.From(ctx).Token; token != "" {
		return r.Client.WithToken(token)
	}
	return r.Client
}

// binder is that of the tool of a name.
func (r *Runner) binder(name string) (*tools.Binder, error) {
	binder, ok := r.binders[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownTool, name)
	}
	return binder()
}

// collect reads the list on from its first page, as data. What it holds of a page that
// was read is its JSON.
func (p *paginator) collect(ctx context.Context, page *result.Page, o result.Options) result.Result {
	controls := p.call.Controls
	onePage := controls.Cursor != tools.Cursor{} && !controls.AllPages && !p.selective()
	for {
		next, more := page.Take(p.want - p.list.Len())
		if ended := p.list.Ended(); ended != nil {
			return *ended
		}
		held := p.list.Drain()
		memory.From(ctx).Shrink(int64(held))
		switch {
		case held > MaxValue:
			return result.TooLarge(p.call.Tool, MaxValue)
		case !more:
			return p.noted(p.list.Render(result.ListEnd{Unreachable: page.NextMissing()}))
		case onePage && (p.list.Len() > 0 || next.Skip == 0), p.list.Len() >= p.want:
			return p.noted(p.list.Render(result.ListEnd{Next: &next}))
		}
		response, from, err := p.fetch(ctx, next, p.limit(next))
		if err != nil {
			return result.Failure(p.call, err, o)
		}
		following, failure := p.list.AddPage(response, from)
		switch {
		case failure != nil:
			failure.IsError = true
			return *failure
		case following.Repeats(from):
			return result.Result{IsError: true, Kind: result.BadResponse, Text: fmt.Sprintf("%s cannot be read to its end: after %d items Retool returned the same token again.", p.call.Tool.Name, p.list.Read())}
		}
		p.check(ctx, following)
		page = following
	}
}
