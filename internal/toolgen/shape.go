package toolgen

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// A shape describes a JSON Schema in one line, as TypeScript would: {type:
// 'group', id: number | null} | {type: 'user', id}. Strings and values of any
// type have no type.

// maxShape is the longest shape in a description.
const maxShape = 90

// wholeFields is the number of fields up to which an object is written whole,
// whatever the limit: which of them there are decides whether a call is right.
const wholeFields = 6

// shapeOf writes s as a shape of at most limit bytes, omitting deeper levels,
// then branches of unions, until it fits. What is omitted is "…", or the names of
// the branches: see branchesOf.
func shapeOf(s *jsonschema.Schema, limit int) string {
	out := ""
	for levels := 4; levels >= 1; levels-- {
		for _, branches := range []int{12, 4} {
			if out = (shaper{levels, branches}).shape(s, 0); len(out) <= limit {
				return out
			}
		}
	}
	if _, variants := variantsOf(s); variants != "" {
		return text.ClipWords(variants, limit)
	}
	if s.Properties != nil && s.Properties.Len() <= wholeFields {
		return out
	}
	return text.ClipWords(out, limit)
}

// branchesOf says where the fields are of branches that a shape omits, "" if it has
// them. Path is that of the union for describe_tools, "" if unknown.
func branchesOf(shape string, s *jsonschema.Schema, path string) string {
	first, variants := variantsOf(s)
	switch {
	case len(s.AnyOf)+len(s.OneOf) > 0 && variants == "" && strings.Contains(shape, "…"):
		return "; rest: describe_tools"
	case variants == "" || !strings.HasPrefix(shape, variants[:strings.Index(variants, ": ")+1]):
		return ""
	case path == "" || strings.HasPrefix(first, `"`):
		return "; fields: describe_tools"
	default:
		return "; fields: describe_tools, branch " + path + "(" + first + ")"
	}
}

type shaper struct{ levels, branches int }

func (w shaper) shape(s *jsonschema.Schema, level int) string {
	switch union := slices.Concat(s.AnyOf, s.OneOf); {
	case len(union) > 0:
		return w.union(union, level)
	case len(s.Enum) > 0:
		return enumShape(s.Enum)
	case s.Type == "array":
		item := w.shape(s.Items, level)
		if strings.Contains(item, " | ") {
			item = "(" + item + ")"
		}
		return item + "[]"
	case s.Type == "object" && s.Properties != nil && s.Properties.Len() <= 4 && patches(s) != nil:
		return w.folded(s, level)
	case s.Type == "object" || len(s.AllOf) > 0:
		return w.object(s, level)
	case s.Type == "integer":
		return "number"
	case s.ContentEncoding != "":
		return s.ContentEncoding
	case s.Type != "":
		return s.Type
	default:
		return "any"
	}
}

func (w shaper) object(s *jsonschema.Schema, level int) string {
	if s.Properties == nil {
		if more := s.AdditionalProperties; more != nil && more != jsonschema.FalseSchema {
			return "{[key]: " + w.shape(more, level+1) + "}"
		}
		return "object"
	}
	if level >= w.levels && s.Properties.Len() > wholeFields {
		return "{…}"
	}
	var fields []string
	for name, p := range s.Properties.FromOldest() {
		optional := !slices.Contains(s.Required, name)
		if name = text.Name(name); optional {
			name += "?"
		}
		if t := w.shape(p, level+1); t != "string" && t != "any" {
			name += ": " + t
		}
		fields = append(fields, name)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (w shaper) union(union []*jsonschema.Schema, level int) string {
	if folded := foldOperations(union); folded != nil {
		return w.folded(folded, level)
	}
	var parts []string
	for _, b := range union {
		if part := w.shape(b, level); !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if len(parts) > w.branches {
		parts = append(parts[:w.branches], fmt.Sprintf("… %d more", len(parts)-w.branches))
	}
	return strings.Join(parts, " | ")
}

// folded writes a folded union. For JSON Patch, which models know, the names of
// its operations are enough.
func (w shaper) folded(s *jsonschema.Schema, level int) string {
	if names := patches(s); names != nil {
		return "JSON Patch: " + strings.Join(names, ", ")
	}
	return w.object(s, level)
}

// foldOperations folds a union whose branches differ in one fixed field and in
// optional fields (as the operations of JSON Patch do) into one object, or
// returns nil.
func foldOperations(union []*jsonschema.Schema) *jsonschema.Schema {
	key := discriminator(union)
	if key == "" || len(union) < 3 {
		return nil
	}
	out := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties()}
	values := &jsonschema.Schema{Type: "string"}
	for _, b := range union {
		values.Enum = append(values.Enum, property(b, key).Enum...)
		for name, p := range b.Properties.FromOldest() {
			if mine, ok := out.Properties.Get(name); ok && name != key && (mine.Type != p.Type || len(p.Enum) > 0) {
				return nil
			}
			out.Properties.Set(name, p)
		}
	}
	out.Properties.Set(key, values)
	for name := range out.Properties.FromOldest() {
		if !slices.ContainsFunc(union, func(b *jsonschema.Schema) bool { return !slices.Contains(b.Required, name) }) {
			out.Required = append(out.Required, name)
		}
	}
	if out.Properties.Len() > 6 {
		return nil
	}
	return out
}

// discriminator returns the field that has one fixed string in every branch.
func discriminator(union []*jsonschema.Schema) string {
	if len(union) == 0 || union[0].Properties == nil {
		return ""
	}
	for name := range union[0].Properties.FromOldest() {
		fixed := !slices.ContainsFunc(union, func(b *jsonschema.Schema) bool {
			p := property(b, name)
			return p == nil || p.Type != "string" || len(p.Enum) != 1
		})
		if fixed {
			return name
		}
	}
	return ""
}

// variantsOf names the branches of a union that is too large to write out, and the
// first of them.
func variantsOf(s *jsonschema.Schema) (first, all string) {
	union := slices.Concat(s.AnyOf, s.OneOf)
	if len(union) == 0 {
		return "", ""
	}
	key := discriminator(union)
	var names []string
	for _, b := range union {
		name := b.Title
		if key != "" {
			name, _ = property(b, key).Enum[0].(string)
		}
		if name == "" {
			return "", ""
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	names = namesOfVariants(names)
	if key == "" {
		return names[0], "one of: " + strings.Join(names, ", ")
	}
	return names[0], "by " + text.Name(key) + ": " + strings.Join(names, ", ")
}

func enumShape(values []any) string {
	const most = 8
	var parts []string
	for _, v := range values[:min(len(values), most)] {
		encoded, _ := json.Marshal(v)
		if s, ok := v.(string); ok {
			encoded = []byte(literal(s))
		}
		parts = append(parts, string(encoded))
	}
	if len(values) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " | ")
}

// patches lists the operations of JSON Patch that s describes, if any.
func patches(s *jsonschema.Schema) []string {
	op := property(s, "op")
	if op == nil || property(s, "path") == nil || len(op.Enum) == 0 {
		return nil
	}
	return mapped(textsOf(op.Enum), text.Name)
}

func textsOf(values []any) (out []string) {
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// anyValue is the published schema of "any JSON value". Clients want every
// property typed.
func anyValue(description string) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: description}
	for _, t := range []string{"string", "number", "boolean", "object", "array", "null"} {
		branch := &jsonschema.Schema{Type: t}
		if t == "array" {
			branch.Items = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "object"}}}
		}
		s.AnyOf = append(s.AnyOf, branch)
	}
	return s
}
