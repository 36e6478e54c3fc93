package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/invopop/jsonschema"
)

// direction distinguishes requests, which omit read-only properties, from
// answers, which omit write-only ones.
type direction uint8

const (
	request direction = iota
	response
)

// Limits on expanding references, which can multiply without end. Anything
// beyond a limit becomes any value.
const (
	maxRequest = 4_000 // schemas in a parameter or request body; Retool's have 231
	maxAnswer  = 1_000 // schemas in an answer; Retool's have 248
	// schemaBytes are the bytes of text and values that count as one more schema.
	schemaBytes = 256
	// maxConverted limits the requests of a whole document, and its answers.
	// One body gets at most an eighth of the rest, which leaves some for those
	// after it, and at least enough for a simple parameter.
	maxConverted = 500_000
	minConverted = 10
	// maxUnions is how deep discriminated unions nest. Families that refer to each
	// other would fill every level.
	maxUnions = 3
	// maxNesting is how deep schemas nest; clients take 100 levels.
	maxNesting = 100
	// answerLevels is the depth to which answers are converted: envelope, data,
	// item, and four levels of fields.
	answerLevels = 7
)

// convert turns an OpenAPI schema into JSON Schema 2020-12 without references.
// A missing schema is any value, an empty Schema.
func (r *reader) convert(at placed, dir direction) (*jsonschema.Schema, error) {
	c := converter{reader: r, dir: dir, most: maxRequest, omitted: map[*jsonschema.Schema][]string{}}
	if dir == response {
		c.most = maxAnswer
	}
	c.most = max(minConverted, min(c.most, (maxConverted-r.spent[dir])/8))
	s, err := c.schema(at, 0)
	r.spent[dir] += min(c.count, c.most)
	return s, err
}

type converter struct {
	*reader
	dir         direction
	count, most int // schemas converted, and how many there may be
	depth       int // conversions in progress
	loosened    int // places that allow more than the document does
	// Targets of references being expanded, outermost first: those that are
	// used, and those that the innermost of these extends by allOf.
	active, bases []*node
	unions        int // discriminated unions in progress
	// omitted are the names that are left out in this direction, by object.
	omitted map[*jsonschema.Schema][]string
}

func (c *converter) schema(at placed, level int) (*jsonschema.Schema, error) {
	return c.part(at, level, used)
}

func (c *converter) part(at placed, level int, as role) (*jsonschema.Schema, error) {
	if at.node == nil || at.kind == boolean {
		return &jsonschema.Schema{}, nil
	}
	if c.full() || c.depth >= maxNesting || (c.dir == response && level >= answerLevels) {
		c.loosened++
		return &jsonschema.Schema{}, nil
	}
	if !at.is(object) {
		return nil, errors.New("a schema is " + at.kind.String() + " instead of an object")
	}
	at.in = c.resource(at.node, at.in)
	if refOf(at.node) != nil && !c.composed(at.node) {
		return c.reference(at, level, as)
	}
	if !c.spend(1 + c.weight(at.node)) {
		return &jsonschema.Schema{}, nil
	}
	c.depth++
	defer func() { c.depth-- }()
	types, nullable := typesOf(at.node)
	s := &jsonschema.Schema{}
	c.annotate(s, at.node)
	if as != base || c.discriminator(at) == nil { // the alternatives extend the rest of it
		if err := c.combine(s, at, level); err != nil {
			return nil, err
		}
	}
	for _, t := range types {
		typed := s
		if len(types) > 1 {
			typed = &jsonschema.Schema{}
			s.AnyOf = append(s.AnyOf, typed)
		}
		if err := c.constrain(typed, t, at, level); err != nil {
			return nil, err
		}
	}
	if err := c.mergeAllOf(s, at, level); err != nil {
		return nil, err
	}
	if as == used {
		if err := c.discriminate(s, at, level); err != nil {
			return nil, err
		}
	}
	if nullable {
		s = OrNull(s)
	}
	return s, nil
}

// full reports that no more may be converted. Loops must end then, or each of a
// million members would still become any value.
func (c *converter) full() bool {
	if c.count < c.most {
		return false
	}
	c.loosened++
	return true
}

// spend counts n schemas more and reports whether they fit.
func (c *converter) spend(n int) bool {
	c.count += n
	if c.count <= c.most {
		return true
	}
	c.loosened++
	return false
}

