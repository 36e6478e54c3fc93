package openapi

import (
	"slices"

	"github.com/invopop/jsonschema"
)

// discriminator names the property whose value tells the alternatives of a
// schema apart.
type discriminator struct {
	property string
	values   map[*node][]string // that "mapping" gives an alternative
	targets  []placed           // of "mapping", in its order
}

// discriminator returns that of a schema, nil for none.
func (r *reader) discriminator(at placed) *discriminator {
	word := at.get("discriminator")
	property := word.node.get("propertyName").str()
	if property == "" {
		return nil
	}
	d, ok := r.families.discriminators[at.node]
	if ok {
		return d
	}
	d = &discriminator{property: property, values: map[*node][]string{}}
	r.families.discriminators[at.node] = d
	r.learn(r.main)
	r.learn(at.in)
	word.node.get("mapping").members(func(value string, to *node) bool {
		target, err := r.named(to.str(), at.in)
		if err == nil && target.is(object) && to.str() != "" {
			if d.values[target.node] == nil {
				d.targets = append(d.targets, target)
			}
			d.values[target.node] = append(d.values[target.node], value)
		}
		return true
	})
	return d
}

// role is why a schema is converted.
type role uint8

const (
	used    role = iota // it describes a value
	base                // another schema extends it
	variant             // it is one alternative of a schema that it extends
)

// roleOf returns the role of a branch of allOf: a base of a schema that is a
// known alternative, otherwise used with all its alternatives.
func (c *converter) roleOf(branch placed, in *node) role {
	target, err := c.settle(branch)
	if err != nil {
		return base
	}
	d := c.discriminator(target)
	if d == nil || c.families.names[in] != "" || d.values[in] != nil || slices.Contains(c.active, target.node) {
		return base
	}
	return used
}

// alternative is one of the schemas that extend a schema, with the properties
// that tell it apart.
type alternative struct {
	placed
	tags []tag
}

type tag struct {
	property string
	values   []string
	implied  bool // the name of the schema, for want of a mapping
}

// alternatives lists what extends a schema, and itself if it is concrete, but
// no more than most.
func (r *reader) alternatives(at placed, d *discriminator, concrete bool, most int) (out []alternative) {
	seen := map[*node]bool{at.node: true}
	var visit func(p placed, tags []tag, above []*discriminator)
	visit = func(p placed, tags []tag, above []*discriminator) {
		if len(out) >= most {
			return
		}
		if p.node != at.node {
			for i, d := range above {
				t := tag{d.property, d.values[p.node], false}
				if t.values == nil && i == len(above)-1 && r.families.names[p.node] != "" {
					t.values, t.implied = []string{r.families.names[p.node]}, true
				}
				if t.values != nil {
					tags = append(slices.DeleteFunc(slices.Clone(tags), func(other tag) bool { return other.property == t.property }), t)
				}
			}
			out = append(out, alternative{p, tags})
			if own := r.discriminator(p); own != nil {
				above = append(slices.Clone(above), own)
			}
		} else if concrete {
			name := r.families.names[p.node]
			t := tag{d.property, d.values[p.node], false}
			if t.values == nil {
				t.values, t.implied = []string{name}, true
			}
			out = append(out, alternative{p, []tag{t}})
		}
		for _, child := range r.families.children[p.node] {
			if !seen[child.node] {
				seen[child.node] = true
				visit(child, tags, above)
			}
		}
	}
	visit(at, nil, []*discriminator{d})
	for _, target := range d.targets {
		if !seen[target.node] {
			seen[target.node] = true
			visit(target, nil, []*discriminator{d})
		}
	}
	return out
}

// discriminate makes s, converted from at, the union of its alternatives.
func (c *converter) discriminate(s *jsonschema.Schema, at placed, level int) error {
	d := c.discriminator(at)
	if d == nil || slices.Contains(c.omitted[s], d.property) {
		return nil
	}
	for _, word := range []string{"oneOf", "anyOf"} {
		if branches := at.get(word); len(branches.list()) > 0 {
			c.tagBranches(s, d, branches)
			return nil
		}
	}
	if s.Type != "object" || len(s.AnyOf)+len(s.OneOf) > 0 {
		return nil
	}
	if c.unions >= maxUnions {
		s.AdditionalProperties, s.PatternProperties = nil, nil
		c.loosened++
		return nil
	}
	c.unions++
	defer func() { c.unions-- }()
	name := c.families.names[at.node]
	concrete := d.values[at.node] != nil || len(d.targets) == 0 && name != "" && mayBe(s, d.property, name)
	all := c.alternatives(at, d, concrete, c.most-c.count)
	if len(all) == 0 || len(all) == 1 && all[0].node == at.node {
		return nil
	}
	parent := cloneObject(s)
	for _, alternative := range all {
		if c.full() {
			s.AnyOf = append(s.AnyOf, &jsonschema.Schema{Type: "object"})
			break
		}
		own := cloneObject(parent)
		if alternative.node != at.node {
			var err error
			if own, err = c.expand(alternative.placed, level, variant); err != nil {
				return err
			}
		}
		for _, t := range alternative.tags {
			if !slices.Contains(c.omitted[own], t.property) {
				c.setTag(own, t)
			}
		}
		s.AnyOf = append(s.AnyOf, own)
	}
	if len(s.AnyOf) == 1 {
		*s = *s.AnyOf[0]
		return nil
	}
	s.AdditionalProperties, s.PatternProperties = nil, nil // they would forbid what the alternatives add
	for name, p := range parent.Properties.FromOldest() {  // larger ones, repeated at every level, would multiply
		if inner, _ := withoutNull(p); !plainScalar(inner) {
			s.Properties.Delete(name)
		}
	}
	c.summarize(s, s.AnyOf, d.property)
	return nil
}

