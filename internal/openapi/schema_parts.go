package openapi

import (
	"slices"

	"github.com/invopop/jsonschema"
)

func (c *converter) arrayOf(s *jsonschema.Schema, at placed, level int) (err error) {
	items := at.get("items")
	if items.is(array) { // draft-04 tuples: only the items' number would be lost
		items = placed{}
	}
	if s.Items, err = c.schema(items, level+1); err != nil {
		return err
	}
	for i := range at.node.get("prefixItems").list() {
		item, err := c.schema(placed{&at.node.get("prefixItems").items[i], at.in}, level+1)
		if err != nil {
			return err
		}
		s.PrefixItems = append(s.PrefixItems, item)
	}
	s.MinItems, s.MaxItems = count(at.node, "minItems"), count(at.node, "maxItems")
	s.UniqueItems = at.node.get("uniqueItems").isTrue()
	return nil
}

func (c *converter) objectOf(s *jsonschema.Schema, at placed, level int) (err error) {
	s.Properties = jsonschema.NewProperties()
	skipped := map[string]bool{}
	at.node.get("properties").members(func(name string, n *node) bool {
		property := placed{n, at.in}
		if c.hidden(property) {
			skipped[name] = true
			return true
		}
		var converted *jsonschema.Schema
		if converted, err = c.schema(property, level+1); err != nil {
			return false
		}
		s.Properties.Set(name, converted)
		return true
	})
	if err != nil {
		return err
	}
	for _, name := range at.node.get("required").list() {
		if name.kind != text || skipped[name.text] || slices.Contains(s.Required, name.text) {
			continue
		}
		if _, ok := s.Properties.Get(name.text); !ok {
			s.Properties.Set(name.text, &jsonschema.Schema{})
		}
		s.Required = append(s.Required, name.text)
	}
	if s.Properties.Len() == 0 {
		s.Properties = nil
	}
	s.MinProperties, s.MaxProperties = count(at.node, "minProperties"), count(at.node, "maxProperties")
	return c.otherProperties(s, at, level)
}

// hidden reports whether a property does not travel in this direction.
func (c *converter) hidden(property placed) bool {
	word := map[direction]string{request: "readOnly", response: "writeOnly"}[c.dir]
	if property.node.get(word).isTrue() {
		return true
	}
	target, _, err := c.follow(property)
	return err == nil && target.node.get(word).isTrue()
}

func (c *converter) otherProperties(s *jsonschema.Schema, at placed, level int) error {
	switch more := at.get("additionalProperties"); {
	case more.is(boolean) && !more.isTrue():
		s.AdditionalProperties = jsonschema.FalseSchema
	case more.is(object):
		converted, err := c.schema(more, level+1)
		if err != nil {
			return err
		}
		if !IsAny(converted) {
			s.AdditionalProperties = converted
		}
	}
	var err error
	at.node.get("patternProperties").members(func(pattern string, n *node) bool {
		var converted *jsonschema.Schema
		if converted, err = c.schema(placed{n, at.in}, level+1); err != nil {
			return false
		}
		if pattern = portablePattern(pattern); pattern != "" {
			if s.PatternProperties == nil {
				s.PatternProperties = map[string]*jsonschema.Schema{}
			}
			s.PatternProperties[pattern] = converted
		}
		return true
	})
	return err
}

// combine converts anyOf, oneOf and not. Discriminators are dropped: the
// branches carry the deciding value themselves.
func (c *converter) combine(s *jsonschema.Schema, at placed, level int) (err error) {
	if s.AnyOf, err = c.branches(at.get("anyOf"), level); err != nil {
		return err
	}
	if s.OneOf, err = c.branches(at.get("oneOf"), level); err != nil {
		return err
	}
	if not := at.get("not"); not.is(object) && len(not.items) > 0 {
		s.Not, err = c.schema(not, level)
	}
	return err
}

func (c *converter) branches(at placed, level int) (out []*jsonschema.Schema, err error) {
	for i := range at.node.list() {
		branch, err := c.schema(placed{&at.items[i], at.in}, level)
		if err != nil {
			return nil, err
		}
		out = append(out, branch)
	}
	return out, nil
}

// mergeAllOf folds branches that are plain objects into s, so that clients
// which refuse combinators at the root see one flat object. What cannot be
// folded stays an allOf.
func (c *converter) mergeAllOf(s *jsonschema.Schema, at placed, level int) error {
	branches, err := c.branches(at, level)
	if err != nil {
		return err
	}
	for _, b := range branches {
		switch {
		case IsAny(b):
		case IsAny(s):
			description, title := s.Description, s.Title
			*s = *b
			if description != "" {
				s.Description = description
			}
			if title != "" {
				s.Title = title
			}
		case plainObject(s) && plainObject(b):
			mergeObject(s, b)
		default:
			s.AllOf = append(s.AllOf, b)
		}
	}
	return nil
}

func plainObject(s *jsonschema.Schema) bool {
	return s.Type == "object" && len(s.AnyOf) == 0 && len(s.OneOf) == 0 && s.Not == nil && len(s.Enum) == 0
}

func mergeObject(s, from *jsonschema.Schema) {
	if s.Properties == nil {
		s.Properties = jsonschema.NewProperties()
	}
	for name, property := range from.Properties.FromOldest() {
		if mine, ok := s.Properties.Get(name); ok && !IsAny(mine) && !IsAny(property) {
			property = &jsonschema.Schema{AllOf: []*jsonschema.Schema{mine, property}}
		}
		s.Properties.Set(name, property)
	}
	for _, name := range from.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(s.Required, name)
		}
	}
	if s.Description == "" {
		s.Description = from.Description
	}
	s.AllOf = append(s.AllOf, from.AllOf...)
	if s.AdditionalProperties == jsonschema.FalseSchema {
		s.AdditionalProperties = nil // one branch's "nothing else" would forbid the other's own
	}
}

// orNull lets null in beside s, as anyOf: a type array is dropped by some
// clients and has no place in the Schema type.
func orNull(s *jsonschema.Schema) *jsonschema.Schema {
	if IsAny(s) || s.Type == "null" {
		return s
	}
	null := &jsonschema.Schema{Type: "null"}
	isNull := func(b *jsonschema.Schema) bool { return b.Type == "null" || IsAny(b) }
	switch {
	case s.Type == "" && len(s.AnyOf) > 0 && len(s.OneOf) == 0 && len(s.AllOf) == 0:
		if !slices.ContainsFunc(s.AnyOf, isNull) {
			s.AnyOf = append(s.AnyOf, null)
		}
		return s
	case s.Type == "" && len(s.OneOf) > 0 && len(s.AnyOf) == 0 && len(s.AllOf) == 0:
		if !slices.ContainsFunc(s.OneOf, isNull) {
			s.OneOf = append(s.OneOf, null)
		}
		return s
	}
	outer := &jsonschema.Schema{Title: s.Title, Description: s.Description, Default: s.Default, Deprecated: s.Deprecated}
	s.Title, s.Description, s.Default, s.Deprecated = "", "", nil, false
	outer.AnyOf = []*jsonschema.Schema{s, null}
	return outer
}

// IsAny reports whether s allows every value: it has annotations at most.
func IsAny(s *jsonschema.Schema) bool {
	return s.Type == "" && len(s.AnyOf) == 0 && len(s.OneOf) == 0 && len(s.AllOf) == 0 && s.Not == nil &&
		len(s.Enum) == 0 && s.Const == nil && s.Properties == nil && s.Items == nil && s.Ref == ""
}
