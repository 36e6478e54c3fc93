package openapi

import (
	"slices"

	"github.com/invopop/jsonschema"
)

func (c *converter) arrayOf(s *jsonschema.Schema, at placed, level int) (err error) {
	items := at.get("items")
	if items.is(array) { // draft-04 tuples; only the number of items is lost
		items = placed{}
	}
	if s.Items, err = c.schema(items, level+1); err != nil {
		return err
	}
	tuple := at.get("prefixItems")
	for i := range tuple.list() {
		if c.full() {
			break
		}
		item, err := c.schema(placed{&tuple.items[i], at.in}, level+1)
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
	settled := map[string]bool{} // names that are hidden or required already
	at.node.get("properties").members(func(name string, n *node) bool {
		property := placed{n, at.in}
		if c.full() || !c.spend(len(name)/schemaBytes) {
			return false
		}
		if c.hidden(property) {
			settled[name] = true
			c.count++
			c.omitted[s] = append(c.omitted[s], name)
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
		if name.kind != text || settled[name.text] {
			continue
		}
		settled[name.text] = true
		if _, ok := s.Properties.Get(name.text); !ok {
			if c.full() {
				break
			}
			c.count++
			s.Properties.Set(name.text, &jsonschema.Schema{})
			if hasAny(at.node, "additionalProperties", "patternProperties") {
				c.loosened++ // they applied to the name
			}
		}
		s.Required = append(s.Required, name.text)
	}
	if s.Properties.Len() == 0 {
		s.Properties = nil
	}
	s.MinProperties, s.MaxProperties = count(at.node, "minProperties"), count(at.node, "maxProperties")
	return c.otherProperties(s, at, level)
}

// hidden reports whether a property is omitted in this direction.
func (c *converter) hidden(property placed) bool {
	word := "readOnly"
	if c.dir == response {
		word = "writeOnly"
	}
	if property.node.get(word).isTrue() {
		return true
	}
	target, err := c.follow(property)
	return err == nil && target.node.get(word).isTrue()
}

// otherProperties converts the rules for unlisted names, none if not all were
// converted.
func (c *converter) otherProperties(s *jsonschema.Schema, at placed, level int) error {
	if c.full() {
		return nil
	}
	switch more := at.get("additionalProperties"); {
	case more.is(boolean) && !more.isTrue():
		s.AdditionalProperties = jsonschema.FalseSchema
	case more.is(boolean), more.is(object):
		converted, err := c.schema(more, level+1)
		switch {
		case err != nil:
			return err
		case !IsAny(converted):
			s.AdditionalProperties = converted
		case s.Properties != nil: // stated explicitly, so other names are expected
			s.AdditionalProperties = jsonschema.TrueSchema
		}
	}
	var err error
	at.node.get("patternProperties").members(func(pattern string, n *node) bool {
		pattern = c.pattern(pattern)
		if pattern == "" || c.full() || !c.spend(len(pattern)/schemaBytes) {
			s.AdditionalProperties = nil // it would apply to names that the pattern allows
			return true
		}
		if s.PatternProperties == nil {
			s.PatternProperties = map[string]*jsonschema.Schema{}
		}
		s.PatternProperties[pattern], err = c.schema(placed{n, at.in}, level+1)
		return err == nil
	})
	return err
}

// combine converts anyOf, oneOf and not.
func (c *converter) combine(s *jsonschema.Schema, at placed, level int) (err error) {
	if s.AnyOf, err = c.branches(at.get("anyOf"), level, nil); err != nil {
		return err
	}
	loosened := c.loosened
	if s.OneOf, err = c.branches(at.get("oneOf"), level, nil); err != nil {
		return err
	}
	if (c.loosened > loosened || overlap(s.OneOf)) && len(s.AnyOf) == 0 {
		s.AnyOf, s.OneOf = s.OneOf, nil
		c.loosened++
	}
	not := at.get("not")
	if invertible(not) {
		if s.Not, err = c.schema(not, level); err == nil && IsAny(s.Not) {
			s.Not = nil
		}
	}
	if not.node != nil && s.Not == nil {
		c.loosened++
	}
	return err
}

// overlap reports whether two branches accept null, or one accepts everything.
// oneOf would refuse such values for matching twice, which no document intends.
func overlap(oneOf []*jsonschema.Schema) bool {
	first := slices.IndexFunc(oneOf, takesNull)
	return slices.ContainsFunc(oneOf[first+1:], takesNull) || slices.ContainsFunc(oneOf, IsAny)
}

// invertible reports whether a schema is converted exactly. Under "not", a
// branch that accepts too much would refuse too much.
func invertible(not placed) bool {
	exact := []string{"type", "enum", "const", "required"}
	return not.is(object) && !slices.ContainsFunc(not.items, func(n node) bool { return !slices.Contains(exact, n.name) })
}

// branches converts the branches of a combinator; child is what extends those of
// allOf, nil for the others.
func (c *converter) branches(at placed, level int, child *node) (out []*jsonschema.Schema, err error) {
	for i := range at.node.list() {
		if c.full() { // fewer branches would allow less, any value allows more
			return append(out, &jsonschema.Schema{}), nil
		}
		p, as := placed{&at.items[i], at.in}, used
		if child != nil && refOf(p.node) != nil && !c.composed(p.node) {
			as = c.roleOf(p, child)
		}
		branch, err := c.part(p, level, as)
		if err != nil {
			return nil, err
		}
		out = append(out, branch)
	}
	return out, nil
}

// OrNull allows null besides s, as anyOf: some clients drop a type array, and
// the Schema type has none.
func OrNull(s *jsonschema.Schema) *jsonschema.Schema {
	if IsAny(s) || s.Type == "null" {
		return s
	}
	null := &jsonschema.Schema{Type: "null"}
	union := &s.AnyOf
	if len(s.AnyOf) == 0 {
		union = &s.OneOf
	}
	if s.Type == "" && len(*union) > 0 && len(s.AnyOf)+len(s.OneOf)+len(s.AllOf) == len(*union) {
		if !slices.ContainsFunc(*union, takesNull) {
			*union = append(*union, null)
		}
		return s
	}
	outer := &jsonschema.Schema{Title: s.Title, Description: s.Description, Default: s.Default, Deprecated: s.Deprecated}
	outer.Extras = s.Extras
	s.Title, s.Description, s.Default, s.Deprecated, s.Extras = "", "", nil, false, nil
	outer.AnyOf = []*jsonschema.Schema{s, null}
	return outer
}

// takesNull reports whether null is valid under s.
func takesNull(s *jsonschema.Schema) bool {
	some := func(branches []*jsonschema.Schema) bool {
		return len(branches) == 0 || slices.ContainsFunc(branches, takesNull)
	}
	refuses := func(branch *jsonschema.Schema) bool { return !takesNull(branch) }
	return (s.Type == "" || s.Type == "null") && some(s.AnyOf) && some(s.OneOf) && !slices.ContainsFunc(s.AllOf, refuses)
}

// IsAny reports whether s allows every value, that is, has only annotations.
func IsAny(s *jsonschema.Schema) bool {
	return s.Type == "" && len(s.AnyOf) == 0 && len(s.OneOf) == 0 && len(s.AllOf) == 0 && s.Not == nil &&
		len(s.Enum) == 0 && s.Const == nil && s.Properties == nil && s.Items == nil && s.Ref == ""
}
