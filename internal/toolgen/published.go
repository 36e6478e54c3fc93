package toolgen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Limits of a published schema. A larger sub-schema is reduced to its type and
// a line on its shape; the full schema has it all. The limits keep Retool's 144
// operations within 16,000 tokens.
const (
	maxInline  = 60  // bytes of JSON of a nested object or union
	maxEnum    = 220 // bytes of an enum's values
	maxPattern = 24  // bytes of a pattern
	maxValues  = 48  // bytes of a list of values in a description

	maxVariants = 1_200 // bytes of the alternatives of an object
	maxTags     = 4_000 // bytes of the values that tell them apart
)

// publishedSchema returns the published schema of an argument, with its hint as
// the description.
func publishedSchema(a argument, words wording) *jsonschema.Schema {
	s := a.schema
	if a.In == tools.NotSent { // the same on all tools, so words would cost tokens a hundred times
		return &jsonschema.Schema{Type: s.Type, Items: s.Items, Enum: s.Enum}
	}
	hint := sentence(a.note, words.hint(a))
	if a.Since != "" {
		hint = strings.TrimPrefix(hint+"; since "+a.Since, "; ")
	}
	if a.In == tools.InPath || a.In == tools.InQuery {
		s = withoutNull(s) // an address cannot contain null
	}
	if a.In == tools.InPath && s.Pattern != "" {
		copied := *s
		copied.Pattern = "" // ids are copied from lists
		s = &copied
	}
	if openapi.IsAny(s) {
		return anyValue(cmp.Or(hint, "any JSON value"))
	}
	if a.Each {
		one := trimmer{words.inner, a.Name}.trim(s, "", 0)
		list := &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: one.Type}}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, list}, Description: hint}
	}
	return trimmer{words.inner, a.Name}.trim(s, hint, 0)
}

// withoutNull removes null from a union with one other branch.
func withoutNull(s *jsonschema.Schema) *jsonschema.Schema {
	if rest, _ := splitNull(s.AnyOf); len(rest) == 1 && s.Type == "" {
		return described(rest[0], s.Description)
	}
	return s
}

func splitNull(union []*jsonschema.Schema) (rest []*jsonschema.Schema, nullable bool) {
	for _, b := range union {
		if b.Type == "null" {
			nullable = true
		} else {
			rest = append(rest, b)
		}
	}
	return rest, nullable
}

// trimmer reduces the schema of an argument of that name; inner is that of the
// wording.
type trimmer struct {
	inner func(s *jsonschema.Schema) string
	name  string
}

// shape is the shape of a schema in the argument, and where to find what it omits.
func (w trimmer) shape(s *jsonschema.Schema, limit, level int) string {
	shape, path := shapeOf(s, limit), ""
	if level == 0 {
		path = w.name
	}
	return shape + branchesOf(shape, s, path)
}

func (w trimmer) trim(s *jsonschema.Schema, hint string, level int) *jsonschema.Schema {
	plain := typedPart(s)
	switch {
	case plain != nil:
		return w.trim(plain, hint, level)
	case len(s.AnyOf)+len(s.OneOf) > 0 && s.Type == "":
		return w.trimUnion(s, hint, level)
	case openapi.IsAny(s), s.Type == "" && !isObject(s):
		return anyValue(hint)
	case s.Type == "array":
		out := &jsonschema.Schema{Type: "array", Description: hint, MinItems: s.MinItems, MaxItems: s.MaxItems}
		if openapi.IsAny(s.Items) {
			out.Items = anyValue("").AnyOf[4].Items
		} else {
			out.Items = w.trim(s.Items, w.inner(s.Items), level+1)
		}
		return out
	case s.Type == "object" || s.Type == "":
		return w.trimObject(s, hint, level)
	default:
		return w.trimScalar(s, hint)
	}
}

