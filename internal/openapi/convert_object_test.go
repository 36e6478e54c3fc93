package openapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestObjects(t *testing.T) {
	convert(t, []conversion{
		{
			name:   "properties in order, required ones",
			schema: `{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"a":{"type":"integer"}}}`,
			want:   `{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"a":{"type":"integer"}}}`,
		},
		{
			name:   "required without a property",
			schema: `{"type":"object","required":["a","a",1]}`,
			want:   `{"type":"object","required":["a"],"properties":{"a":true}}`,
		},
		{name: "implied by its properties", schema: `{"properties":{"a":{}}}`, want: `{"type":"object","properties":{"a":true}}`},
		{name: "not implied by a required of the oldest drafts", schema: `{"required":true}`, want: `true`},
		{name: "without properties", schema: `{"type":"object","properties":{}}`, want: `{"type":"object"}`},
		{name: "sizes", schema: `{"type":"object","minProperties":1,"maxProperties":2}`, want: `{"type":"object","minProperties":1,"maxProperties":2}`},
		{name: "property of the boolean schema", schema: `{"properties":{"a":true}}`, want: `{"type":"object","properties":{"a":true}}`},
		{
			name:    "closed",
			schema:  `{"type":"object","properties":{"a":{}},"additionalProperties":false}`,
			want:    `{"type":"object","properties":{"a":true},"additionalProperties":false}`,
			refuses: []string{`{"b":1}`},
		},
		{
			name:   "open, said so",
			schema: `{"type":"object","properties":{"a":{}},"additionalProperties":true}`,
			want:   `{"type":"object","properties":{"a":true},"additionalProperties":true}`,
		},
		{
			name:   "open, said in a schema",
			schema: `{"type":"object","properties":{"a":{}},"additionalProperties":{"nullable":true}}`,
			want:   `{"type":"object","properties":{"a":true},"additionalProperties":true}`,
		},
		{name: "open with no names of its own", schema: `{"type":"object","additionalProperties":{}}`, want: `{"type":"object"}`},
		{
			name:    "map",
			schema:  `{"type":"object","additionalProperties":{"type":"string"}}`,
			want:    `{"type":"object","additionalProperties":{"type":"string"}}`,
			refuses: []string{`{"b":1}`},
		},
		{
			name:   "pattern properties whose names are portable",
			schema: `{"type":"object","patternProperties":{"^x\\_":{"type":"string"},"^(?=y)":{"type":"integer"}}}`,
			want:   `{"type":"object","patternProperties":{"^x_":{"type":"string"}}}`,
		},
		{
			name:    "closed but for names of a pattern",
			schema:  `{"type":"object","patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}`,
			want:    `{"type":"object","patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}`,
			accepts: []string{`{"xa":"b"}`}, refuses: []string{`{"a":"b"}`, `{"xa":1}`},
		},
		{
			name:   "closed but for names of a pattern that is not portable",
			schema: `{"type":"object","patternProperties":{"^(?=y)":{"type":"integer"}},"additionalProperties":false}`,
			want:   `{"type":"object"}`,
		},
	})
}

func TestArrays(t *testing.T) {
	convert(t, []conversion{
		{name: "items", schema: `{"type":"array","items":{"type":"string"}}`, want: `{"type":"array","items":{"type":"string"}}`},
		{name: "without items", schema: `{"type":"array"}`, want: `{"type":"array","items":true}`},
		{name: "implied by its items", schema: `{"items":{"type":"string"}}`, want: `{"type":"array","items":{"type":"string"}}`},
		{name: "sizes", schema: `{"type":"array","minItems":1,"maxItems":2,"uniqueItems":true}`, want: `{"type":"array","items":true,"minItems":1,"maxItems":2,"uniqueItems":true}`},
		{name: "items as a list, as draft 4 has it", schema: `{"type":"array","items":[{"type":"string"}]}`, want: `{"type":"array","items":true}`},
		{
			name:    "prefix",
			schema:  `{"type":"array","prefixItems":[{"type":"string","nullable":true},{"type":"integer"}],"items":false}`,
			want:    `{"type":"array","prefixItems":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"type":"integer"}],"items":true}`,
			accepts: []string{`[null,1]`}, refuses: []string{`[1,1]`},
		},
	})
}

