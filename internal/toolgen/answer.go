package toolgen

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// mostFields limits Answer.Fields, which only messages about unknown fields
// use.
const mostFields = 60

// answerOf finds the relevant part of an answer: inside the envelope, and
// inside an object whose only field is a list.
func answerOf(schema *jsonschema.Schema, name string) tools.Answer {
	if schema == nil {
		return tools.Answer{List: strings.HasPrefix(name, "list_"), Path: "data"}
	}
	a, s := relevantIn(schema)
	a.Fields = plainFields(pathsIn(s))
	a.Schema, _ = encode(s) // it comes from JSON
	return a
}

// relevantIn returns where the relevant part of an answer is, and its schema or that
// of its items.
func relevantIn(schema *jsonschema.Schema) (a tools.Answer, s *jsonschema.Schema) {
	s = withoutNull(schema)
	if data := property(s, "data"); data != nil {
		a.Path, s = "data", withoutNull(data)
	}
	if s.Type != "array" && s.Properties != nil {
		if names := fieldNames(s); len(names) == 1 {
			if only := withoutNull(property(s, names[0])); only.Type == "array" {
				a.Path, s = strings.TrimPrefix(a.Path+"."+names[0], "."), only
			}
		}
	}
	if s.Type == "array" {
		a.List, s = true, withoutNull(s.Items)
	}
	return a, s
}

// acceptOf writes the content types of an answer as the header Accept, "" for
// JSON alone. Errors are JSON in any case.
func acceptOf(types []string) string {
	const plain = "application/json"
	isPlain := func(name string) bool {
		return text.MediaType(name) == plain
	}
	types = slices.Clone(types)
	if i := slices.IndexFunc(types, isPlain); i >= 0 {
		types = slices.Insert(slices.DeleteFunc(types, isPlain), 0, plain)
	} else if len(types) > 0 {
		types = append(types, plain+";q=0.9")
	}
	if len(types) == 1 {
		return ""
	}
	return strings.Join(types, ", ")
}

// pathsIn lists the fields of a schema and theirs.
func pathsIn(s *jsonschema.Schema) (paths []string) {
	for _, name := range fieldNames(s) {
		paths = append(paths, name)
		for _, inner := range fieldNames(itemsOf(fieldOf(s, name))) {
			paths = append(paths, name+"."+inner)
		}
	}
	return paths[:min(len(paths), mostFields)]
}

// fieldOf returns a field's schema, from the first branch of a union that has
// it.
func fieldOf(s *jsonschema.Schema, name string) *jsonschema.Schema {
	if p := property(s, name); p != nil {
		return p
	}
	for _, b := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		if p := fieldOf(b, name); p != nil {
			return p
		}
	}
	return nil
}

// itemsOf returns the schema of a list's items, or s itself if it is not a
// list.
func itemsOf(s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return &jsonschema.Schema{}
	}
	if s = withoutNull(s); s.Type == "array" && s.Items != nil {
		s = withoutNull(s.Items)
	}
	return s
}
