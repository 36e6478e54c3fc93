package result

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// matches tells whether an item is to be in the list.
func (l *List) matches(item *jsonvalue.Value) bool {
	if slices.ContainsFunc(l.filters, func(f Filter) bool { return !f.fits(item) }) {
		return false
	}
	if l.o.Where == nil {
		return true
	}
	match, err := l.o.Where.Match(l.call.Context(), item)
	l.ended = err
	return match
}

// Ended is the result of a call whose condition could not be decided; nil for any
// other.
func (l *List) Ended() *Result {
	switch {
	case l.ended == nil:
		return nil
	case l.call.Context().Err() != nil:
		return &Result{IsError: true, Kind: Kind(retool.Canceled), Text: "The call was canceled while its items were read."}
	default:
		return &Result{IsError: true, Kind: BadArguments, Text: fmt.Sprintf("%s, at item %d: %v.", tools.ArgWhere, l.read+1, l.ended)}
	}
}

// Kept is about how many bytes the items that match take. It is known only where the
// others are dropped.
func (l *List) Kept() (bytes int64, ok bool) { return l.kept, l.o.Where != nil }

// unknownConditions is UnknownFields for the condition.
func (l *List) unknownConditions(p *Page) *Result {
	if l.o.Where == nil || len(p.items) == 0 && len(l.call.Tool.Answer.Fields) == 0 {
		return nil
	}
	missing := l.o.Where.Unknown(p.items)
	if len(missing) == 0 {
		return nil
	}
	return &Result{IsError: true, Kind: BadArguments, Text: tools.ArgWhere + ": " + unknownFields(l.call.Tool, missing, p.items)}
}

// detach copies the texts of an item, so that the page from which they were cut can be
// freed, and returns about how many bytes the item takes. Names are the copies of names
// of the same page.
func detach(v *jsonvalue.Value, names map[*string][]string) (bytes int64) {
	v.Text = strings.Clone(v.Text)
	bytes = int64(unsafe.Sizeof(*v)) + int64(len(v.Text))
	if len(v.Names) > 0 {
		first := &v.Names[0]
		if len(names[first]) != len(v.Names) {
			copies := make([]string, len(v.Names))
			for i, name := range v.Names {
				copies[i] = strings.Clone(name)
				bytes += int64(len(name)) + int64(unsafe.Sizeof(name))
			}
			names[first] = copies
		}
		v.Names = names[first]
	}
	for i := range v.Parts {
		bytes += detach(&v.Parts[i], names)
	}
	return bytes
}

// countMatches is count for a list of the items that match.
func (r *renderer) countMatches(n int, what string) string {
	matching, read, match := len(r.at), r.read, what+" match"
	if n == 1 {
		match = strings.TrimSuffix(what, "s") + " matches"
	}
	whole := r.call.Controls.Cursor == tools.Cursor{}
	switch {
	case n < matching:
		return fmt.Sprintf("%d of the %d %s that match, of %d read", n, matching, what, read)
	case whole && r.end.Next == nil && !r.end.Unreachable && r.end.Reason == "":
		return fmt.Sprintf("%d of %d %s match", n, read, what)
	case whole && r.total != "":
		return fmt.Sprintf("%d %s of the first %d of %s read", n, match, read, r.total)
	case whole:
		return fmt.Sprintf("%d %s of the first %d read", n, match, read)
	default:
		return fmt.Sprintf("%d %s of %d read", n, match, read)
	}
}