func TestUnions(t *testing.T) {
	convert(t, []conversion{
		{
			name:   "discriminator is dropped, the branches stay",
			schema: `{"oneOf":[{"type":"object","properties":{"kind":{"type":"string","enum":["a"]}}},{"type":"string"}],"discriminator":{"propertyName":"kind","mapping":{"a":"#/components/schemas/A"}}}`,
			want:   `{"oneOf":[{"type":"object","properties":{"kind":{"type":"string","enum":["a"]}}},{"type":"string"}]}`,
		},
		{
			name:    "a branch that had to be loosened makes oneOf anyOf",
			schema:  `{"oneOf":[{"type":"string","pattern":"^(?!x)"},{"type":"string","enum":["x"]}]}`,
			want:    `{"anyOf":[{"type":"string"},{"type":"string","enum":["x"]}]}`,
			accepts: []string{`"x"`, `"y"`},
		},
		{
			name:    "a branch whose closing had to give way makes oneOf anyOf",
			schema:  `{"oneOf":[{"type":"object","required":["a"],"additionalProperties":{"type":"integer"}},{"type":"object","properties":{"a":{"type":"string"}}}]}`,
			want:    `{"anyOf":[{"type":"object","required":["a"],"properties":{"a":true},"additionalProperties":{"type":"integer"}},{"type":"object","properties":{"a":{"type":"string"}}}]}`,
			accepts: []string{`{"a":"x"}`},
		},
		{
			name:    "a branch that was loosened further down makes oneOf anyOf",
			schema:  `{"oneOf":[{"type":"array","items":{"oneOf":[{"type":"string","nullable":true},{"type":"integer","nullable":true}]}},{"type":"array","items":{"type":"boolean","nullable":true}}]}`,
			want:    `{"anyOf":[{"type":"array","items":{"anyOf":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"anyOf":[{"type":"integer"},{"type":"null"}]}]}},{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"}]}}]}`,
			accepts: []string{`[null]`},
		},
		{
			name:    "a branch that takes anything makes oneOf anyOf",
			schema:  `{"oneOf":[{"type":"string"},{}]}`,
			want:    `{"anyOf":[{"type":"string"},true]}`,
			accepts: []string{`"x"`, `1`},
		},
		{
			name:    "not",
			schema:  `{"type":"string","not":{"enum":["x"]}}`,
			want:    `{"type":"string","not":{"type":"string","enum":["x"]}}`,
			accepts: []string{`"y"`}, refuses: []string{`"x"`},
		},
		{
			name:    "not both",
			schema:  `{"type":"object","not":{"required":["a","b"]}}`,
			want:    `{"type":"object","not":{"type":"object","properties":{"a":true,"b":true},"required":["a","b"]}}`,
			accepts: []string{`{"a":1}`}, refuses: []string{`{"a":1,"b":1}`},
		},
		{name: "not what would be loosened", schema: `{"type":"string","not":{"pattern":"^(?=x)"}}`, want: `{"type":"string"}`},
		{name: "not anything at all", schema: `{"type":"string","not":{}}`, want: `{"type":"string"}`},
		{name: "not, but no schema", schema: `{"type":"string","not":true}`, want: `{"type":"string"}`},
		{
			name:   "types beside a union join it",
			schema: `{"type":["string","integer"],"anyOf":[{"type":"boolean"}]}`,
			want:   `{"anyOf":[{"type":"boolean"},{"type":"string"},{"type":"integer"}]}`,
		},
	})
}

