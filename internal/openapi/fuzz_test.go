package openapi_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// Whatever the document, what is read of it compiles as JSON Schema 2020-12
// and holds nothing of OpenAPI's own.
func FuzzRead(f *testing.F) {
	f.Add([]byte(smallJSON))
	f.Add([]byte(smallYAML))
	for _, rows := range [][]string{
		{`{"type":"string","nullable":true,"enum":["a",null]}`, `{"nullable":true,"oneOf":[{"type":"object"},{"$ref":"#"}]}`},
		{`{"type":["integer","null"],"exclusiveMinimum":5,"const":1e3}`, `{"allOf":[{"required":["a"]},{"properties":{"a":{"readOnly":true}}}]}`},
		{`{"prefixItems":[{"format":"byte"}],"items":[{}],"not":{"enum":[1]}}`, `{"additionalProperties":{"pattern":"[a\\-]{2,5}$"},"patternProperties":{"^x":{}}}`},
	} {
		for _, schema := range rows {
			f.Add([]byte(withSchema(schema)))
			f.Add(toYAML(f, []byte(withSchema(schema))))
		}
	}
	f.Add([]byte(withOperation("/a/:b/{c}", `"parameters":[{"name":"d","in":"query","style":"deepObject","content":{"a/b":{"schema":{"type":"array"}}}}]`, `"parameters":[{"$ref":"#/x"}]`)))
	for _, path := range []string{"/a b/{c d}/ö", "/%61%2f%", "/a/../{b}", "/{a}?b", "/a/\u202e{\U000e0041}"} {
		f.Add([]byte(withOperation(path, "", `"parameters":[{"name":"X-A","in":"header","required":true,"schema":{"const":1}}]`)))
	}
	for _, schema := range []string{
		`{"$ref":"#/components/schemas/A","required":["a"],"properties":{"a":{"$ref":"#a","maximum":5}}}`,
		`{"$id":"https://e.com/a","$ref":"b","$defs":{"B":{"$id":"b","$dynamicAnchor":"c","$dynamicRef":"#c","nullable":true,"enum":[null]}}}`,
	} {
		f.Add([]byte(modern(withSchema(schema, `"A":{"$anchor":"a","type":["integer","null"],"$ref":"#/components/schemas/A"}`))))
	}
	const pet = `"A":{"type":"object","properties":{"t":{"enum":["x","B"]}},"discriminator":{"propertyName":"t","mapping":{"x":"#/components/schemas/B","y":"A"}}}`
	f.Add([]byte(withSchema(`{"oneOf":[{"$ref":"#/components/schemas/B"},{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"t"}}`, pet, `"B":{"allOf":[{"$ref":"#/components/schemas/A"}],"nullable":true}`)))
	f.Add([]byte("openapi: 3.1.0\npaths: {/a: {post: {requestBody: {content: {'Multipart/*; a=b': {schema: {properties: {a: {format: binary}}}, encoding: {a: {contentType: 'a/*, b/c', explode: false, headers: {X-A: {schema: {const: b}}}}}}}}}}}\n"))
	f.Add([]byte("openapi: 3.1.0\nx: &x {get: {tags: [*x, 0x1F, 1e9]}}\npaths: {/a: {<<: *x}}\n"))
	f.Add([]byte("openapi: 3.1.0\npaths: {/a: {get: {requestBody: {content: {a/b: {schema: {$ref: 'b.yaml#/c'}}}}}}}\n"))

	f.Fuzz(func(t *testing.T, document []byte) {
		doc, err := openapi.Read(openapi.Source{
			Data: document, Address: "https://example.com/spec",
			Open: func(string) ([]byte, error) { return document, nil },
		})
		if err != nil {
			require.Nil(t, doc)
			return
		}
		require.NotEmpty(t, doc.Operations)
		for _, op := range doc.Operations {
			require.Equal(t, strings.ToUpper(op.Method), op.Method)
			require.True(t, strings.HasPrefix(op.Path, "/"))
			require.NotRegexp(t, `[^\x21-\x7e]`, regexp.MustCompile(`\{[^{}/]+\}`).ReplaceAllString(op.Path, ""))
			for _, s := range schemasOf(op) {
				require.NotNil(t, s)
				encoded, err := json.Marshal(s)
				require.NoError(t, err)
				_, err = compiled(s)
				require.NoError(t, err, string(encoded))
			}
			eachSchema(t, op, func(s map[string]any) { requirePlain(t, s) })
		}
	})
}
