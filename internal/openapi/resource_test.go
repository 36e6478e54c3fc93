package openapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func TestAnchorsAndIDs(t *testing.T) {
	components := []string{
		`"Plain":{"$anchor":"plain","type":"string","description":"plain"}`,
		`"Again":{"$anchor":"plain","type":"integer"}`,
		`"Dynamic":{"$dynamicAnchor":"node","type":"string","description":"dynamic"}`,
		`"Old":{"$id":"#old","type":"string","description":"old"}`,
		`"Pet":{"$id":"https://example.com/schemas/pet","type":"object","properties":{
			"tag":{"$ref":"#/$defs/Tag"},"size":{"$ref":"#size"},"owner":{"$ref":"owner"},"self":{"$ref":"#"},"out":{"$ref":"#/components/schemas/Plain"}},
			"$defs":{"Tag":{"type":"string","description":"tag"},"Size":{"$anchor":"size","type":"string","description":"size"}}}`,
		`"Owner":{"$id":"https://example.com/schemas/owner","type":"string","description":"owner"}`,
		`"Relative":{"$id":"sub/relative.json","type":"string","description":"relative","$defs":{"Deep":{"$id":"deep.json","type":"string","description":"deep"}}}`,
		`"URN":{"$id":"urn:example:thing","type":"object","$defs":{"A":{"$anchor":"a","type":"string","description":"urn"}}}`,
		`"properties":{"type":"object","properties":{"$id":{"type":"string"},"$anchor":{"type":"string"},"example":{"$anchor":"inExample","type":"string","description":"named example"}}}`,
		`"Example":{"type":"object","example":{"$anchor":"fake","$id":"https://example.com/fake"},"default":{"$id":"https://example.com/fake"}}`,
	}
	for ref, want := range map[string]string{
		"#plain":                                 "plain",
		"#node":                                  "dynamic",
		"#old":                                   "old",
		"#inExample":                             "named example",
		"https://example.com/schemas/owner":      "owner",
		"https://example.com/schemas/owner#":     "owner",
		"https://example.com/schemas/x/../owner": "owner",
		"https://example.com/schemas/pet#size":   "size",
		"https://example.com/schemas/pet#/$defs/Tag": "tag",
		"#/components/schemas/Pet/$defs/Tag":         "tag",
		"#/components/schemas/Pet/properties/tag":    "tag",
		"#/components/schemas/Pet/properties/size":   "size",
		"#/components/schemas/Pet/properties/owner":  "owner",
		"#/components/schemas/Pet/properties/out":    "plain",
		"sub/relative.json":                          "relative",
		"./sub/relative.json":                        "relative",
		"sub/deep.json":                              "deep",
		"urn:example:thing#a":                        "urn",
		"urn:example:thing#/$defs/A":                 "urn",
	} {
		t.Run(ref, func(t *testing.T) {
			s := readOne(t, modern(withSchema(`{"$ref":"`+ref+`"}`, components...))).Body.Schema
			require.JSONEq(t, `{"type":"string","description":"`+want+`"}`, text(t, s))
		})
	}
	t.Run("$dynamicRef", func(t *testing.T) {
		s := readOne(t, modern(withSchema(`{"$dynamicRef":"#node","minLength":1}`, components...))).Body.Schema
		require.JSONEq(t, `{"type":"string","description":"dynamic","minLength":1}`, text(t, s))
	})
	t.Run("a whole resource", func(t *testing.T) {
		s := readOne(t, modern(withSchema(`{"$ref":"https://example.com/schemas/pet"}`, components...))).Body.Schema
		require.JSONEq(t, `{"type":"object","properties":{"tag":{"type":"string","description":"tag"},"size":{"type":"string","description":"size"},
			"owner":{"type":"string","description":"owner"},"self":{"type":"object","description":"the same shape again, nested"},"out":{"type":"string","description":"plain"}}}`, text(t, s))
	})
	for ref, reason := range map[string]string{
		"#nothing":                             "there is no such $anchor",
		"#size":                                "there is no such $anchor",
		"#fake":                                "there is no such $anchor",
		"https://example.com/fake":             "references are not followed over the network",
		"https://example.com/schemas/none":     "references are not followed over the network",
		"https://example.com/schemas/pet#none": "there is no such $anchor",
		"//example.com/schemas/none":           "references are not followed over the network",
		"urn:example:other":                    "references are not followed over the network",
	} {
		t.Run("broken: "+ref, func(t *testing.T) {
			requireProblem(t, modern(withSchema(`{"$ref":"`+ref+`"}`, components...)), "POST /things", reason)
		})
	}
}