func TestAllOf(t *testing.T) {
	const base = `"Base":{"type":"object","description":"base","required":["id"],"properties":{"id":{"type":"string"}},"additionalProperties":false}`
	convert(t, []conversion{
		{
			name:    "plain objects become one",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object","required":["name","id"],"properties":{"name":{"type":"string"}}}]}`,
			schemas: []string{base},
			want:    `{"type":"object","description":"base","required":["id","name"],"properties":{"id":{"type":"string"},"name":{"type":"string"}}}`,
			accepts: []string{`{"id":"a","name":"b"}`}, refuses: []string{`{"id":"a"}`},
		},
		{
			name:    "beside properties of its own",
			schema:  `{"type":"object","description":"own","properties":{"name":{"type":"string"}},"allOf":[{"$ref":"#/components/schemas/Base"}]}`,
			schemas: []string{base},
			want:    `{"type":"object","description":"own","required":["id"],"properties":{"name":{"type":"string"},"id":{"type":"string"}}}`,
		},
		{
			name:    "of one",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/Base"}]}`,
			schemas: []string{base},
			want:    `{"type":"object","description":"base","required":["id"],"properties":{"id":{"type":"string"}},"additionalProperties":false}`,
		},
		{
			name:    "of one that carries annotations",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/Color"}],"title":"Paint","description":"own","default":"red","deprecated":true}`,
			schemas: []string{`"Color":{"type":"string","enum":["red","blue"],"description":"a colour","default":"blue"}`},
			want:    `{"type":"string","enum":["red","blue"],"title":"Paint","description":"own","default":"red","deprecated":true}`,
		},
		{
			name:    "nested",
			schema:  `{"allOf":[{"allOf":[{"$ref":"#/components/schemas/Base"},{"properties":{"a":{"type":"string"}}}]},{"properties":{"b":{"type":"string"}}}]}`,
			schemas: []string{base},
			want:    `{"type":"object","description":"base","required":["id"],"properties":{"id":{"type":"string"},"a":{"type":"string"},"b":{"type":"string"}}}`,
		},
		{
			name:   "the same property twice",
			schema: `{"allOf":[{"properties":{"a":{"type":"string"},"b":{}}},{"properties":{"a":{"minLength":2},"b":{"type":"integer"}}}]}`,
			want: `{"type":"object","properties":{
				"a":{"type":"string","minLength":2},"b":{"type":"integer"}}}`,
			accepts: []string{`{"a":"ab"}`}, refuses: []string{`{"a":"a"}`, `{"b":"x"}`},
		},
		{
			name:   "with a map among them",
			schema: `{"allOf":[{"properties":{"a":{"type":"integer"}}},{"type":"object","additionalProperties":{"type":"string"},"patternProperties":{"^x":{"type":"boolean"}}}]}`,
			want: `{"type":"object","properties":{"a":{"type":"integer"}},
				"additionalProperties":{"type":"string"},"patternProperties":{"^x":{"type":"boolean"}}}`,
			accepts: []string{`{"a":1,"x":true,"b":"c"}`}, refuses: []string{`{"b":1}`},
		},
		{
			name:   "with a map among them that is closed elsewhere",
			schema: `{"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"additionalProperties":{"type":"string"}}]}`,
			want:   `{"type":"object","properties":{"a":true},"additionalProperties":{"type":"string"}}`,
		},
		{
			name:   "with a union further down it stays",
			schema: `{"allOf":[{"properties":{"a":{}}},{"allOf":[{"properties":{"b":{}}},{"anyOf":[{"required":["a"]},{"required":["b"]}]}]}]}`,
			want: `{"type":"object","properties":{"a":true,"b":true},"allOf":[{"anyOf":[
				{"type":"object","properties":{"a":true},"required":["a"]},
				{"type":"object","properties":{"b":true},"required":["b"]}]}]}`,
			refuses: []string{`{}`},
		},
		{
			name:   "with objects that are more than plain",
			schema: `{"allOf":[{"properties":{"a":{}}},{"type":"object","not":{"required":["b"]}},{"type":"object","enum":[{"a":1},{"a":2}]},{"type":"object","oneOf":[{"required":["a"]},{"required":["c"]}]}]}`,
			want: `{"type":"object","properties":{"a":true},"allOf":[
				{"type":"object","not":{"type":"object","properties":{"b":true},"required":["b"]}},
				{"type":"object","enum":[{"a":1},{"a":2}]},
				{"type":"object","oneOf":[
					{"type":"object","properties":{"a":true},"required":["a"]},
					{"type":"object","properties":{"c":true},"required":["c"]}]}]}`,
			accepts: []string{`{"a":1}`}, refuses: []string{`{}`, `{"a":3}`},
		},
		{
			name:   "with a union among them it stays",
			schema: `{"allOf":[{"type":"object","properties":{"a":{}}},{"oneOf":[{"required":["a"]},{"required":["b"]}]}]}`,
			want: `{"type":"object","properties":{"a":true},"allOf":[{"oneOf":[
				{"type":"object","properties":{"a":true},"required":["a"]},
				{"type":"object","properties":{"b":true},"required":["b"]}]}]}`,
			accepts: []string{`{"a":1}`}, refuses: []string{`{}`, `{"a":1,"b":1}`},
		},
		{
			name:    "of scalars",
			schema:  `{"allOf":[{"type":"string","minLength":1},{"maxLength":3}]}`,
			want:    `{"type":"string","minLength":1,"maxLength":3}`,
			refuses: []string{`""`, `"abcd"`},
		},
		{
			name:    "the same property twice, each with words of its own",
			schema:  `{"allOf":[{"properties":{"a":{"type":"string","maxLength":3}}},{"properties":{"a":{"description":"d","minLength":2}}},{"properties":{"a":{"type":"string","enum":["x","xy"]}}}]}`,
			want:    `{"type":"object","properties":{"a":{"type":"string","description":"d","minLength":2,"maxLength":3,"enum":["x","xy"]}}}`,
			accepts: []string{`{"a":"xy"}`}, refuses: []string{`{"a":"x"}`, `{"a":"ab"}`, `{"a":"abcd"}`},
		},
		{
			name:   "the same property twice, once with its values",
			schema: `{"allOf":[{"properties":{"a":{"type":"string","description":"kind"},"b":{"type":"string","enum":["y"]}}},{"properties":{"a":{"type":"string","enum":["x"]},"b":{"type":"string"}}}]}`,
			want: `{"type":"object","properties":{"a":{"type":"string","description":"kind","enum":["x"]},
				"b":{"type":"string","enum":["y"]}}}`,
		},
		{
			name:   "the same object twice",
			schema: `{"allOf":[{"properties":{"a":{"type":"object","required":["b"],"properties":{"b":{"type":"string"}}}}},{"properties":{"a":{"type":"object","required":["b"],"properties":{"c":{"type":"string"}}}}}]}`,
			want:   `{"type":"object","properties":{"a":{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"c":{"type":"string"}}}}}`,
		},
		{
			name:    "a reference with a description",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/A"},{"description":"d"}]}`,
			schemas: []string{`"A":{"type":"string","maxLength":3}`},
			want:    `{"type":"string","maxLength":3,"description":"d"}`,
		},
		{name: "of nothing in particular", schema: `{"allOf":[{},{"description":"d"}]}`, want: `{"description":"d"}`},
		{
			name:   "the same object twice, without properties",
			schema: `{"allOf":[{"properties":{"a":{"type":"object","maxProperties":2}}},{"properties":{"a":{"type":"object","minProperties":1}}}]}`,
			want:   `{"type":"object","properties":{"a":{"type":"object","minProperties":1,"maxProperties":2}}}`,
		},
		{name: "of objects without properties", schema: `{"allOf":[{"type":"object","minProperties":1},{"type":"object","maxProperties":2}]}`, want: `{"type":"object","minProperties":1,"maxProperties":2}`},
		{
			name:   "nullable inside",
			schema: `{"type":"object","properties":{"a":{"nullable":true,"allOf":[{"type":"object","properties":{"b":{}}},{"properties":{"c":{}}}]}}}`,
			want:   `{"type":"object","properties":{"a":{"anyOf":[{"type":"object","properties":{"b":true,"c":true}},{"type":"null"}]}}}`,
		},
	})
}

