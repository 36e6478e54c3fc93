package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Since OpenAPI 3.1, keywords beside a reference count as allOf would.
func TestKeywordsBesideReferences(t *testing.T) {
	base := []string{
		`"Base":{"type":"object","description":"base","required":["id"],"properties":{"id":{"type":"string"}}}`,
		`"Made":{"type":"object","properties":{"id":{"type":"string","readOnly":true},"name":{"type":"string"}}}`,
		`"Made2":{"allOf":[{"$ref":"#/components/schemas/Made"},{"properties":{"b":{"type":"string"}}}]}`,
		`"Maybe":{"type":["object","null"],"properties":{"id":{"type":"string"}}}`,
		`"Closed":{"type":"object","properties":{"id":{"type":"string"}},"additionalProperties":false}`,
		`"Color":{"type":"string","enum":["red","green","blue"],"description":"a color"}`,
		`"Text":{"type":"string","minLength":2,"maxLength":9}`,
		`"Count":{"type":"integer","minimum":1,"maximum":100}`,
		`"MaybeCount":{"type":["integer","null"],"maximum":100}`,
		`"List":{"type":"array","items":{"type":"string"}}`,
		`"Any":{}`,
		`"Link":{"$ref":"#/components/schemas/Text","maxLength":5,"description":"link"}`,
		`"Loop":{"$ref":"#/components/schemas/Loop2","required":["a"]}`,
		`"Loop2":{"$ref":"#/components/schemas/Loop","properties":{"b":{"type":"string"}}}`,
		`"Tree":{"type":"object","properties":{"name":{"type":"string"},"left":{"$ref":"#/components/schemas/Tree","required":["name"]}}}`,
	}
	ref := func(name, words string) string { return `{"$ref":"#/components/schemas/` + name + `",` + words + `}` }
	rows := []conversion{
		{
			name: "properties and required", schema: ref("Base", `"required":["name"],"properties":{"name":{"type":"string"}}`),
			want:    `{"type":"object","description":"base","required":["name","id"],"properties":{"name":{"type":"string"},"id":{"type":"string"}}}`,
			accepts: []string{`{"id":"a","name":"b"}`}, refuses: []string{`{"id":"a"}`, `{"name":"b"}`},
		},
		{
			name: "required alone", schema: ref("Closed", `"required":["id"]`),
			want: `{"type":"object","required":["id"],"properties":{"id":{"type":"string"}},"additionalProperties":false}`,
		},
		{
			name: "a property that is closed off there", schema: ref("Closed", `"properties":{"name":{"type":"string"}}`),
			want: `{"type":"object","properties":{"name":{"type":"string"},"id":{"type":"string"}}}`,
		},
		{name: "the type again", schema: ref("Base", `"type":"object","description":"own"`), want: `{"type":"object","description":"own","required":["id"],"properties":{"id":{"type":"string"}}}`},
		{name: "enum", schema: ref("Color", `"enum":["red","pink"]`), want: `{"type":"string","enum":["red"],"description":"a color"}`, refuses: []string{`"green"`}},
		{name: "const", schema: ref("Color", `"const":"blue"`), want: `{"type":"string","enum":["blue"],"description":"a color"}`},
		{name: "an enum that leaves nothing", schema: ref("Color", `"enum":["pink"]`), want: `{"type":"string","enum":["pink"],"allOf":[{"type":"string","enum":["red","green","blue"],"description":"a color"}]}`, refuses: []string{`"pink"`, `"red"`}},
		{name: "lengths", schema: ref("Text", `"minLength":1,"maxLength":5,"pattern":"^a"`), want: `{"type":"string","minLength":2,"maxLength":5,"pattern":"^a"}`},
		{name: "maximum", schema: ref("Count", `"maximum":10`), want: `{"type":"integer","minimum":1,"maximum":10}`, accepts: []string{`10`}, refuses: []string{`11`, `0`, `1.5`}},
		{name: "a looser maximum", schema: ref("Count", `"maximum":1000,"exclusiveMinimum":2`), want: `{"type":"integer","minimum":1,"exclusiveMinimum":2,"maximum":100}`},
		{name: "a maximum of 64 bits", schema: ref("Count", `"minimum":9007199254740993,"maximum":9007199254740993`), want: `{"type":"integer","minimum":9007199254740993,"maximum":100}`},
		{name: "of what may be null", schema: ref("MaybeCount", `"maximum":10`), want: `{"anyOf":[{"type":"integer","maximum":10},{"type":"null"}]}`, accepts: []string{`null`, `10`}, refuses: []string{`11`}},
		{name: "a type that forbids null", schema: ref("MaybeCount", `"type":"integer"`), want: `{"type":"integer","maximum":100}`, refuses: []string{`null`}},
		{name: "a type that allows null", schema: ref("Count", `"type":["integer","null"]`), want: `{"anyOf":[{"type":"integer","minimum":1,"maximum":100},{"type":"null"}]}`},
		{name: "nullable", schema: ref("Count", `"nullable":true,"maximum":10`), want: `{"anyOf":[{"type":"integer","minimum":1,"maximum":10},{"type":"null"}]}`},
		{name: "nullable alone", schema: ref("Count", `"nullable":true`), want: `{"anyOf":[{"type":"integer","minimum":1,"maximum":100},{"type":"null"}]}`},
		{name: "required of what may be null", schema: ref("Maybe", `"required":["id"]`), want: `{"anyOf":[{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}},{"type":"null"}]}`, accepts: []string{`null`}, refuses: []string{`{}`}},
		{name: "number of items", schema: ref("List", `"minItems":2`), want: `{"type":"array","items":{"type":"string"},"minItems":2}`, refuses: []string{`["a"]`}},
		{name: "of any value", schema: ref("Any", `"type":"string","default":"x"`), want: `{"type":"string","default":"x"}`},
		{name: "format", schema: ref("Text", `"format":"date","description":"day"`), want: `{"type":"string","minLength":2,"maxLength":9,"format":"date","description":"day"}`},
		{name: "through a chain", schema: ref("Link", `"minLength":3`), want: `{"type":"string","minLength":3,"maxLength":5,"description":"link"}`},
		{name: "allOf", schema: ref("Base", `"allOf":[{"required":["a"],"properties":{"a":{"type":"string"}}}]`), want: `{"type":"object","description":"base","required":["id","a"],"properties":{"id":{"type":"string"},"a":{"type":"string"}}}`},
		{name: "inside allOf", schema: `{"allOf":[` + ref("Base", `"required":["name"]`) + `]}`, want: `{"type":"object","description":"base","required":["name","id"],"properties":{"name":true,"id":{"type":"string"}}}`},
		{name: "oneOf", schema: ref("Base", `"oneOf":[{"required":["a"]},{"required":["b"]}]`), want: `{"oneOf":[{"type":"object","properties":{"a":true},"required":["a"]},{"type":"object","properties":{"b":true},"required":["b"]}],"allOf":[{"type":"object","description":"base","required":["id"],"properties":{"id":{"type":"string"}}}]}`, accepts: []string{`{"id":"i","a":1}`}, refuses: []string{`{"a":1}`, `{"id":"i"}`}},
		{name: "what only answers carry", schema: ref("Made", `"required":["id","name"]`), want: `{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}`},
		{name: "what only answers carry, further up", schema: ref("Made2", `"required":["id","name"]`), want: `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"b":{"type":"string"}}}`},
		{name: "a loop", schema: ref("Loop", `"maxProperties":5`), want: `{"type":"object","required":["a"],"properties":{"a":true,"b":{"type":"string"}},"maxProperties":5,"description":"the same shape again, nested"}`},
		{
			name: "a tree", schema: ref("Tree", `"required":["name"]`),
			want: `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"left":{"type":"object","required":["name"],"properties":{"name":true},"description":"the same shape again, nested"}}}`,
		},
		{name: "annotations of a chain", schema: `{"$ref":"#/components/schemas/Link"}`, want: `{"type":"string","minLength":2,"maxLength":5,"description":"link"}`},
	}
	for i := range rows {
		rows[i].schemas, rows[i].modern = base, true
	}
	convert(t, rows)

	t.Run("ignored in 3.0", func(t *testing.T) {
		s := requested(t, ref("Count", `"maximum":10,"description":"own","nullable":true`), base...)
		require.JSONEq(t, `{"description":"own","anyOf":[{"type":"integer","minimum":1,"maximum":100},{"type":"null"}]}`, text(t, s))
	})
}

