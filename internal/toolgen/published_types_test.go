package toolgen_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
)

// A published schema takes every value that the full one does.
func TestPublishedTypesOfCombinedSchemas(t *testing.T) {
	for schema, want := range map[string]string{
		`{"$ref":"#/components/schemas/Str","not":{"enum":["bad"]}}`:                            `{"type":"string"}`,
		`{"$ref":"#/components/schemas/Int","not":{"enum":[0]}}`:                                `{"type":"integer"}`,
		`{"$ref":"#/components/schemas/List","not":{"enum":[[]]}}`:                              `{"type":"array","items":{"type":"string"}}`,
		`{"$ref":"#/components/schemas/Enum","not":{"enum":["bad"]}}`:                           `{"type":"string","enum":["p","q"]}`,
		`{"$ref":"#/components/schemas/Null","not":{"enum":["bad"]}}`:                           `{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		`{"allOf":[{"not":{"enum":["bad"]}},{"type":"string"}]}`:                                `{"type":"string"}`,
		`{"allOf":[{"type":"string"}],"anyOf":[{"pattern":"^a"},{"pattern":"^b"}]}`:             `{"type":"string"}`,
		`{"$ref":"#/components/schemas/Int","anyOf":[{"minimum":5},{"maximum":-5}]}`:            `{"type":"integer"}`,
		`{"anyOf":[{"type":"string","pattern":"^a"},{"type":"string","pattern":"^b"}]}`:         `{"anyOf":[{"type":"string","pattern":"^a"},{"type":"string","pattern":"^b"}]}`,
		`{"anyOf":[{"type":"integer","minimum":5},{"type":"integer","minimum":7}]}`:             `{"anyOf":[{"type":"integer","minimum":5},{"type":"integer","minimum":7}]}`,
		`{"anyOf":[{"allOf":[{"not":{"enum":["bad"]}},{"type":"string"}]},{"type":"boolean"}]}`: `{"anyOf":[{"type":"string"},{"type":"boolean"}]}`,
	} {
		t.Run(schema, func(t *testing.T) {
			doc, err := openapi.Read(openapi.Source{Data: []byte(`{"openapi":"3.1.0","paths":{"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"a":` + schema + `}}}}}}}},
				"components":{"schemas":{"Str":{"type":"string"},"Int":{"type":"integer"},"List":{"type":"array","items":{"type":"string"}},"Enum":{"type":"string","enum":["p","q"]},"Null":{"type":["string","null"]}}}}`)})
			require.NoError(t, err)
			catalog, err := toolgen.New(doc, nil)
			require.NoError(t, err)
			var published struct {
				Properties map[string]any `json:"properties"`
			}
			require.NoError(t, json.Unmarshal([]byte(catalog.Tools[0].Schema), &published))
			got, err := json.Marshal(published.Properties["a"])
			require.NoError(t, err)
			require.JSONEq(t, want, string(got))
		})
	}
}