// What only answers carry is left out of requests, and the other way round.
func TestDirections(t *testing.T) {
	const schema = `{"type":"object","required":["id","secret","name"],"properties":{
		"id":{"type":"string","readOnly":true},"secret":{"type":"string","writeOnly":true},
		"made":{"$ref":"#/components/schemas/Made"},"name":{"type":"string","readOnly":false}}}`
	const made = `"Made":{"type":"string","readOnly":true}`

	require.JSONEq(t, `{"type":"object","required":["secret","name"],"properties":{"secret":{"type":"string"},"name":{"type":"string"}}}`,
		text(t, requested(t, schema, made)))
	require.JSONEq(t, `{"type":"object","required":["id","name"],"properties":{"id":{"type":"string"},"made":{"type":"string"},"name":{"type":"string"}}}`,
		text(t, answered(t, schema, made)))
}

func TestDirectionsAcrossAllOf(t *testing.T) {
	const base = `"Base":{"type":"object","required":["id"],"properties":{"id":{"type":"string","readOnly":true},"name":{"type":"string"}}}`
	convert(t, []conversion{
		{
			name:    "required beside the base",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/Base"}],"required":["id","name"]}`,
			schemas: []string{base},
			want:    `{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}`,
		},
		{
			name:    "required in another branch",
			schema:  `{"allOf":[{"$ref":"#/components/schemas/Base"},{"required":["id","name"]}]}`,
			schemas: []string{base},
			want:    `{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}`,
		},
		{
			name:   "required in a branch, hidden in the schema itself",
			schema: `{"properties":{"id":{"type":"string","readOnly":true},"name":{"type":"string"}},"allOf":[{"required":["id"]}]}`,
			want:   `{"type":"object","properties":{"name":{"type":"string"}}}`,
		},
		{
			name:   "nothing left",
			schema: `{"allOf":[{"properties":{"id":{"type":"string","readOnly":true}}},{"required":["id"]}]}`,
			want:   `{"type":"object"}`,
		},
	})
}

// An answer is converted as deep as anybody looks.
func TestAnswerLevels(t *testing.T) {
	nested := func(inner string, levels int) string {
		return strings.Repeat(`{"type":"object","properties":{"a":`, levels) + inner + strings.Repeat(`}}`, levels)
	}
	schema := nested(`{"type":"string"}`, 9)
	require.JSONEq(t, nested(`true`, 7), text(t, answered(t, schema)))
	require.JSONEq(t, schema, text(t, requested(t, schema)))
}