// tagBranches tells the branches of a union apart.
func (c *converter) tagBranches(s *jsonschema.Schema, d *discriminator, branches placed) {
	union := s.AnyOf
	if len(union) == 0 {
		union = s.OneOf
	}
	for i := range branches.list() {
		target, err := c.settle(placed{&branches.items[i], branches.in})
		if i >= len(union) || err != nil {
			break
		}
		t := tag{d.property, d.values[target.node], false}
		if name := c.families.names[target.node]; t.values == nil && name != "" && refOf(&branches.items[i]) != nil && len(union[i].AnyOf)+len(union[i].OneOf) == 0 {
			t.values, t.implied = []string{name}, true
		}
		if t.values != nil && !slices.Contains(c.omitted[union[i]], t.property) {
			c.setTag(union[i], t)
		}
	}
	if s.Type == "" && len(s.AllOf) == 0 || s.Type == "object" {
		c.summarize(s, union, d.property)
	}
}

// summarize states which values a property has in a union, if all its branches
// are objects that say so.
func (c *converter) summarize(s *jsonschema.Schema, union []*jsonschema.Schema, property string) {
	all, known, size := &jsonschema.Schema{Type: "string"}, map[any]bool{}, 0
	for _, b := range union {
		var p *jsonschema.Schema
		if b.Type == "object" && b.Properties != nil {
			p, _ = b.Properties.Get(property)
		}
		if p == nil || p.Type != "string" || len(p.Enum) == 0 || !slices.Contains(b.Required, property) {
			return
		}
		for _, v := range p.Enum {
			if !known[v] {
				word, _ := v.(string)
				size += len(word) + 1
				known[v] = true
				all.Enum = append(all.Enum, v)
			}
		}
	}
	if !c.spend(1 + size/schemaBytes) {
		return
	}
	if s.Properties == nil {
		s.Properties = jsonschema.NewProperties()
	}
	s.Type = "object"
	if p, ok := s.Properties.Get(property); ok {
		all.Title, all.Description = p.Title, p.Description
	}
	s.Properties.Set(property, all)
	if !slices.Contains(s.Required, property) {
		s.Required = append(s.Required, property)
	}
}

// mayBe reports whether a property may have a value, as far as its own enum
// says.
func mayBe(s *jsonschema.Schema, property, value string) bool {
	if s.Properties == nil {
		return true
	}
	p, ok := s.Properties.Get(property)
	return !ok || len(p.Enum) == 0 || slices.Contains(p.Enum, any(value))
}

// setTag fixes the property that tells an object apart.
func (c *converter) setTag(s *jsonschema.Schema, t tag) {
	if s.Type != "object" {
		return
	}
	if s.Properties == nil {
		s.Properties = jsonschema.NewProperties()
	}
	fixed := &jsonschema.Schema{Type: "string"}
	if p, ok := s.Properties.Get(t.property); ok {
		if inner, _ := withoutNull(p); inner.Type != "string" && !IsAny(inner) {
			return // a number, say, which no mapping can name
		}
		fixed.Title, fixed.Description = p.Title, p.Description
		if len(p.Enum) > 0 && t.implied {
			t.values = slices.DeleteFunc(slices.Clone(t.values), func(v string) bool { return !slices.Contains(p.Enum, any(v)) })
			if len(t.values) == 0 {
				t.values = nil
				fixed.Enum = p.Enum
			}
		}
	}
	size := 0
	for _, v := range t.values {
		fixed.Enum = append(fixed.Enum, v)
		size += len(v) + 1
	}
	if !c.spend(1 + size/schemaBytes) {
		return
	}
	s.Properties.Set(t.property, fixed)
	if !slices.Contains(s.Required, t.property) {
		s.Required = append(s.Required, t.property)
	}
}

// cloneObject copies s and its list of properties.
func cloneObject(s *jsonschema.Schema) *jsonschema.Schema {
	out := *s
	out.Properties, out.Required = jsonschema.NewProperties(), slices.Clone(s.Required)
	for name, p := range s.Properties.FromOldest() {
		out.Properties.Set(name, p)
	}
	return &out
}
