package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/invopop/jsonschema"
)

// direction says which way a body travels: a request leaves out what is
// read-only, an answer what is write-only.
type direction uint8

const (
	request direction = iota
	response
)

const (
	// maxSchemas bounds the size of one converted schema; what lies beyond is
	// any value. References that fan out would otherwise multiply without end.
	maxSchemas = 20_000
	// answerLevels is how deep an answer is converted: envelope, data, item,
	// field. The rest of it is never shown to anyone.
	answerLevels = 4
)

// convert turns an OpenAPI schema into JSON Schema 2020-12 without references.
// A missing schema is any value, written as an empty Schema.
func (r *reader) convert(at placed, dir direction) (*jsonschema.Schema, error) {
	c := converter{reader: r, dir: dir}
	return c.schema(at, 0)
}

func stringSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }

type converter struct {
	*reader
	dir    direction
	count  int
	active []string // references being expanded, outermost first
}

func (c *converter) schema(at placed, level int) (*jsonschema.Schema, error) {
	c.count++
	if at.node == nil || at.kind == boolean || c.count > maxSchemas || (c.dir == response && level >= answerLevels) {
		return &jsonschema.Schema{}, nil
	}
	if !at.is(object) {
		return nil, errors.New("a schema is " + at.kind.String() + " instead of an object")
	}
	if at.node.get("$ref").is(text) {
		return c.reference(at, level)
	}
	types, nullable := typesOf(at.node)
	s := &jsonschema.Schema{}
	annotate(s, at.node)
	if err := c.combine(s, at, level); err != nil {
		return nil, err
	}
	switch len(types) {
	case 0:
	case 1:
		if err := c.constrain(s, types[0], at, level); err != nil {
			return nil, err
		}
	default:
		for _, t := range types {
			branch := &jsonschema.Schema{}
			if err := c.constrain(branch, t, at, level); err != nil {
				return nil, err
			}
			s.AnyOf = append(s.AnyOf, branch)
		}
	}
	if err := c.mergeAllOf(s, at.get("allOf"), level); err != nil {
		return nil, err
	}
	if nullable {
		s = orNull(s)
	}
	return s, nil
}

// reference expands a $ref in place. A reference inside its own expansion ends
// in a plain type, so that circular schemas terminate.
func (c *converter) reference(at placed, level int) (*jsonschema.Schema, error) {
	target, id, err := c.follow(at)
	if err != nil {
		return nil, err
	}
	if slices.Contains(c.active, id) {
		return recursive(target.node), nil
	}
	c.active = append(c.active, id)
	s, err := c.schema(target, level)
	c.active = c.active[:len(c.active)-1]
	if err != nil {
		return nil, err
	}
	annotate(s, at.node)
	if at.node.get("nullable").isTrue() {
		s = orNull(s)
	}
	return s, nil
}

func recursive(target *node) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Description: "the same shape again, nested"}
	if target.get("type").str() == "array" {
		s.Type, s.Items = "array", &jsonschema.Schema{}
	}
	return s
}

// annotate sets what describes a value without constraining it.
func annotate(s *jsonschema.Schema, n *node) {
	if d := n.get("description").str(); d != "" {
		s.Description = d
	}
	if t := n.get("title").str(); t != "" {
		s.Title = t
	}
	if d := n.get("default"); d != nil && d.kind != null {
		s.Default = d.value()
	}
	if n.get("deprecated").isTrue() {
		s.Deprecated = true
	}
}

// typesOf returns the declared types without null, or the one that the other
// keywords imply, and whether null is allowed beside them.
func typesOf(n *node) (types []string, nullable bool) {
	nullable = n.get("nullable").isTrue()
	switch t := n.get("type"); {
	case t.is(text):
		types = []string{t.text}
	case t.is(array):
		for i := range t.items {
			types = append(types, t.items[i].str())
		}
	default:
		types = impliedType(n)
	}
	if i := slices.Index(types, "null"); i >= 0 && len(types) > 1 {
		types, nullable = slices.Delete(types, i, i+1), true
	}
	for _, v := range n.get("enum").list() {
		nullable = nullable || v.kind == null
	}
	if len(types) == 0 && !hasAny(n, "anyOf", "oneOf", "allOf", "enum", "const") {
		nullable = false // any value at all: null is among them
	}
	return types, nullable
}

