package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Words say what a write does: a fact a line, without secrets, invisible characters
// escaped.
type Words struct {
	Title, Undo      string
	Objects, Changes []string
}

// Words are those of a call in a plan.
func (a *About) Words() Words {
	changes := append(a.arguments(), a.changes(inPlan)...)
	if omitted := a.omitted(); len(omitted) > 0 {
		changes = append(changes, "Left out, and possibly lost: "+strings.Join(omitted, ", "))
	}
	return a.words(a.objects(), changes)
}

// Later are the words of a call before which the object may have changed: they tell of it
// by name, and not what it is now.
func (a *About) Later() Words {
	later := *a
	later.bare = true
	objects := later.objects()
	later.current, later.part = nil, nil
	return a.words(objects, append(later.arguments(), later.changes(inPlan)...))
}

func (a *About) words(objects, changes []string) Words {
	for _, lines := range [][]string{objects, changes} {
		for i, line := range lines {
			lines[i] = strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(text.EscapeInvisible(line))
		}
	}
	return Words{Title: onOneLine(a.tool.Title), Undo: onOneLine(a.tool.Undo), Objects: objects, Changes: changes}
}

// About is the path of the object that was read and of the part of it that the call is
// about, "" for nothing.
func (a *About) About() string {
	if a.current == nil {
		return ""
	}
	return strings.Join(append([]string{a.before.Call.Request.Path, a.before.Sought}, a.before.Below...), "\n") + "\n"
}

// Replaces tells whether the call is about the object that was read, and not only about
// something in it.
func (a *About) Replaces() bool { return a.compared() }

// listing is a value that replaces nothing: a list of what is known by name as names,
// anything else as it is.
func (a *About) listing(name string, v *jsonvalue.Value, most limits) string {
	isList := func(v jsonvalue.Value) bool { return v.Kind == jsonvalue.List }
	switch {
	case !most.flags:
		return shortened(v, most.value)
	case v.Kind == jsonvalue.Object && slices.ContainsFunc(v.Parts, isList):
		parts := make([]string, len(v.Parts))
		for i, name := range v.Names {
			parts[i] = onOneLine(name) + " " + a.listing(name, &v.Parts[i], most)
		}
		return joined(parts, most.line)
	case !isList(*v) || len(v.Parts) == 0:
		return shortened(v, most.value)
	}
	c := &comparer{names: a.names, most: most, field: name}
	key, kind := keyOf(v.Parts), kindOfID(strings.TrimSuffix(name, "s"))
	var items []string
	for i := range v.Parts {
		item := &v.Parts[i]
		switch {
		case item.Kind == jsonvalue.Object && key != "" && onlyFlags(item, key):
			items = append(items, c.label(item, key)+c.flags(item))
		case item.Kind == jsonvalue.Object && key != "" && len(namedOf(item).Names) == 0 && c.nameOf(item, key) != "":
			items = append(items, c.label(item, key)+" "+shortened(item, most.value))
		case item.Kind == jsonvalue.Object && key != "":
			items = append(items, c.item(item, key, i))
		case item.Scalar() && kind != "" && !redact.HasMarker(item.Str()):
			items = append(items, a.named(kind, item.Str(), nil))
		default:
			return shortened(v, most.value)
		}
	}
	return listed(items, most.items, most.line)
}

// onlyFlags tells whether an item has nothing but its key and what is true or false.
func onlyFlags(v *jsonvalue.Value, key string) bool {
	for i, name := range v.Names {
		if kind := v.Parts[i].Kind; name != key && kind != jsonvalue.True && kind != jsonvalue.False && kind != jsonvalue.Null {
			return false
		}
	}
	return true
}
