package openapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// A conversion may allow more than the document does, never less: what is valid
// under a schema of the document is valid under what became of it.
func TestNothingValidIsRefused(t *testing.T) {
	const documents = 1_000
	g := generator{rand.New(rand.NewPCG(2026, 11))}
	accepted, refused := 0, 0
	for range documents {
		var schemas []string
		for i, name := range []string{"Root", "S0", "S1", "S2"} {
			encoded, err := json.Marshal(g.schema(3 - min(i, 1)))
			require.NoError(t, err)
			schemas = append(schemas, fmt.Sprintf("%q:%s", name, encoded))
		}
		document := withSchema(`{"$ref":"#/components/schemas/Root"}`, schemas...)
		original := compileDocument(t, document)
		op := readOne(t, document)
		eachSchema(t, op, func(s map[string]any) { requirePlain(t, s) })
		converted := compile(t, op.Body.Schema)
		for range 40 {
			encoded, err := json.Marshal(g.value(3))
			require.NoError(t, err)
			instance := string(encoded)
			if !valid(t, original, instance) {
				if !valid(t, converted, instance) {
					refused++
				}
				continue
			}
			accepted++
			require.True(t, valid(t, converted, instance), "%s\nis valid under\n%s\nbut not under\n%s", instance, document, text(t, op.Body.Schema))
		}
	}
	require.Greater(t, accepted, 5*documents)
	require.Greater(t, refused, 5*documents, "nor is everything allowed")
}

// compileDocument makes a validator of the schema called Root, as it stands in
// the document.
func compileDocument(t *testing.T, document string) *santhosh.Schema {
	t.Helper()
	value, err := santhosh.UnmarshalJSON(strings.NewReader(document))
	require.NoError(t, err)
	honorNullable(value)
	c := santhosh.NewCompiler()
	c.UseRegexpEngine(func(pattern string) (santhosh.Regexp, error) {
		if pattern == `^(?!a)` || pattern == `^(?=x)` {
			return looking(pattern), nil
		}
		return regexp.Compile(pattern)
	})
	require.NoError(t, c.AddResource("mem:document", value))
	s, err := c.Compile("mem:document#/components/schemas/Root")
	require.NoError(t, err)
	return s
}

// honorNullable writes 3.0's nullable types in the words of JSON Schema.
func honorNullable(value any) {
	switch v := value.(type) {
	case members:
		if v["nullable"] == true {
			v["type"] = []any{v["type"], "null"}
			if enum, ok := v["enum"].([]any); ok {
				v["enum"] = append(enum, nil)
			}
		}
		for _, item := range v {
			honorNullable(item)
		}
	case []any:
		for _, item := range v {
			honorNullable(item)
		}
	}
}

// looking is one of the patterns with an assertion, which Go cannot compile.
type looking string

func (l looking) String() string { return string(l) }

func (l looking) MatchString(s string) bool {
	return strings.HasPrefix(s, string(l[4])) == (l[3] == '=')
}

// generator makes random schemas and values, both from so few words that they
// meet.
type generator struct{ *rand.Rand }

type members = map[string]any

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

func (g generator) often() bool { return g.IntN(3) > 0 }

func (g generator) rarely() bool { return g.IntN(4) == 0 }

func (g generator) schema(depth int) any {
	s := members{}
	kinds := []func(members, int){g.text, g.number, g.scalars, g.choice}
	if depth > 0 {
		kinds = append(kinds, g.object, g.array, g.union, g.reference)
	}
	pick(g, kinds...)(s, depth)
	if _, typed := s["type"].(string); typed && g.rarely() {
		s["nullable"] = g.often()
	}
	if g.rarely() {
		s["description"] = "d"
	}
	return s
}

func (g generator) text(s members, _ int) {
	s["type"] = "string"
	if g.rarely() {
		s["minLength"] = g.IntN(3)
	}
	if g.rarely() {
		s["pattern"] = pick(g, `^a`, `^[a\_x]+$`, `^(?!a)`, `b$`, `\p{L}`)
	}
	if g.rarely() {
		s["enum"] = []any{"a", pick[any](g, "ab", "x", 1)}
	}
}

func (g generator) number(s members, _ int) {
	s["type"] = pick(g, "number", "integer")
	if g.rarely() {
		s[pick(g, "minimum", "exclusiveMinimum")] = g.IntN(4)
	}
	if g.rarely() {
		s[pick(g, "maximum", "exclusiveMaximum")] = g.IntN(6)
	}
	if g.rarely() {
		s["multipleOf"] = 2
	}
}

func (g generator) scalars(s members, _ int) {
	s["type"] = []string{pick(g, "string", "boolean"), "integer"}
	if g.rarely() {
		s["enum"] = []any{"a", 1, true}[:1+g.IntN(3)]
	} else if g.rarely() {
		s["type"] = []string{"string", "null"}
	}
	if g.rarely() {
		s["minimum"], s["minLength"] = 2, 2
	}
}

func (g generator) choice(s members, _ int) {
	if g.often() {
		s["enum"] = []any{pick[any](g, "a", 1, nil), pick[any](g, "x", true, []any{1}, members{"a": 1})}
		return
	}
	s["const"] = pick[any](g, "a", 2, false, nil)
}

func (g generator) array(s members, depth int) {
	s["type"] = "array"
	if g.often() {
		s["items"] = g.schema(depth - 1)
	}
	if g.rarely() {
		s["prefixItems"] = []any{g.schema(depth - 1)}
	}
	if g.rarely() {
		s["minItems"], s["uniqueItems"] = 1, true
	}
}

func (g generator) object(s members, depth int) {
	properties, required := members{}, []string{}
	for _, name := range []string{"a", "b", "c"} {
		if g.often() {
			properties[name] = g.schema(depth - 1)
		}
		if g.rarely() {
			required = append(required, name)
		}
	}
	s["type"], s["properties"], s["required"] = "object", properties, required
	if g.rarely() {
		s["additionalProperties"] = pick(g, any(false), any(true), g.schema(depth-1))
	}
	if g.rarely() {
		s["patternProperties"] = members{pick(g, "^x", "^(?=x)"): g.schema(depth - 1)}
	}
}

func (g generator) union(s members, depth int) {
	var branches []any
	for range 1 + g.IntN(3) {
		branches = append(branches, g.schema(depth-1))
	}
	s[pick(g, "anyOf", "oneOf", "allOf")] = branches
	if g.rarely() {
		s["not"] = pick(g, members{"type": "string"}, members{"enum": []any{"a", 1}}, members{"type": "object", "required": []string{"a"}}, members{"minLength": 2})
	}
}

func (g generator) reference(s members, _ int) {
	s["type"] = "object"
	s["properties"] = members{"a": members{"$ref": fmt.Sprintf("#/components/schemas/S%d", g.IntN(3))}}
}

func (g generator) value(depth int) any {
	if depth > 0 && g.often() {
		if g.rarely() {
			return []any{g.value(depth - 1), g.value(depth - 1)}[:g.IntN(3)]
		}
		object := members{}
		for range g.IntN(4) {
			object[pick(g, "a", "b", "c", "x1")] = g.value(depth - 1)
		}
		return object
	}
	return pick[any](g, nil, true, false, -1, 0, 1, 2, 3, 4.5, "", "a", "ab", "x", "ba")
}