func (w trimmer) trimScalar(s *jsonschema.Schema, hint string) *jsonschema.Schema {
	out := &jsonschema.Schema{
		Type: s.Type, Description: hint,
		Minimum: s.Minimum, Maximum: s.Maximum, ExclusiveMinimum: s.ExclusiveMinimum, ExclusiveMaximum: s.ExclusiveMaximum,
		MultipleOf: s.MultipleOf,
	}
	if s.Minimum == "1" && s.Maximum != "" {
		out.Minimum = "" // models do not try a limit of 0
	}
	if len(s.Pattern) <= maxPattern && !text.HasInvisible(s.Pattern) && !tools.IsTypedID(s.Pattern) {
		out.Pattern = s.Pattern
	}
	if s.Format == "date-time" || s.Format == "date" {
		out.Format = s.Format
	}
	if len(s.Enum) == 0 {
		return out
	}
	if s.Type == "string" && sizeOf(s.Enum) <= maxEnum && publishable(s.Enum) {
		out.Enum = s.Enum
		return out
	}
	list, total := text.ClipWords(strings.Join(mapped(textsOf(s.Enum), text.Name), ", "), maxValues), ""
	if strings.HasSuffix(list, "…") {
		total = fmt.Sprintf("%d: ", len(s.Enum))
	}
	out.Description = sentence(hint, "one of "+total+list)
	return out
}

func (w trimmer) trimUnion(s *jsonschema.Schema, hint string, level int) *jsonschema.Schema {
	rest, nullable := splitNull(slices.Concat(s.AnyOf, s.OneOf))
	out := &jsonschema.Schema{Description: hint}
	switch merged := mergeEnums(rest); {
	case len(rest) == 1 && tagOf(rest[0]) != "":
		out = w.trimVariants(rest[0], hint, level)
	case merged != nil:
		out = w.trimScalar(merged, hint)
	case slices.ContainsFunc(rest, isObject):
		out.Description = sentence(hint, w.shape(&jsonschema.Schema{AnyOf: rest}, maxShape, level))
		for _, t := range typesIn(rest) {
			branch := &jsonschema.Schema{Type: t}
			if t == "array" {
				branch.Items = &jsonschema.Schema{Type: "object"}
			}
			out.AnyOf = append(out.AnyOf, branch)
		}
		if len(out.AnyOf) == 1 && out.AnyOf[0].Type == "object" {
			out.Type, out.AnyOf = "object", nil
		}
	default:
		for _, b := range rest {
			if len(b.Enum) > 0 && slices.ContainsFunc(rest, func(o *jsonschema.Schema) bool { return o.Type == b.Type && len(o.Enum) == 0 }) {
				continue // any string is allowed, so the fixed ones add nothing
			}
			branch := w.trim(b, w.inner(b), level)
			if !slices.ContainsFunc(out.AnyOf, func(o *jsonschema.Schema) bool { return reflect.DeepEqual(o, branch) }) {
				out.AnyOf = append(out.AnyOf, branch)
			}
		}
		if len(out.AnyOf) == 1 {
			out = out.AnyOf[0]
			out.Description = sentence(hint, out.Description)
		}
	}
	switch {
	case nullable && len(rest) == 0:
		out.Type = "null"
	case nullable:
		return openapi.OrNull(out)
	}
	return out
}

// typedPart returns the part of allOf that says the type of s, which no object
// has, nil for none. Publishing it alone allows more than the rest of s does.
func typedPart(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Type != "" {
		return nil
	}
	for _, b := range s.AllOf {
		if b.Type != "" && b.Type != "object" || b.Type == "" && len(b.AnyOf)+len(b.OneOf) > 0 && !isObject(b) {
			return b
		}
	}
	return nil
}

func isObject(s *jsonschema.Schema) bool {
	return s.Type == "object" || s.Type == "" && typedPart(s) == nil && (s.Properties != nil || slices.ContainsFunc(slices.Concat(s.AnyOf, s.OneOf, s.AllOf), isObject))
}