// Keywords beside references multiply no faster than other references.
func TestKeywordsBesideReferencesFanOut(t *testing.T) {
	const levels = 40
	for _, words := range []string{
		`"$ref":%[1]q,"allOf":[{"$ref":%[1]q}]`, `"$ref":%[1]q,"properties":{"a":{"$ref":%[1]q,"required":["x"]}}`,
		`"$ref":%[1]q,"anyOf":[{"$ref":%[1]q,"minProperties":1}]`,
	} {
		var schemas []string
		for i := range levels {
			schemas = append(schemas, fmt.Sprintf(`"S%d":{%s}`, i, fmt.Sprintf(words, fmt.Sprintf("#/components/schemas/S%d", (i+1)%levels))))
		}
		inTime(t, func() {
			op := readOne(t, modern(withSchema(`{"$ref":"#/components/schemas/S0","required":["b"]}`, schemas...)))
			require.Less(t, len(text(t, op.Body.Schema)), 5<<20, words)
			compile(t, op.Body.Schema)
		})
	}
	t.Run("a long chain", func(t *testing.T) {
		var schemas []string
		for i := range 20_000 {
			schemas = append(schemas, fmt.Sprintf(`"S%d":{"$ref":"#/components/schemas/S%d","required":["a"]}`, i, i+1))
		}
		schemas = append(schemas, `"S20000":{"type":"object"}`)
		inTime(t, func() { readOne(t, modern(withSchema(`{"$ref":"#/components/schemas/S0"}`, schemas...))) })
	})
	t.Run("many keywords", func(t *testing.T) {
		many := strings.Repeat(`"x-y":1,`, 50_000)
		schema := `{"type":"array","items":{"$ref":"#/components/schemas/S","properties":{"a":{"$ref":"#/components/schemas/S","minLength":1}}}}`
		inTime(t, func() { readOne(t, modern(withSchema(schema, `"S":{`+many+`"type":"string"}`))) })
	})
}