func impliedType(n *node) []string {
	switch {
	case hasAny(n, "properties", "additionalProperties", "patternProperties", "required"):
		return []string{"object"}
	case hasAny(n, "items", "prefixItems"):
		return []string{"array"}
	case hasAny(n, "pattern", "minLength", "maxLength"):
		return []string{"string"}
	case hasAny(n, "minimum", "maximum", "multipleOf"):
		return []string{"number"}
	}
	values := slices.Clone(n.get("enum").list())
	if c := n.get("const"); c != nil {
		values = append(values, *c)
	}
	kinds := map[kind]string{text: "string", number: "number", boolean: "boolean", array: "array", object: "object"}
	var types []string
	for _, v := range values {
		if t, ok := kinds[v.kind]; ok && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types
}

func hasAny(n *node, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return n.get(name) != nil })
}

// constrain adds one type and the keywords that belong to it.
func (c *converter) constrain(s *jsonschema.Schema, t string, at placed, level int) error {
	s.Type = t
	c.values(s, t, at.node)
	switch t {
	case "string":
		s.MinLength, s.MaxLength = count(at.node, "minLength"), count(at.node, "maxLength")
		s.Pattern = portablePattern(at.node.get("pattern").str())
		s.Format = at.node.get("format").str()
		s.ContentEncoding = at.node.get("contentEncoding").str()
		s.ContentMediaType = at.node.get("contentMediaType").str()
		if s.Format == "byte" {
			s.Format, s.ContentEncoding = "", "base64"
		}
	case "number", "integer":
		s.Format = at.node.get("format").str()
		bounds(s, at.node)
	case "array":
		return c.arrayOf(s, at, level)
	case "object":
		return c.objectOf(s, at, level)
	case "boolean", "null":
	default:
		return fmt.Errorf("unknown type %q", t)
	}
	return nil
}

// values sets enum and const to those values that have the type.
func (c *converter) values(s *jsonschema.Schema, t string, n *node) {
	fits := func(v *node) bool {
		switch t {
		case "integer":
			return v.kind == number
		case "boolean", "number", "array", "object":
			return v.kind.name() == t
		default:
			return v.kind == text
		}
	}
	enum := n.get("enum").list()
	if v := n.get("const"); v != nil {
		enum = []node{*v}
	}
	seen := map[string]bool{}
	for i := range enum {
		if v := &enum[i]; fits(v) && !seen[v.text] {
			s.Enum = append(s.Enum, v.value())
			seen[v.text] = v.kind != array && v.kind != object
		}
	}
}

func (k kind) name() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// count reads a non-negative whole number.
func count(n *node, name string) *uint64 {
	v := n.get(name)
	if !v.is(number) {
		return nil
	}
	if i, err := strconv.ParseUint(v.text, 10, 64); err == nil {
		return &i
	}
	return nil
}

// bounds reads both forms of exclusive limits: 3.0's booleans beside a limit
// and 2020-12's numbers.
func bounds(s *jsonschema.Schema, n *node) {
	limit := func(name string) json.Number {
		if v := n.get(name); v.is(number) {
			return json.Number(v.text)
		}
		return ""
	}
	s.Minimum, s.Maximum, s.MultipleOf = limit("minimum"), limit("maximum"), limit("multipleOf")
	s.ExclusiveMinimum, s.ExclusiveMaximum = limit("exclusiveMinimum"), limit("exclusiveMaximum")
	if n.get("exclusiveMinimum").isTrue() {
		s.Minimum, s.ExclusiveMinimum = "", s.Minimum
	}
	if n.get("exclusiveMaximum").isTrue() {
		s.Maximum, s.ExclusiveMaximum = "", s.Maximum
	}
	if f, err := s.MultipleOf.Float64(); err != nil || f <= 0 {
		s.MultipleOf = ""
	}
}
