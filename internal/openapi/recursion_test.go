package openapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func TestRecursion(t *testing.T) {
	const again = `"description":"the same shape again, nested"`
	ref := func(name string) string { return `{"$ref":"#/components/schemas/` + name + `"}` }
	convert(t, []conversion{
		{
			name:    "object",
			schema:  ref("Node"),
			schemas: []string{`"Node":{"type":"object","properties":{"name":{"type":"string"},"next":` + ref("Node") + `}}`},
			want:    `{"type":"object","properties":{"name":{"type":"string"},"next":{"type":"object",` + again + `}}}`,
		},
		{
			name:    "object without a type",
			schema:  ref("Node"),
			schemas: []string{`"Node":{"properties":{"children":{"type":"array","items":` + ref("Node") + `}}}`},
			want:    `{"type":"object","properties":{"children":{"type":"array","items":{"type":"object",` + again + `}}}}`,
		},
		{
			name:    "nullable object",
			schema:  ref("Node"),
			schemas: []string{`"Node":{"type":"object","nullable":true,"properties":{"next":` + ref("Node") + `}}`},
			want:    `{"anyOf":[{"type":"object","properties":{"next":{` + again + `,"anyOf":[{"type":"object"},{"type":"null"}]}}},{"type":"null"}]}`,
			accepts: []string{`{"next":null}`},
		},
		{
			name:    "array",
			schema:  ref("List"),
			schemas: []string{`"List":{"type":"array","items":` + ref("List") + `}`},
			want:    `{"type":"array","items":{"type":"array","items":true,` + again + `}}`,
		},
		{
			name:    "through another",
			schema:  ref("A"),
			schemas: []string{`"A":{"properties":{"b":` + ref("B") + `}}`, `"B":{"properties":{"a":` + ref("A") + `}}`},
			want:    `{"type":"object","properties":{"b":{"type":"object","properties":{"a":{"type":"object",` + again + `}}}}}`,
		},
		{
			name:    "twice side by side is no recursion",
			schema:  `{"properties":{"a":` + ref("S") + `,"b":` + ref("S") + `}}`,
			schemas: []string{`"S":{"type":"string"}`},
			want:    `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`,
		},
		{
			name:   "any JSON value",
			schema: ref("Value"),
			schemas: []string{`"Value":{"anyOf":[{"type":"string"},{"type":"array","items":` + ref("Value") + `},
				{"type":"object","additionalProperties":` + ref("Value") + `}]}`},
			want:    `{"anyOf":[{"type":"string"},{"type":"array","items":{` + again + `}},{"type":"object"}]}`,
			accepts: []string{`["a",["b"]]`, `{"a":"b"}`}, refuses: []string{`1`},
		},
		{
			name:   "one of several kinds, of which one holds them all",
			schema: ref("Node"),
			schemas: []string{
				`"Node":{"oneOf":[` + ref("Leaf") + `,` + ref("Branch") + `]}`,
				`"Leaf":{"type":"object","properties":{"value":{"type":"string"}},"required":["value"]}`,
				`"Branch":{"type":"object","properties":{"nodes":{"type":"array","items":{"oneOf":[` + ref("Leaf") + `,` + ref("Branch") + `]}}},"required":["nodes"]}`,
			},
			want: `{"anyOf":[
				{"type":"object","properties":{"value":{"type":"string"}},"required":["value"]},
				{"type":"object","required":["nodes"],"properties":{"nodes":{"type":"array","items":{"anyOf":[
					{"type":"object","properties":{"value":{"type":"string"}},"required":["value"]},
					{"type":"object",` + again + `}]}}}}]}`,
			accepts: []string{`{"nodes":[{"value":"a"},{"nodes":[]}]}`}, refuses: []string{`{"nodes":[1]}`},
		},
		{
			name:    "composed of itself",
			schema:  ref("A"),
			schemas: []string{`"A":{"type":"object","properties":{"a":{"type":"string"}},"allOf":[` + ref("A") + `]}`},
			want:    `{"type":"object","properties":{"a":{"type":"string"}},"description":"the same shape again, nested"}`,
		},
		{
			name:    "composed object",
			schema:  ref("A"),
			schemas: []string{`"A":{"allOf":[{"type":"object","properties":{"name":{"type":"string"}}},{"properties":{"next":` + ref("A") + `}}]}`},
			want:    `{"type":"object","properties":{"name":{"type":"string"},"next":{"type":"object",` + again + `}}}`,
		},
	})
}

