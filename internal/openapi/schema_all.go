package openapi

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// mergeAllOf merges branches of allOf into s where that is possible, since some
// clients refuse combinators at the root. The others stay in allOf. The
// annotations of s take precedence. A reference with keywords beside it is one
// more branch.
func (c *converter) mergeAllOf(s *jsonschema.Schema, at placed, level int) error {
	var branches []*jsonschema.Schema
	if refOf(at.node) != nil {
		target, err := c.hop(at)
		if err != nil {
			return err
		}
		// Keywords for one type do not forbid the null that the target allows.
		keepNull := !hasAny(at.node, "type", "enum", "const")
		b, err := c.expand(target, level, c.roleOf(target, at.node))
		if err != nil {
			return err
		}
		mergeNullable(s, b, keepNull)
		branches = append(branches, b)
	}
	all, err := c.branches(at.get("allOf"), level, at.node)
	if err != nil {
		return err
	}
	for _, b := range all {
		merge(s, b)
	}
	if branches = append(branches, all...); len(branches) == 0 {
		return nil
	}
	c.annotate(s, at.node)
	if format := at.node.get("format").str(); format != "" && (s.Type == "string" || s.Type == "number" || s.Type == "integer") {
		s.Format = cmp.Or(s.Format, format)
	}
	for _, b := range branches {
		c.omitted[s] = append(c.omitted[s], c.omitted[b]...)
	}
	omit(s, c.omitted[s])
	return nil
}

// omit removes names that are left out in this direction, though another branch
// requires them.
func omit(s *jsonschema.Schema, names []string) {
	if len(names) == 0 || s.Properties == nil {
		return
	}
	hidden := make(map[string]bool, len(names))
	for _, name := range names {
		hidden[name] = true
		if p, ok := s.Properties.Get(name); ok && IsAny(p) {
			s.Properties.Delete(name)
		}
	}
	if s.Properties.Len() == 0 {
		s.Properties = nil
	}
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return hidden[name] })
}

// merge restricts s to what is also valid under b.
func merge(s, b *jsonschema.Schema) { mergeNullable(s, b, false) }

// mergeNullable is merge; keepNull says that s allows null as well.
func mergeNullable(s, b *jsonschema.Schema, keepNull bool) {
	description := s.Description
	switch {
	case IsAny(b), bare(b) && b.Type == s.Type:
		s.Description = cmp.Or(description, b.Description)
	case IsAny(s), bare(s) && b.Type == s.Type:
		*s = *b
		s.Description = cmp.Or(b.Description, description)
	case mergeAlike(s, b), mergeOptional(s, b, keepNull):
	default:
		s.AllOf = append(s.AllOf, b)
	}
}

// mergeAlike merges two schemas of one type, without null.
func mergeAlike(s, b *jsonschema.Schema) bool {
	switch {
	case plainObject(s) && (plainObject(b) || taggedUnion(b)), taggedUnion(s) && plainObject(b):
		mergeObject(s, b)
	case plainArray(s) && plainArray(b):
		mergeArray(s, b)
	default:
		return mergeScalar(s, b)
	}
	return true
}

// mergeOptional merges two schemas of which one allows null besides a plain
// value or object.
func mergeOptional(s, b *jsonschema.Schema, keepNull bool) bool {
	mine, sNull := withoutNull(s)
	other, bNull := withoutNull(b)
	if !sNull && !bNull {
		return false
	}
	merged := *mine
	if !mergeAlike(&merged, other) {
		return false
	}
	*s = merged
	if (sNull || keepNull) && bNull {
		*s = *OrNull(&merged)
	}
	return true
}

// withoutNull returns the other branch of a union of one schema and null.
func withoutNull(s *jsonschema.Schema) (*jsonschema.Schema, bool) {
	if len(s.AnyOf) != 2 || s.AnyOf[1].Type != "null" || s.Type != "" || len(s.OneOf)+len(s.AllOf) > 0 || s.Not != nil {
		return s, false
	}
	inner := *s.AnyOf[0]
	inner.Title, inner.Description = cmp.Or(s.Title, inner.Title), cmp.Or(s.Description, inner.Description)
	if s.Default != nil {
		inner.Default = s.Default
	}
	inner.Deprecated = inner.Deprecated || s.Deprecated
	return &inner, true
}

// bare reports whether s has no constraint except its type.
func bare(s *jsonschema.Schema) bool {
	rest := *s
	rest.Type, rest.Title, rest.Description, rest.Default, rest.Deprecated = "", "", "", nil, false
	return reflect.DeepEqual(rest, jsonschema.Schema{})
}

func plainObject(s *jsonschema.Schema) bool {
	return s.Type == "object" && len(s.AnyOf) == 0 && len(s.OneOf) == 0 && s.Not == nil && len(s.Enum) == 0
}

// taggedUnion reports whether s is an object with alternatives, which a
// property tells apart.
func taggedUnion(s *jsonschema.Schema) bool {
	return s.Type == "object" && s.Properties != nil && len(s.AnyOf) > 0 && len(s.OneOf)+len(s.Enum) == 0 && s.Not == nil
}

func plainArray(s *jsonschema.Schema) bool {
	return s.Type == "array" && s.Items != nil && len(s.AnyOf)+len(s.OneOf)+len(s.Enum)+len(s.PrefixItems) == 0 && s.Not == nil
}

func mergeArray(s, from *jsonschema.Schema) {
	items := *s.Items
	merge(&items, from.Items)
	s.Items = &items
	s.MinItems, s.MaxItems = tighterCount(s.MinItems, from.MinItems, 1), tighterCount(s.MaxItems, from.MaxItems, -1)
	s.UniqueItems = s.UniqueItems || from.UniqueItems
	s.AllOf = append(s.AllOf, from.AllOf...)
	s.Description = cmp.Or(s.Description, from.Description)
}

func mergeObject(s, from *jsonschema.Schema) {
	mine, theirs := s.Properties.Len(), from.Properties.Len()
	if s.Properties == nil {
		s.Properties, from.Properties = from.Properties, nil
	}
	for name, property := range from.Properties.FromOldest() {
		if mine, ok := s.Properties.Get(name); ok {
			merge(mine, property)
		} else {
			s.Properties.Set(name, property)
		}
	}
	for _, name := range from.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(s.Required, name)
		}
	}
	s.Description = cmp.Or(s.Description, from.Description)
	s.AllOf, s.AnyOf = append(s.AllOf, from.AllOf...), append(s.AnyOf, from.AnyOf...)
	if a, b := s.AdditionalProperties, from.AdditionalProperties; b != nil || a != jsonschema.FalseSchema || s.Properties.Len() > mine {
		closed := a == nil && b == jsonschema.FalseSchema && s.Properties.Len() == theirs
		if s.AdditionalProperties = mergeOthers(a, b); closed {
			s.AdditionalProperties = jsonschema.FalseSchema
		}
	}
	if s.PatternProperties == nil {
		s.PatternProperties = from.PatternProperties
	}
	s.MinProperties, s.MaxProperties = tighterCount(s.MinProperties, from.MinProperties, 1), tighterCount(s.MaxProperties, from.MaxProperties, -1)
}

// mergeOthers joins two branches' rules for unlisted names. A branch's "no
// others" would forbid the names of the other branch, so it is dropped.
func mergeOthers(a, b *jsonschema.Schema) *jsonschema.Schema {
	if a == nil || a == jsonschema.FalseSchema {
		a = b
	}
	if a == jsonschema.FalseSchema {
		return nil
	}
	return a
}
