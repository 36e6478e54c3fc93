package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Named is an item with what identifies it and what people call it. It shares no
// memory with the response that it comes from.
type Named struct {
	IDs   []string
	Names []string // the best one first
	// Emails are those of the names that are e-mail addresses.
	Emails []string
}

func namedOf(v *jsonvalue.Value) (n Named) {
	add := func(to *[]string, text string) {
		if strings.TrimSpace(text) != "" && !slices.Contains(*to, text) {
			*to = append(*to, strings.Clone(text))
		}
	}
	for _, field := range tools.IDFields {
		add(&n.IDs, v.Member(field).Str())
	}
	for _, field := range tools.NameFields {
		add(&n.Names, v.Member(field).Str())
	}
	add(&n.Names, strings.TrimSpace(v.Member("first_name").Str()+" "+v.Member("last_name").Str()))
	for _, field := range []string{"email", "invited_email"} {
		add(&n.Emails, v.Member(field).Str())
	}
	return n
}

// Named returns the items of the list that have an id and a name.
func (l *List) Named() (all []Named) {
	for i := range l.items {
		if n := namedOf(&l.items[i]); len(n.IDs) > 0 && len(n.Names) > 0 {
			all = append(all, n)
		}
	}
	return all
}

// ReadNamed reads the response to a call that gets one object; false if that has
// no id or no name.
func ReadNamed(call *tools.Call, r *retool.Response, o Options) (n Named, ok bool) {
	a, other := readAnswer(call, r, o)
	if other != nil {
		return n, false
	}
	n = namedOf(a.subject())
	return n, len(n.IDs) > 0 && len(n.Names) > 0
}
