package result

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// List collects the items of a list, page by page, and renders them.
type List struct {
	call   *tools.Call
	o      Options
	fields *field

	first answer // the first page, for what is around its items
	items []jsonvalue.Value
	at    []tools.Cursor // where each of the items is in the list
	total string         // as the API counts, "" if it does not
	read  int            // items looked at
	kept  int64          // bytes of the items that match, where only those are kept
	ended error          // why matching ended
	// filters are those of the call that the instance ignores.
	filters []Filter

	written []byte // items that are written already, with Options.Value
	drained int    // how many

	cost, counted int // tokens of so many items, about
}

// ReadList begins a List with the response to a call. One that is not a list, or
// reports a failure, is a Result.
func ReadList(call *tools.Call, r *retool.Response, o Options) (*List, *Page, *Result) {
	a, other := readAnswer(call, r, o)
	if other != nil {
		return nil, nil, other
	}
	if a.list == nil {
		whole := a.object(call, o)
		return nil, nil, &whole
	}
	l := &List{call: call, o: o, fields: fieldsOf(call), first: *a}
	page := l.add(a, call.Controls.Cursor)
	if o.Where != nil || o.Value { // the first page goes
		if now := r.Date(); o.Where != nil && !now.IsZero() {
			o.Where.SetNow(now)
		}
		l.first.list = nil
		l.first.whole.Put(a.path, jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"})
		l.kept += detach(&l.first.whole, map[*string][]string{})
	}
	return l, page, nil
}

// Page is one page of a List.
type Page struct {
	list  *List
	from  tools.Cursor
	items []jsonvalue.Value // of the page, after those that are skipped
	skip  int               // items still to be skipped, on later pages
	more  bool
	next  string // the API's token
}

// Items are the items of the page, parsed and safe to show: readAnswer, through which
// every answer comes, has removed secrets and what is invisible. Whatever judges, matches
// or names items reads these and nothing earlier, so that it cannot tell one secret from
// another.
func (p *Page) Items() []jsonvalue.Value { return p.items }

func (l *List) add(a *answer, from tools.Cursor) *Page {
	p := &Page{list: l, from: from, more: a.more && l.call.Tool.Paging != nil, next: a.token}
	items := a.list.Parts
	skip := min(from.Skip, len(items))
	p.items, p.skip = items[skip:], from.Skip-skip
	if l.total == "" {
		l.total = strings.Clone(a.total)
	}
	if !p.more && from.Token == "" && l.total == "" {
		l.total = strconv.Itoa(len(items)) // the only page
	}
	return p
}

// AddPage adds the response to the request for a later page. A Result says why it
// is not one.
func (l *List) AddPage(r *retool.Response, from tools.Cursor) (*Page, *Result) {
	a, other := readAnswer(l.call, r, l.o)
	switch {
	case other != nil && other.IsError:
		return nil, other
	case a == nil, a.list == nil:
		return nil, &Result{Text: "a page holds no list", IsError: true}
	}
	return l.add(a, from), nil
}

// Take adds up to so many items of the page to the list, of those that match, and
// returns where the list continues; more is false at its end.
func (p *Page) Take(limit int) (next tools.Cursor, more bool) {
	n, l, names := 0, p.list, map[*string][]string{}
	for most := l.Len() + limit; n < len(p.items) && l.Len() < most; n++ {
		item := p.items[n]
		match := l.matches(&item)
		if l.ended != nil {
			break
		}
		if !match {
			continue
		}
		if l.fields != nil {
			item, _ = l.fields.keep(item)
			if item.Kind != jsonvalue.List {
				item.Kind = jsonvalue.Object // one that has none of the fields still counts
			}
		}
		if l.o.Where != nil {
			l.kept += detach(&item, names)
		}
		l.items = append(l.items, item)
		l.at = append(l.at, tools.Cursor{Token: p.from.Token, Skip: p.from.Skip + n})
	}
	l.read += n
	switch {
	case n < len(p.items):
		return tools.Cursor{Token: p.from.Token, Skip: p.from.Skip + n}, true
	case !p.more || p.NextMissing():
		return tools.Cursor{}, false
	default:
		return tools.Cursor{Token: p.next, Skip: p.skip}, true
	}
}

// First tells whether the page begins the list.
func (p *Page) First() bool { return p.from == tools.Cursor{} }

// NextMissing tells whether there is more and the API does not say how to get it.
func (p *Page) NextMissing() bool { return p.more && p.next == "" }

// Repeats tells whether the page behind a cursor leads back to that cursor.
func (p *Page) Repeats(at tools.Cursor) bool { return p.more && p.next != "" && p.next == at.Token }

// UnknownFields is the result of a call that asks for fields which neither the
// items nor the document have; nil for any other.
func (l *List) UnknownFields(p *Page) *Result {
	if unknown := l.unknownConditions(p); unknown != nil || l.fields == nil {
		return unknown
	}
	for _, item := range p.items {
		_, _ = l.fields.keep(item)
	}
	if len(p.items) == 0 && len(l.call.Tool.Answer.Fields) == 0 {
		return nil // neither says anything
	}
	missing := l.fields.missing(l.call)
	if len(missing) == 0 {
		return nil
	}
	return &Result{IsError: true, Kind: BadArguments, Text: unknownFields(l.call.Tool, missing, p.items)}
}

// Len is how many items the list has so far.
func (l *List) Len() int { return l.drained + len(l.items) }

// Read is how many items were read so far, whether they match or not.
func (l *List) Read() int { return l.read }

// Total is how many items the API counts, 0 if it does not.
func (l *List) Total() int {
	n, _ := strconv.Atoi(l.total)
	return n
}

// Full tells whether more items would surely not fit in the result.
func (l *List) Full() bool {
	items := l.items[l.counted:]
	t, asTable := l.tableOf(items)
	for i := range items {
		if i%checkEvery == 0 && l.call.Context().Err() != nil {
			return true
		}
		if asTable {
			l.cost += Tokens(string(t.appendRow(nil, &items[i]))) + 1
		} else {
			l.cost += Tokens(items[i].JSON()) + 1
		}
	}
	l.counted = len(l.items)
	return l.o.MaxTokens > 0 && l.cost > l.o.MaxTokens
}

// tableOf is the table of the items, if they are to be one: if the call asks for
// it, or asks for no format and the table is easy to read.
func (l *List) tableOf(items []jsonvalue.Value) (t table, ok bool) {
	format := l.call.Controls.Format
	if format == tools.FormatJSON || l.o.JSON {
		return table{}, false
	}
	t, ok = tableOf(items)
	return t, ok && (t.flat || format == tools.FormatTable)
}

// cursorAt is the position of the n-th item.
func (l *List) cursorAt(n int) tools.Cursor {
	if n < len(l.at) {
		return l.at[n]
	}
	return tools.Cursor{}
}

// count says how many items a result holds.
func (l *List) count(n int, what string) string {
	if n == 1 && (l.total == "" || l.total == "1") {
		what = strings.TrimSuffix(what, "s")
	}
	if l.total != "" && l.total != strconv.Itoa(n) {
		return fmt.Sprintf("%d of %s %s", n, l.total, what)
	}
	return fmt.Sprintf("%d %s", n, what)
}
