package tools

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// NamedID is an e-mail address or a name among arguments, where an id belongs.
type NamedID struct {
	// At is its place, "userId" or "members.0.id"; Kind is what it identifies, one of
	// ReferenceKinds.
	At, Kind, Text string
	set            func(id string)
}

// Set puts an id in its place.
func (n NamedID) Set(id string) { n.set(id) }

// NamedIDs finds the texts among arguments that name an object where the schema
// wants its id. Written returns the arguments with what has been set since.
func (b *Binder) NamedIDs(ctx context.Context, arguments []byte) (found []NamedID, written func() []byte) {
	given, err := readArguments(arguments, ctx.Err)
	if err != nil {
		return nil, nil // binding says so
	}
	b.tool.rename(given)
	siblings := make(map[string]any, len(given))
	for _, v := range given {
		siblings[v.name] = v.data
	}
	for i := range given {
		v := &given[i]
		a, s := b.tool.arg(v.name), b.meant.Properties[v.name]
		if a == nil || a.In == NotSent || s == nil {
			continue
		}
		w := idWalk{found: &found}
		w.visit(v.name, kinds(b.meant, siblings, "")[v.name], v.data, s, func(data any) {
			v.data = data
			v.raw, _ = encode(data) // it was decoded from JSON
		})
	}
	if b.tool.Hints.ReadOnly { // Retool knows what it reads
		found = slices.DeleteFunc(found, func(n NamedID) bool { return n.Kind == "resource" })
	}
	return found, func() []byte { return encodeArguments(given) }
}

// idWalk visits the values that a schema describes.
type idWalk struct{ found *[]NamedID }

// kinds says which fields of an object are ids, and of what.
func kinds(s *jsonschema.Schema, object map[string]any, around string) map[string]string {
	out := map[string]string{}
	for _, r := range References(slices.Sorted(maps.Keys(s.Properties)), around) {
		if words := text.Words(r.Field); words[len(words)-1] == "by" {
			continue // which of two ids of a user, differs
		}
		out[r.Field] = r.Kind
		if of, ok := object[r.TypeField].(string); ok && r.Kind == "" {
			out[r.Field] = KindOfType(strings.ToLower(of))
		}
	}
	if around == "members" && out["id"] == "" {
		out["id"] = "user"
	}
	return out
}

// maxNamed is more than one call names; each costs a look at a list.
const maxNamed = 50

// maxName is the longest name, in bytes.
const maxName = 400

func (w idWalk) visit(at, kind string, data any, s *jsonschema.Schema, put func(any)) {
	if union := slices.Concat(s.AnyOf, s.OneOf); len(union) > 0 {
		if branch := branchFor(data, union); branch != nil {
			s = branch
		}
	}
	switch data := data.(type) {
	case string:
		if isName(kind, data, s) && len(*w.found) < maxNamed {
			*w.found = append(*w.found, NamedID{at, kind, data, func(id string) { put(id) }})
		}
	case []any:
		if s.Items2020 == nil {
			return
		}
		for i, item := range data {
			w.visit(fmt.Sprintf("%s.%d", at, i), kind, item, s.Items2020, func(v any) { data[i] = v; put(data) })
		}
	case map[string]any:
		steps := strings.Split(strings.TrimRight(at, ".0123456789"), ".")
		of := kinds(s, data, steps[len(steps)-1])
		for name, field := range s.Properties {
			if value, ok := data[name]; ok {
				w.visit(at+"."+name, of[name], value, field, func(v any) { data[name] = v; put(data) })
			}
		}
	}
}

var (
	isFolderID = text.Pattern(`^[A-Za-z]+_\d+$`)
	// looksNamed matches what people call things, and not what is spelled to be
	// something else, such as a path, a query or a mask. It does not count: that
	// would take megabytes.
	looksNamed = text.Pattern(`^[\p{L}\p{N}][\p{L}\p{N} _.,:&'()+@-]+$`)
)

// isName reports whether a text names an object of a kind: an id would have another
// form. Retool itself takes the name of a resource for its id, where the schema does.
func isName(kind, given string, s *jsonschema.Schema) bool {
	given = strings.Trim(given, " ")
	if len(given) > maxName || !looksNamed().MatchString(given) || !strings.ContainsFunc(given, unicode.IsLetter) {
		return false
	}
	switch kind {
	case "app", "environment", "role", "workflow":
		return !text.IsUUID(given)
	case "resource":
		return !text.IsUUID(given) && takesText(s) && len(s.AnyOf)+len(s.OneOf) == 0 // or it may be another kind
	case "user", "group", "folder":
		meant, _ := coerced(given, s)
		return !isFolderID().MatchString(given) && (s.Validate(meant) != nil || strings.Contains(given, "@"))
	}
	return false
}
