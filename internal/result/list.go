package result

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// List gathers the items of a list, page by page, and renders what was
// gathered.
type List struct {
	call   *tools.Call
	o      Options
	fields *field

	first answer // the first page, for what stands around its items
	items []jsonvalue.Value
	spans []span
	total string // as the API counts, "" where it does not

	cost, counted int // of so many items, about, in tokens
}

// span is where a run of items came from.
type span struct {
	at    tools.Cursor
	items int
}

// ReadList begins a List with the answer to a call. An answer that is no list, or
// tells of a failure, is a Result at once.
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
	step := l.add(a, call.Controls.Cursor)
	return l, step, nil
}

// Page is a page that was added.
type Page struct {
	l        *List
	from     tools.Cursor
	items    []jsonvalue.Value // all that the page had, behind those that were skipped
	skipping int               // items still to be skipped, on later pages
	more     bool
	next     string // the API's token
	lost     bool   // there is more, and no token for it
}

func (l *List) add(a *answer, from tools.Cursor) *Page {
	s := &Page{l: l, from: from, more: a.more && l.call.Tool.Paging != nil, next: a.token}
	s.lost = s.more && s.next == ""
	items := a.list.Parts
	skip := min(from.Skip, len(items))
	s.items, s.skipping = items[skip:], from.Skip-skip
	if l.total == "" {
		l.total = a.total
	}
	if !s.more && from.Token == "" && l.total == "" {
		l.total = fmt.Sprint(len(items)) // all there is came at once
	}
	return s
}

// AddPage adds the answer to a later page. What is no list of items ends the
// List; the Result says why.
func (l *List) AddPage(r *retool.Response, from tools.Cursor) (*Page, *Result) {
	a, other := readAnswer(l.call, r, l.o)
	switch {
	case other != nil:
		return nil, other
	case a.list == nil:
		return nil, &Result{Text: "a page holds no list", IsError: true}
	}
	return l.add(a, from), nil
}

// Take adds up to most items of the step, and returns where the list goes on; ok
// is false at its end.
func (s *Page) Take(most int) (next tools.Cursor, ok bool) {
	n := min(most, len(s.items))
	taken := s.items[:n]
	s.l.spans = append(s.l.spans, span{s.from, n})
	s.l.items = slices.Grow(s.l.items, n)
	for _, item := range taken {
		if s.l.fields != nil {
			kept, _ := s.l.fields.keep(item)
			if kept.Kind != jsonvalue.List {
				kept.Kind = jsonvalue.Object // one that has none of the fields still counts
			}
			item = kept
		}
		s.l.items = append(s.l.items, item)
	}
	switch {
	case n < len(s.items):
		return tools.Cursor{Token: s.from.Token, Skip: s.from.Skip + n}, true
	case !s.more || s.lost:
		return tools.Cursor{}, false
	default:
		return tools.Cursor{Token: s.next, Skip: s.skipping}, true
	}
}

// NextMissing tells whether the API says that there is more and not how to get it.
func (s *Page) NextMissing() bool { return s.lost }

// Repeats tells whether the page behind a cursor leads back to that cursor.
func (s *Page) Repeats(at tools.Cursor) bool { return s.more && !s.lost && s.next == at.Token }

// UnknownFields is the answer to a call that asks for fields which neither the items
// nor the description have.
func (l *List) UnknownFields(s *Page) *Result {
	if l.fields == nil {
		return nil
	}
	for _, item := range s.items {
		_, _ = l.fields.keep(item)
	}
	if len(s.items) == 0 && len(l.call.Tool.Answer.Fields) == 0 {
		return nil // nothing to go by
	}
	missing := l.fields.missing(l.call.Tool.Answer)
	if len(missing) == 0 {
		return nil
	}
	return &Result{IsError: true, Text: unknownFields(l.call.Tool, missing, s.items)}
}

// Len is how many items there are so far, Total how many the API says there
// are, 0 where it does not.
func (l *List) Len() int { return len(l.items) }

// Total is how many items the API counts, 0 where it does not.
func (l *List) Total() int {
	n := 0
	_, _ = fmt.Sscan(l.total, &n)
	return n
}

// Full tells whether more items would surely not fit in the result.
func (l *List) Full() bool {
	l.cost += l.costOf(l.items[l.counted:])
	l.counted = len(l.items)
	return l.o.MaxTokens > 0 && l.cost > l.o.MaxTokens
}

// costOf is about what the items add to the result.
func (l *List) costOf(items []jsonvalue.Value) (cost int) {
	t, asTable := l.tableOf(items)
	for i := range items {
		if asTable {
			cost += Tokens(string(t.appendRow(nil, &items[i]))) + 1
		} else {
			cost += Tokens(items[i].JSON()) + 1
		}
	}
	return cost
}

// tableOf is the table of the items, if that is how they are to be written: where
// it was asked for, or where nothing was and a reader finds his way in it.
func (l *List) tableOf(items []jsonvalue.Value) (t table, ok bool) {
	format := l.call.Controls.Format
	if format == tools.FormatJSON {
		return table{}, false
	}
	t, ok = tableOf(items)
	return t, ok && (t.flat || format == tools.FormatTable)
}

// cursorAt is the place of the n-th item.
func (l *List) cursorAt(n int) tools.Cursor {
	for _, s := range l.spans {
		if n < s.items {
			return tools.Cursor{Token: s.at.Token, Skip: s.at.Skip + n}
		}
		n -= s.items
	}
	return tools.Cursor{}
}

// End says how the gathering ended.
type ListEnd struct {
	// Next is where the list goes on, nil at its end.
	Next *tools.Cursor
	// Reason is why it stopped before the end, "" where the call asked for no
	// more.
	Reason string
	// NextMissing says that the rest is out of reach.
	Unreachable bool
}

// Render writes what was gathered, as much of it as fits.
func (l *List) Render(end ListEnd) Result {
	w := writing{l: l, end: end, free: l.first.written() || slices.ContainsFunc(l.items, func(v jsonvalue.Value) bool { return v.HasUntrusted() })}
	if t, ok := l.tableOf(l.items); ok {
		return w.table(t)
	}
	return w.json()
}

// held says how many items a result holds.
func (l *List) held(n int, what string) string {
	if n == 1 && (l.total == "" || l.total == "1") {
		what = strings.TrimSuffix(what, "s")
	}
	if l.total != "" && l.total != fmt.Sprint(n) {
		return fmt.Sprintf("%d of %s %s", n, l.total, what)
	}
	return fmt.Sprintf("%d %s", n, what)
}
