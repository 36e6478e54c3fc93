package result

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// field is one of the fields that a call asks for, with those below it. A path
// passes through lists: groups.name is the name of every group.
type field struct {
	name  string
	path  string // as it was asked for, where a path ends here
	below []*field
	found bool // in any item
	seen  bool // any item has an object here, so that the fields below can be missed
}

// fieldsOf makes a tree of the paths of a call, nil if it asks for none.
func fieldsOf(call *tools.Call) *field {
	if len(call.Controls.Fields) == 0 {
		return nil
	}
	root := &field{}
	for _, asked := range call.Controls.Fields {
		at := root
		for _, name := range segments(inItem(call.Tool.Answer, asked)) {
			i := slices.IndexFunc(at.below, func(f *field) bool { return f.name == name })
			if i < 0 {
				at.below = append(at.below, &field{name: name})
				i = len(at.below) - 1
			}
			at = at.below[i]
		}
		at.path = asked
	}
	return root
}

// inItem drops the part of a path that leads to the items in the answer. Tool
// descriptions show it, so models write it too: data[].email.
func inItem(a tools.Answer, asked string) string {
	if a.Path == "" {
		a.Path = "data"
	}
	for _, before := range []string{a.Path + "[].", a.Path + "."} {
		if rest, ok := strings.CutPrefix(asked, before); ok && !slices.Contains(a.Fields, a.Path) {
			return rest
		}
	}
	return asked
}

// segments splits a path at its dots. A name with a dot is in quotes.
func segments(path string) (names []string) {
	for rest := path; rest != ""; {
		if end := strings.Index(rest[1:], `"`); rest[0] == '"' && end >= 0 {
			names, rest = append(names, rest[1:end+1]), strings.TrimPrefix(rest[end+2:], ".")
			continue
		}
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		name, _, _ = strings.Cut(name, "[](") // the head of a column
		names = append(names, strings.TrimSuffix(strings.TrimSuffix(name, "[]"), "{}"))
	}
	return names
}

// keep is what a value has of the fields, in the order in which they were asked
// for; false if it has none.
func (f *field) keep(v jsonvalue.Value) (kept jsonvalue.Value, ok bool) {
	switch v.Kind {
	case jsonvalue.List:
		out := jsonvalue.Value{Kind: jsonvalue.List, Parts: make([]jsonvalue.Value, 0, len(v.Parts))}
		for _, part := range v.Parts {
			if kept, ok := f.keep(part); ok {
				out.Parts = append(out.Parts, kept)
			}
		}
		return out, len(out.Parts) > 0 || len(v.Parts) == 0
	case jsonvalue.Object:
		out := jsonvalue.Value{Kind: jsonvalue.Object}
		f.seen = true
		for _, below := range f.below {
			part := v.Member(below.name)
			if part == nil {
				continue
			}
			kept, ok := below.keep(*part)
			if below.path != "" || part.Kind == jsonvalue.Null { // all of it, whatever else is asked for
				kept, ok = *part, true
			}
			if ok {
				below.found = true
				out.Names, out.Parts = append(out.Names, below.name), append(out.Parts, kept)
				if name, added := v.After(below.name); added != nil && added.Added && !slices.ContainsFunc(f.below, func(b *field) bool { return b.name == name }) {
					out.Names, out.Parts = append(out.Names, name), append(out.Parts, *added)
				}
			}
		}
		return out, len(out.Parts) > 0
	default:
		return v, false
	}
}

// missing lists the paths that no value had and the description does not name.
func (f *field) missing(call *tools.Call) (paths []string) {
	documented := call.Tool.Answer.Fields
	if call.Controls.Resolve {
		documented = slices.Concat(documented, addedNames(documented))
	}
	var look func(f *field, path string)
	look = func(f *field, path string) {
		known := f.found || path == "" || slices.Contains(documented, path)
		if !known {
			paths = f.asked(paths)
			return
		}
		for _, below := range f.below {
			if f.seen || path == "" { // else there was nothing in which to look
				look(below, strings.TrimPrefix(path+"."+below.name, "."))
			}
		}
	}
	look(f, "")
	return paths
}

// asked adds the paths that were asked for here and below.
func (f *field) asked(paths []string) []string {
	if f.path != "" {
		paths = append(paths, f.path)
	}
	for _, below := range f.below {
		paths = below.asked(paths)
	}
	return paths
}

// unknownFields tells an agent which fields there are.
func unknownFields(t *tools.Tool, paths []string, items []jsonvalue.Value) string {
	there := fieldsIn(items)
	for _, name := range t.Answer.Fields {
		if !slices.Contains(there, name) {
			there = append(there, name)
		}
	}
	meant := make([]string, len(paths))
	for i, path := range paths {
		meant[i] = text.EscapeInvisible(path) + text.DidYouMean(path, there)
	}
	of := "the answer"
	if t.Answer.List {
		of = "the items"
	}
	if len(there) == 0 {
		return fmt.Sprintf("There is no field %s in %s of %s.", strings.Join(meant, ", "), of, t.Name)
	}
	return fmt.Sprintf("There is no field %s in %s of %s. Fields: %s", strings.Join(meant, ", "), of, t.Name, strings.Join(there, ", "))
}

// fieldsIn lists the fields that values have, and those of what is in them.
func fieldsIn(items []jsonvalue.Value) (paths []string) {
	const most = 60
	seen := map[string]bool{}
	var look func(v *jsonvalue.Value, at string, depth int)
	look = func(v *jsonvalue.Value, at string, depth int) {
		if v.Kind == jsonvalue.List {
			for i := range v.Parts {
				look(&v.Parts[i], at, depth)
			}
			return
		}
		for i, name := range v.Names {
			path := strings.TrimPrefix(at+"."+segment(name), ".")
			if !seen[path] && len(paths) < most {
				seen[path], paths = true, append(paths, path)
			}
			if depth > 1 {
				look(&v.Parts[i], path, depth-1)
			}
		}
	}
	for i := range items {
		look(&items[i], "", 2)
	}
	return paths
}

// segment writes a name within a path, in quotes if it would read as more than one.
func segment(name string) string {
	if name == "" || strings.ContainsAny(name, ".[]{}\"\n\r") {
		return string(jsonvalue.AppendQuote(nil, name))
	}
	return name
}
