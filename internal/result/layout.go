package result

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// A layout is what a walk has to know of the members of an object. It goes by
// their names and their place alone, so it is found once for all objects that
// share both, as the items of a list mostly do.
type layout struct {
	members []member
	pair    bool // one of them may be the value of a pair
}

type member struct {
	secrets, free *path
	secret        bool // by its name
	value         bool // of a pair
	handedOut     bool
}

// layoutKey tells one layout from another: names that are shared begin at the
// same place in memory.
type layoutKey struct {
	names         *string
	count         int
	secrets, free *path
}

func (r *redactor) layoutOf(names []string, at *place) *layout {
	if len(names) == 0 {
		return &layout{}
	}
	key := layoutKey{&names[0], len(names), at.secrets, at.free}
	l := r.layouts[key]
	if l == nil {
		l = &layout{members: make([]member, len(names)), pair: slices.ContainsFunc(names, redact.ValueName)}
		for i, name := range names {
			l.members[i] = member{
				secrets: at.secrets.field(name), free: at.free.field(name),
				secret: r.named(name), value: redact.ValueName(name), handedOut: redact.HandedOut(name),
			}
		}
		r.layouts[key] = l
	}
	return l
}