// Each schema refers to the next twice, so that their number doubles with each
// level: a million million of them.
func TestFanOut(t *testing.T) {
	const levels = 40
	for _, words := range []string{
		`"properties":{"a":%[1]s,"b":%[1]s}`, `"anyOf":[%[1]s,%[1]s]`, `"oneOf":[%[1]s,%[1]s]`, `"allOf":[%[1]s,%[1]s]`,
		`"prefixItems":[%[1]s,%[1]s],"items":%[1]s`, `"additionalProperties":%[1]s,"patternProperties":{"a":%[1]s,"b":%[1]s}`,
	} {
		t.Run(words, func(t *testing.T) {
			var schemas []string
			for i := range levels {
				next := fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i+1)
				schemas = append(schemas, fmt.Sprintf(`"S%d":{%s}`, i, fmt.Sprintf(words, next)))
			}
			schemas = append(schemas, fmt.Sprintf(`"S%d":{"type":"object","properties":{"end":{"type":"string"}}}`, levels))
			var op openapi.Operation
			inTime(t, func() { op = readOne(t, withSchema(`{"$ref":"#/components/schemas/S0"}`, schemas...)) })
			encoded, err := json.Marshal(op.Body.Schema)
			require.NoError(t, err)
			require.Less(t, len(encoded), 5<<20)
			compile(t, op.Body.Schema)
		})
	}
}

// Operations that fan out share one budget, and none takes it all.
func TestFanOutOfManyOperations(t *testing.T) {
	const operations = 3_000
	var schemas []string
	for i := range 40 {
		next := fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i+1)
		schemas = append(schemas, fmt.Sprintf(`"S%d":{"properties":{"a":%[2]s,"b":%[2]s}}`, i, next))
	}
	schemas = append(schemas, `"S40":{"type":"string"}`)
	body := func(schema string) string {
		return `{"put":{"requestBody":{"content":{"application/json":{"schema":` + schema + `}}}}}`
	}
	paths := make([]string, operations)
	for i := range paths {
		paths[i] = fmt.Sprintf(`"/%d":%s`, i, body(`{"$ref":"#/components/schemas/S0"}`))
	}
	document := withPaths(strings.Join(paths, ","), `"schemas":{`+strings.Join(schemas, ",")+`}`)

	var doc *openapi.Document
	inTime(t, func() { doc = read(t, document) })
	require.Len(t, doc.Operations, operations)
	count := func(i int) (n int) {
		eachSchema(t, doc.Operations[i], func(map[string]any) { n++ })
		return n
	}
	require.Greater(t, count(0), 1_000)
	require.Greater(t, count(100), 1_000)
	require.Equal(t, 10, count(operations-1), "enough for something simple")
}

// A body that is too large for its tool stays correct: what is cut off is
// allowed.
func TestCutOff(t *testing.T) {
	var properties, required []string
	instance := map[string]int{}
	for i := range 30_000 {
		name := fmt.Sprintf("p%d", i)
		properties = append(properties, fmt.Sprintf(`%q:{"type":"integer"}`, name))
		required = append(required, fmt.Sprintf("%q", name))
		instance[name] = i
	}
	closed := `{"type":"object","properties":{` + strings.Join(properties, ",") + `},"required":[` + strings.Join(required, ",") + `],"additionalProperties":false}`
	branches := `{"oneOf":[` + closed + `,{"type":"string"}]}`
	encoded, err := json.Marshal(instance)
	require.NoError(t, err)
	for name, schema := range map[string]string{"properties": closed, "branches": branches} {
		t.Run(name, func(t *testing.T) {
			s := requested(t, schema)
			require.Less(t, len(text(t, s)), 250_000)
			validator := compile(t, s)
			require.True(t, valid(t, validator, string(encoded)))
			require.Equal(t, name == "branches", valid(t, validator, `"x"`))
		})
	}
	t.Run("depth", func(t *testing.T) {
		schema, instance := `{"type":"string"}`, `"x"`
		for range 200 {
			schema, instance = `{"type":"object","properties":{"a":`+schema+`},"additionalProperties":false}`, `{"a":`+instance+`}`
		}
		s := requested(t, schema)
		require.Equal(t, 100, strings.Count(text(t, s), `"type":"object"`))
		require.True(t, valid(t, compile(t, s), instance))
	})
}