// weight is the number of schemas that what a schema says itself counts as:
// written at every place that refers to it, it multiplies.
func (r *reader) weight(n *node) int {
	size, ok := r.weights[n]
	if !ok {
		for _, word := range []string{"description", "title", "default", "enum", "const", "required", "format", "pattern", "contentEncoding", "contentMediaType"} {
			size += n.get(word).size()
		}
		r.weights[n] = size
	}
	return size / schemaBytes
}

// composed reports whether a reference has keywords beside it that constrain
// too, as allOf would. In OpenAPI 3.0 they are ignored.
func (r *reader) composed(n *node) bool {
	return r.modern && refOf(n) != nil && hasAny(n, "type", "enum", "const", "properties", "patternProperties", "additionalProperties",
		"required", "minProperties", "maxProperties", "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength",
		"pattern", "format", "contentEncoding", "contentMediaType", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"allOf", "anyOf", "oneOf", "not")
}

// reference expands a $ref in place. A reference inside its own expansion
// becomes a plain type, so circular schemas terminate.
func (c *converter) reference(at placed, level int, as role) (*jsonschema.Schema, error) {
	chain, at, err := c.trail(at, c.composed)
	if err != nil {
		return nil, err
	}
	s, err := c.expand(at, level, as)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Backward(chain) {
		if c.spend(c.weight(n)) {
			c.annotate(s, n)
		}
		if n.get("nullable").isTrue() {
			s = OrNull(s)
		}
	}
	return s, nil
}

func (c *converter) expand(target placed, level int, as role) (*jsonschema.Schema, error) {
	active, bases := c.active, c.bases
	defer func() { c.active, c.bases = active, bases }()
	seen := &c.active
	if as == base {
		seen = &c.bases
	} else {
		c.bases = []*node{target.node}
	}
	if slices.Contains(*seen, target.node) {
		c.loosened++
		c.count++
		return recursive(target.node), nil
	}
	*seen = append(*seen, target.node)
	return c.part(target, level, as)
}

// recursive replaces target inside itself: its type if it has only one, any
// value for a union.
func recursive(target *node) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: "the same shape again, nested"}
	types, nullable := typesOf(target)
	for _, branch := range target.get("allOf").list() {
		if len(types) == 0 {
			types, _ = typesOf(&branch)
		}
	}
	switch {
	case slices.Equal(types, []string{"object"}):
		s.Type = "object"
	case slices.Equal(types, []string{"array"}):
		s.Type, s.Items = "array", &jsonschema.Schema{}
	}
	if nullable {
		s = OrNull(s)
	}
	return s
}

// annotate sets what describes a value without constraining it.
func (r *reader) annotate(s *jsonschema.Schema, n *node) {
	s.Description = cmp.Or(n.get("description").str(), s.Description)
	s.Title = cmp.Or(n.get("title").str(), s.Title)
	if d := n.get("default"); d != nil && d.kind != null {
		s.Default = d.value()
	}
	s.Deprecated = s.Deprecated || n.get("deprecated").isTrue()
	if since := r.since(n); since != "" {
		s.Extras = map[string]any{SinceKeyword: since}
	}
}

// constrain adds one type and the keywords that belong to it.
func (c *converter) constrain(s *jsonschema.Schema, t string, at placed, level int) error {
	s.Type = t
	c.setEnum(s, t, at.node)
	switch t {
	case "string":
		s.MinLength, s.MaxLength = count(at.node, "minLength"), count(at.node, "maxLength")
		s.Pattern = c.pattern(at.node.get("pattern").str())
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

// pattern returns the portable form of a pattern, "" if it has none.
func (c *converter) pattern(p string) string {
	out, ok := c.patterns[p]
	if !ok {
		out = portablePattern(p)
		c.patterns[p] = out
	}
	if out == "" && p != "" {
		c.loosened++
	}
	return out
}

// setEnum sets the values of the type that a schema is restricted to.
func (c *converter) setEnum(s *jsonschema.Schema, t string, n *node) {
	values := choices(n)
	if len(values) == 0 || t == "null" {
		return
	}
	types, _ := typesOf(n)
	seen := map[string]bool{}
	s.Enum = make([]any, 0, len(values))
	for i := range values {
		if v := values[i].as(t, types); v.fits(t) && !seen[v.text] {
			s.Enum = append(s.Enum, v.value())
			seen[v.text] = v.kind != array && v.kind != object
		}
	}
	if len(s.Enum) == 0 {
		c.loosened++
	}
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

// bounds reads both forms of exclusive limits: 3.0's booleans and 2020-12's
// numbers.
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