func TestIDsInFiles(t *testing.T) {
	f := &folder{files: map[string]string{
		"schemas/user.json": `{"$id":"https://example.com/user","type":"object","properties":{"name":{"$ref":"#name"},"self":{"$ref":"https://example.com/user#name"},"team":{"$ref":"team.json"}},
			"$defs":{"Name":{"$anchor":"name","type":"string"}}}`,
		"schemas/team.json": `{"type":"string"}`,
	}}
	document := modern(withSchema(`{"$ref":"schemas/user.json"}`))
	doc, err := openapi.Read(openapi.Source{Data: []byte(document), Open: f.open})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	require.JSONEq(t, `{"type":"object","properties":{"name":{"type":"string"},"self":{"type":"string"},"team":{"type":"string"}}}`, text(t, doc.Operations[0].Body.Schema))
}

// Nothing is fetched for a name, and names cost no more than the text they are
// in.
func TestHostileIDs(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(w, `{"type":"string"}`)
	}))
	defer server.Close()
	wide := func(n int, form string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf(form, i)
		}
		return strings.Join(parts, ",")
	}
	deep := strings.Repeat(`{"$id":"x/","properties":{"a":`, 400) + `{}` + strings.Repeat(`}}`, 400)
	for name, schemas := range map[string]string{
		"elsewhere":          `"A":{"$id":"` + server.URL + `/a","properties":{"b":{"$ref":"` + server.URL + `/b"},"c":{"$ref":"c"}}}`,
		"long":               `"A":{"$id":"https://e.com/` + strings.Repeat("a", 1<<20) + `/","properties":{` + wide(50_000, `"p%d":{"$id":"x"}`) + `}}`,
		"long but no more":   `"A":{"$id":"https://e.com/` + strings.Repeat("a", 900) + `/","properties":{` + wide(50_000, `"p%d":{"$id":"x%[1]d"}`) + `}}`,
		"many":               wide(50_000, `"A%d":{"$id":"https://e.com/%[1]d","$anchor":"a"}`) + `,"A":{"$ref":"https://e.com/5"}`,
		"deep":               `"A":` + deep,
		"its own base":       `"A":{"$id":"#/components/schemas/A","$ref":"#/components/schemas/A"}`,
		"no address":         `"A":{"$id":"::%zz","$anchor":"","$ref":"::%zz"}`,
		"not text":           `"A":{"$id":{"a":1},"$anchor":[1],"$dynamicAnchor":null,"$ref":5}`,
		"a circle":           `"A":{"$id":"https://e.com/a","$ref":"b"},"B":{"$id":"https://e.com/b","$ref":"a"}`,
		"a circle with more": `"A":{"$id":"https://e.com/a","$ref":"b","required":["x"]},"B":{"$id":"https://e.com/b","$ref":"#c","properties":{"x":{"$dynamicRef":"#c"}},"$defs":{"C":{"$dynamicAnchor":"c","$ref":"a","minProperties":1}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			requireSane(t, modern(withPaths(`"/ok":{"get":{}},"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"properties":{"a":{"$ref":"#/components/schemas/A"},"b":{"$ref":"#a"}}}}}}}}`, `"schemas":{`+schemas+`}`)))
		})
	}
	require.Zero(t, hits.Load())
}
