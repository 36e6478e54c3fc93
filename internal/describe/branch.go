package describe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
)

// A branch is a schema within a schema. Its path has the names of properties, []
// for items, .* for properties of other names, and alternatives in parentheses:
// options(PostgreSQL).database_options.

// part is a schema directly within another.
type part struct {
	path   string
	schema *jsonvalue.Value
	// same says that it is its parent but for null, so it has the parent's path.
	same bool
}

func partsOf(s *jsonvalue.Value, path string) (parts []part) {
	if s.Kind != jsonvalue.Object {
		return nil
	}
	for i, word := range s.Names {
		in := &s.Parts[i]
		switch {
		case word == "properties" && in.Kind == jsonvalue.Object:
			for j, name := range in.Names {
				parts = append(parts, part{member(path, name), &in.Parts[j], false})
			}
		case word == "items":
			parts = append(parts, part{path + "[]", in, false})
		case word == "additionalProperties":
			parts = append(parts, part{path + ".*", in, false})
		case slices.Contains([]string{"anyOf", "oneOf", "allOf"}, word) && in.Kind == jsonvalue.List:
			parts = append(parts, alternatives(in, path)...)
		}
	}
	return slices.DeleteFunc(parts, func(p part) bool { return p.schema.Kind != jsonvalue.Object })
}

func member(path, name string) string {
	if path == "" || strings.HasSuffix(path, ":") {
		return path + name
	}
	return path + "." + name
}

// alternatives are the parts of a union, each with its own name.
func alternatives(union *jsonvalue.Value, path string) (parts []part) {
	isNull := func(s jsonvalue.Value) bool { return textAt(&s, "type") == "null" }
	alone := len(slices.DeleteFunc(slices.Clone(union.Parts), isNull)) == 1
	taken := map[string]int{}
	for i := range union.Parts {
		s := &union.Parts[i]
		if isNull(*s) {
			continue
		}
		name := nameOf(s)
		if taken[name]++; name == "" || taken[name] > 1 {
			name = strings.TrimSpace(fmt.Sprintf("%s %d", name, i+1))
		}
		at := path + "(" + name + ")"
		if alone {
			at = path
		}
		parts = append(parts, part{at, s, alone})
	}
	return parts
}

// nameOf names an alternative: by its title, by a field with one possible value,
// or by its type.
func nameOf(s *jsonvalue.Value) string {
	if title := textAt(s, "title"); title != "" {
		return title
	}
	if fields := s.Member("properties"); fields != nil {
		for i := range fields.Parts {
			if only := fields.Parts[i].Member("enum"); only != nil && len(only.Parts) == 1 && only.Parts[0].Kind == jsonvalue.Text {
				return only.Parts[0].Text
			}
		}
	}
	return textAt(s, "type")
}

func textAt(s *jsonvalue.Value, name string) string {
	if v := s.Member(name); v != nil && v.Kind == jsonvalue.Text {
		return v.Text
	}
	return ""
}

// find returns the branch at a path, in any case, nil for none.
func find(s *jsonvalue.Value, at, path string) *jsonvalue.Value {
	if strings.EqualFold(at, path) {
		return s
	}
	for _, p := range partsOf(s, at) {
		if found := find(p.schema, p.path, path); found != nil {
			return found
		}
	}
	return nil
}

// branches lists the paths of all branches of at least that many tokens.
func branches(s *jsonvalue.Value, path string, least int) (paths []string) {
	for _, p := range partsOf(s, path) {
		if !p.same && result.Tokens(p.schema.JSON()) >= least {
			paths = append(paths, p.path)
		}
		paths = append(paths, branches(p.schema, p.path, least)...)
	}
	return paths
}

// fold replaces branches of a schema by their paths until it has at most that many
// tokens: those within its largest part if that is what makes it large, or else that
// part. Nothing else is changed, so no branch is cut.
func fold(s *jsonvalue.Value, path string, most int) (folded bool) {
	for size := result.Tokens(s.JSON()); size > most; size = result.Tokens(s.JSON()) {
		largest, of := part{}, leastFolded
		for _, p := range partsOf(s, path) {
			if n := result.Tokens(p.schema.JSON()); n > of && p.schema.Member(argBranch) == nil {
				largest, of = p, n
			}
		}
		switch rest := size - of; {
		case largest.schema == nil:
			return folded
		case largest.same || rest < most*3/4:
			if fold(largest.schema, largest.path, most-rest) {
				folded = true
			} else if largest.same {
				return folded
			}
			if largest.same || result.Tokens(s.JSON()) <= most {
				continue
			}
		}
		*largest.schema, folded = stub(largest), true
	}
	return folded
}

// leastFolded is what a branch has that is worth a path in its place.
const leastFolded = 40 // tokens

// stub stands for a branch: its path, and the names of its alternatives.
func stub(p part) jsonvalue.Value {
	out := jsonvalue.Value{Kind: jsonvalue.Object, Names: []string{argBranch}, Parts: []jsonvalue.Value{{Kind: jsonvalue.Text, Text: p.path}}}
	var names []string
	for _, inner := range partsOf(p.schema, "") {
		if strings.HasPrefix(inner.path, "(") {
			names = append(names, inner.path)
		}
	}
	if len(names) > 0 {
		out.Names = append(out.Names, "alternatives")
		out.Parts = append(out.Parts, jsonvalue.Value{Kind: jsonvalue.Text, Text: strings.Join(names, " ")})
	}
	return out
}

// without removes the properties of those names from an object's schema.
func without(s *jsonvalue.Value, names []string) {
	if fields := s.Member("properties"); fields != nil {
		for _, name := range names {
			fields.Drop(name)
		}
	}
	if required := s.Member("required"); required != nil {
		required.Parts = slices.DeleteFunc(slices.Clone(required.Parts), func(v jsonvalue.Value) bool { return slices.Contains(names, v.Text) })
		if len(required.Parts) == 0 {
			s.Drop("required")
		}
	}
}

func parse(schema string) *jsonvalue.Value {
	v, err := jsonvalue.Parse([]byte(schema))
	if err != nil || v.Kind != jsontext.Kind('{') {
		return nil
	}
	return &v
}
