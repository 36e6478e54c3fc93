package toolgen_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is published of a body's field "x".
func TestPublishedSchemas(t *testing.T) {
	for _, c := range []struct{ name, schema, want string }{
		{"a plain type", `{type: string}`, `{"type":"string"}`},
		{"a format nobody needs", `{type: string, format: uuid}`, `{"type":"string"}`},
		{"a date", `{type: string, format: date-time}`, `{"type":"string","format":"date-time"}`},
		{"a short enum", `{enum: [a, b]}`, `{"type":"string","enum":["a","b"]}`},
		{"an enum of numbers", `{enum: [1, 2]}`, `{"type":"number","description":"one of 1, 2"}`},
		{"bounds", `{type: integer, minimum: 2, maximum: 9}`, `{"type":"integer","minimum":2,"maximum":9}`},
		{"null", `{type: [string, 'null']}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`},
		{"a short pattern", `{type: string, pattern: '^a\_b$'}`, `{"type":"string","pattern":"^a_b$"}`},
		{"a long pattern", `{type: string, pattern: '^(alpha|beta|gamma|delta|epsilon)$'}`, `{"type":"string"}`},
		{"a list", `{type: array, items: {type: integer}}`, `{"type":"array","items":{"type":"integer"}}`},
		{"fixed texts as a union", `{anyOf: [{const: a}, {const: b}]}`, `{"type":"string","enum":["a","b"]}`},
		{"any text, some of it fixed", `{anyOf: [{type: string}, {const: latest}]}`, `{"type":"string"}`},
		{"one or many", `{anyOf: [{type: array, items: {type: string}}, {type: string}]}`, `{"anyOf":[{"items":{"type":"string"},"type":"array"},{"type":"string"}]}`},
		{
			"a small object", `{type: object, properties: {a: {type: string}}}`,
			`{"properties":{"a":{"type":"string"}},"type":"object"}`,
		},
		{
			"a larger object becomes its shape", `{type: object, required: [id], properties: {id: {type: string}, ok: {type: boolean}, n: {type: [number, 'null']}, tags: {type: array, items: {enum: [p, q]}}}}`,
			`{"type":"object","description":"{id, ok?: boolean, n?: number | null, tags?: ('p' | 'q')[]}"}`,
		},
		{
			"a union of objects becomes its shapes", `{oneOf: [{type: object, required: [type, id], properties: {type: {const: group}, id: {type: integer}}}, {type: object, required: [type, id], properties: {type: {const: user}, id: {type: string}}}]}`,
			`{"type":"object","description":"{type: 'group', id: number} | {type: 'user', id}"}`,
		},
		{
			"an object or null", `{anyOf: [{type: object, properties: {a: {}, b: {}, c: {}, d: {}, e: {}}}, {type: 'null'}]}`,
			`{"anyOf":[{"type":"object"},{"type":"null"}],"description":"{a?, b?, c?, d?, e?}"}`,
		},
		{
			"an object or text", `{anyOf: [{type: object, properties: {a: {}}}, {type: string}]}`,
			`{"anyOf":[{"type":"object"},{"type":"string"}],"description":"{a?} | string"}`,
		},
		{"free form", `{type: object}`, `{"type":"object"}`},
		{"a map", `{type: object, additionalProperties: {type: integer}}`, `{"type":"object","description":"{[key]: number}"}`},
		{
			"JSON Patch",
			`{type: array, items: {anyOf: [{type: object, required: [op, path], properties: {op: {const: add}, path: {type: string}, value: {}}}, {type: object, required: [op, path], properties: {op: {const: remove}, path: {type: string}}}, {type: object, required: [op, path], properties: {op: {const: replace}, path: {type: string}, value: {}}}]}}`,
			`{"items":{"type":"object","description":"JSON Patch: add, remove, replace"},"type":"array"}`,
		},
		{
			"anything", `{}`,
			`{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"},{"items":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"}]},"type":"array"},{"type":"null"}],"description":"any JSON value"}`,
		},
		{"a description that repeats the name", `{type: string, description: The x of the thing.}`, `{"type":"string"}`},
		{"a description that tells something", `{type: string, description: Colour in hexadecimal. More on it.}`, `{"type":"string","description":"\"Colour in hexadecimal\""}`},
		{"a long description is left to the full schema", `{type: string, description: 'Path of the archived copy, which must have been uploaded before by someone'}`, `{"type":"string"}`},
	} {
		body := "{type: object, properties: {x: " + c.schema + "}}"
		tool := catalogOf(t, "  /things: {post: {responses: {}, requestBody: {content: {application/json: {schema: "+body+"}}}}}").Tools[0]
		require.JSONEq(t, `{"properties":{"x":`+c.want+`,"dry_run":{"type":"boolean"},"fields":{"type":"array","items":{"type":"string"}}},"type":"object"}`, string(tool.Schema), c.name)
	}
}

func TestSinceIsPublished(t *testing.T) {
	c := catalogOf(t, `
  /a:
    post:
      x-since: '3.20'
      parameters: [{name: p, in: query, x-since: 3.387, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {seat: {type: [string, 'null'], x-since: '4.0'}}}}}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object, properties: {seat: {type: string, x-since: '4.0'}}}}}}}}}
`)
	tool := c.Tools[0]
	require.Equal(t, []string{"3.387", "4.0"}, []string{tool.Args[0].Since, tool.Args[1].Since})
	require.Contains(t, tool.Schema, `"p":{"type":"string","description":"since 3.387"}`)
	require.Contains(t, tool.Schema, `"description":"since 4.0"`)
	require.JSONEq(t, `{"type":"object","properties":{"seat":{"type":"string","x-since":"4.0"}}}`, string(tool.Answer.Schema))
}

func TestFullSchemaKeepsWhatIsCut(t *testing.T) {
	tool := catalogOf(t, `
  /things:
    post:
      responses: {}
      requestBody: {content: {application/json: {schema: {type: object, properties: {x: {oneOf: [{title: One, type: object, properties: {deep: {type: object, properties: {deeper: {type: string, pattern: '^only-here$'}}}}}, {type: object}]}}}}}}`).Tools[0]
	require.NotContains(t, string(tool.Schema), "only-here")
	require.Contains(t, string(tool.Full), `"pattern":"^only-here$"`)
	require.Contains(t, string(tool.Full), `"title":"One"`)
}

// A recursive type and a long enum have to end somewhere.
func TestVeryLargeValues(t *testing.T) {
	tool := catalogOf(t, `
  /things:
    post:
      responses: {}
      requestBody: {content: {application/json: {schema: {type: object, properties: {tree: {$ref: '#/components/schemas/Tree'}, kind: {enum: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccccccccccccccccccc, dddddddddddddddddddddddddddddddddddddddd, eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee, ffffffffffffffffffffffffffffffffffffffff]}}}}}}
components: {schemas: {Tree: {type: object, properties: {name: {type: string}, children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}}}`).Tools[0]
	require.JSONEq(t, `{"type":"object","properties":{
		"tree":{"type":"object","description":"{name?, children?: object[]}"},
		"kind":{"type":"string","description":"one of 6: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"},
		"dry_run":{"type":"boolean"},"fields":{"type":"array","items":{"type":"string"}}}}`, string(tool.Schema))
}
