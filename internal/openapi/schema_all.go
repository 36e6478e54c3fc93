package openapi

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// mergeAllOf merges branches that are plain objects into s, since some clients
// refuse combinators at the root. The others stay in allOf. The annotations of
// s take precedence.
func (c *converter) mergeAllOf(s *jsonschema.Schema, at placed, level int) error {
	branches, err := c.branches(at.get("allOf"), level)
	if err != nil || len(branches) == 0 {
		return err
	}
	for _, b := range branches {
		merge(s, b)
	}
	annotate(s, at.node)

	hidden := map[string]bool{}
	c.hiddenNames(at, hidden)
	for i := range branches {
		if branch, _, err := c.follow(placed{&at.node.get("allOf").items[i], at.in}); err == nil {
			c.hiddenNames(branch, hidden)
		}
	}
	if s.Properties == nil {
		return nil
	}
	for name := range hidden {
		if p, ok := s.Properties.Get(name); ok && IsAny(p) {
			s.Properties.Delete(name)
		}
	}
	if s.Properties.Len() == 0 {
		s.Properties = nil
	}
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return hidden[name] })
	return nil
}

// hiddenNames adds the properties that are omitted in this direction, even if
// another branch requires them.
func (c *converter) hiddenNames(at placed, names map[string]bool) {
	at.node.get("properties").members(func(name string, n *node) bool {
		if c.hidden(placed{n, at.in}) {
			names[name] = true
		}
		return true
	})
}

// merge restricts s to what is also valid under b.
func merge(s, b *jsonschema.Schema) {
	description := s.Description
	switch {
	case IsAny(b), bare(b) && b.Type == s.Type:
		s.Description = cmp.Or(description, b.Description)
	case IsAny(s), bare(s) && b.Type == s.Type:
		*s = *b
		s.Description = cmp.Or(b.Description, description)
	case plainObject(s) && plainObject(b):
		mergeObject(s, b)
	default:
		s.AllOf = append(s.AllOf, b)
	}
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

func mergeObject(s, from *jsonschema.Schema) {
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
	s.AllOf = append(s.AllOf, from.AllOf...)
	s.AdditionalProperties = mergeOthers(s.AdditionalProperties, from.AdditionalProperties)
	if s.PatternProperties == nil {
		s.PatternProperties = from.PatternProperties
	}
	s.MinProperties, s.MaxProperties = cmp.Or(s.MinProperties, from.MinProperties), cmp.Or(s.MaxProperties, from.MaxProperties)
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