// typesIn lists the types of a union's branches, objects first.
func typesIn(union []*jsonschema.Schema) []string {
	types := []string{"object"}
	for _, b := range union {
		of := []string{b.Type}
		if b.Type == "" {
			of = typesIn(slices.Concat(b.AnyOf, b.OneOf, b.AllOf))
		}
		for _, t := range of {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

// mergeEnums turns a union of fixed strings into one enum.
func mergeEnums(union []*jsonschema.Schema) *jsonschema.Schema {
	var out *jsonschema.Schema
	known := map[string]bool{}
	for _, b := range union {
		if b.Type != "string" || len(b.Enum) == 0 {
			return nil
		}
		out = cmp.Or(out, &jsonschema.Schema{Type: "string"})
		for _, v := range b.Enum {
			if word, ok := v.(string); !ok || !known[word] {
				known[word] = known[word] || ok
				out.Enum = append(out.Enum, v)
			}
		}
	}
	return out
}

// trimObject keeps a small object and reduces a larger one to its shape.
func (w trimmer) trimObject(s *jsonschema.Schema, hint string, level int) *jsonschema.Schema {
	cut := func() *jsonschema.Schema {
		shape := w.shape(s, maxShape, level)
		if shape == "object" {
			shape = ""
		}
		return &jsonschema.Schema{Type: "object", Description: sentence(hint, shape)}
	}
	if s.Properties == nil || !publishableFields(s) {
		return cut()
	}
	if tagOf(s) != "" {
		return w.trimVariants(s, hint, level)
	}
	if len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 {
		return cut()
	}
	out := w.trimFields(s, level)
	if out.Description = hint; sizeOf(out) > maxInline {
		return cut()
	}
	return out
}

func (w trimmer) trimFields(s *jsonschema.Schema, level int) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: "object", Required: s.Required, Properties: jsonschema.NewProperties()}
	for name, p := range s.Properties.FromOldest() {
		out.Properties.Set(name, w.trim(p, w.inner(p), level+1))
	}
	return out
}

// tagOf returns the property that tells the alternatives of an object apart, ""
// for none: each has its own values of it.
func tagOf(s *jsonschema.Schema) string {
	union := slices.Concat(s.AnyOf, s.OneOf)
	if s.Type != "object" || len(union) == 0 || len(s.AllOf) > 0 {
		return ""
	}
	for name, p := range s.Properties.FromOldest() {
		tagged := func(b *jsonschema.Schema) bool { own := property(b, name); return own != nil && len(own.Enum) > 0 }
		if p.Type == "string" && len(p.Enum) > 0 && acceptedName().MatchString(name) && !slices.ContainsFunc(union, func(b *jsonschema.Schema) bool { return !tagged(b) }) {
			return name
		}
	}
	return ""
}

// trimVariants writes out the alternatives of an object. Where they are too
// large, it lists the values that tell them apart.
func (w trimmer) trimVariants(s *jsonschema.Schema, hint string, level int) *jsonschema.Schema {
	out, union := &jsonschema.Schema{Description: hint}, slices.Concat(s.AnyOf, s.OneOf)
	for _, b := range union {
		if b.Properties == nil || !publishableFields(b) || len(b.AnyOf)+len(b.OneOf)+len(b.AllOf) > 0 || sizeOf(out) > maxVariants {
			out = nil
			break
		}
		out.AnyOf = append(out.AnyOf, w.trimFields(b, level))
	}
	if out != nil && sizeOf(out) <= maxVariants {
		return out
	}
	name := tagOf(s)
	tag := w.trimScalar(property(s, name), "")
	if values := property(s, name).Enum; sizeOf(values) <= maxTags && publishable(values) {
		tag = &jsonschema.Schema{Type: "string", Enum: values}
	}
	out = &jsonschema.Schema{Type: "object", Required: []string{name}, Properties: jsonschema.NewProperties()}
	out.Properties.Set(name, tag)
	out.Description = sentence(hint, w.shape(&jsonschema.Schema{AnyOf: union}, 2*maxShape, level))
	return out
}

func sentence(hint, rest string) string {
	if hint == "" || rest == "" {
		return hint + rest
	}
	return hint + ": " + rest
}

// sizeOf returns the length of v's JSON in bytes.
func sizeOf(v any) int {
	encoded, _ := json.Marshal(v) // schemas come from JSON
	return len(encoded)
}
