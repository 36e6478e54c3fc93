package openapi_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

func TestLocalReferences(t *testing.T) {
	components := []string{
		`"Plain":{"type":"string","description":"plain"}`,
		`"a/b":{"type":"string","description":"slash"}`,
		`"a~b":{"type":"string","description":"tilde"}`,
		`"~1":{"type":"string","description":"tilde and one"}`,
		`"a b":{"type":"string","description":"space"}`,
		`"a%b":{"type":"string","description":"per cent"}`,
		`"ä":{"type":"string","description":"umlaut"}`,
		`"List":{"oneOf":[{"type":"string","description":"first"},{"type":"string","description":"second"}]}`,
		`"Chain":{"$ref":"#/components/schemas/Link"}`,
		`"Link":{"$ref":"#/components/schemas/Plain"}`,
	}
	for ref, want := range map[string]string{
		"#/components/schemas/Plain":             "plain",
		"#/components/schemas/a~1b":              "slash",
		"#/components/schemas/a~0b":              "tilde",
		"#/components/schemas/~01":               "tilde and one",
		"#/components/schemas/a%20b":             "space",
		"#/components/schemas/a b":               "space",
		"#/components/schemas/a%25b":             "per cent",
		"#/components/schemas/%C3%A4":            "umlaut",
		"#/components/schemas/ä":                 "umlaut",
		"#/components/schemas/List/oneOf/1":      "second",
		"#/components/schemas/Chain":             "plain",
		"#/components%2Fschemas%2FPlain":         "plain",
		"#/components/schemas/List/oneOf/0":      "first",
		"#/components/schemas/%50lain":           "plain",
		"#/components/schemas/List/oneOf/1/type": "",
	} {
		t.Run(ref, func(t *testing.T) {
			document := withSchema(`{"$ref":"`+ref+`"}`, components...)
			if want == "" {
				requireProblem(t, document, "POST /things", "a schema is a string instead of an object")
				return
			}
			require.JSONEq(t, `{"type":"string","description":"`+want+`"}`, text(t, readOne(t, document).Body.Schema))
		})
	}
	for ref, reason := range map[string]string{
		"#/components/schemas/None":         `$ref "#/components/schemas/None": there is no such value`,
		"#/components/schemas/List/oneOf/2": "there is no such value",
		"#/components/schemas/Plain/a/b":    "there is no such value",
		"#Plain":                            `only JSON pointers are understood after \"#\"`,
		"#/components/schemas/%zz":          "invalid URL escape",
	} {
		t.Run("broken: "+ref, func(t *testing.T) {
			requireProblem(t, withSchema(`{"$ref":"`+ref+`"}`, components...), "POST /things", strings.ReplaceAll(reason, `\"`, `"`))
		})
	}
}

func TestReferencesEverywhere(t *testing.T) {
	op := readOne(t, withPaths(`"/a/{id}":{"$ref":"#/components/pathItems/Item"}`,
		`"pathItems":{"Item":{"put":{
			"parameters":[{"$ref":"#/components/parameters/ID"}],
			"requestBody":{"$ref":"#/components/requestBodies/Body"},
			"responses":{"200":{"$ref":"#/components/responses/OK"}}}}}`,
		`"parameters":{"ID":{"name":"id","in":"path","schema":{"$ref":"#/components/schemas/S"}}}`,
		`"requestBodies":{"Body":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}`,
		`"responses":{"OK":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}`,
		`"schemas":{"S":{"type":"string","maxLength":5}}`))
	require.Equal(t, "PUT", op.Method)
	require.Equal(t, "/a/{id}", op.Path)
	require.Len(t, schemasOf(op), 3)
	for _, s := range schemasOf(op) {
		require.JSONEq(t, `{"type":"string","maxLength":5}`, text(t, s))
	}
}

func TestReferenceSiblings(t *testing.T) {
	convert(t, []conversion{{
		name:    "annotations beside a reference are the place's own",
		schema:  `{"properties":{"a":{"$ref":"#/components/schemas/S","description":"own","default":"x","deprecated":true},"b":{"$ref":"#/components/schemas/S"}}}`,
		schemas: []string{`"S":{"type":"string","description":"shared"}`},
		want: `{"type":"object","properties":{
			"a":{"type":"string","description":"own","default":"x","deprecated":true},
			"b":{"type":"string","description":"shared"}}}`,
	}})
}

// What no operation needs may be as broken as it likes.
func TestBrokenReferencesThatDoNotMatter(t *testing.T) {
	op := readOne(t, withPaths(`"/a":{"put":{
		"requestBody":{"content":{"application/json":{
			"schema":{"type":"string","example":{"$ref":"#/no"},"externalDocs":{"$ref":"#/no"}},
			"examples":{"a":{"$ref":"missing.json"}}},
			"text/plain":{"schema":{"$ref":"#/no"}}}},
		"responses":{"200":{"$ref":"https://example.com/x"},"400":{"$ref":"#/no"},
			"201":{"content":{"application/json":{"schema":{"$ref":"../../outside.json"}}}}},
		"callbacks":{"c":{"$ref":"#/no"}}}}`,
		`"schemas":{"Unused":{"$ref":"#/no"},"Loop":{"$ref":"#/components/schemas/Loop"}}`))
	require.JSONEq(t, `{"type":"string"}`, text(t, op.Body.Schema))
	require.Nil(t, op.Answer)
}

func TestReferenceLoops(t *testing.T) {
	for name, schemas := range map[string][]string{
		"of one": {`"A":{"$ref":"#/components/schemas/A"}`},
		"of two": {`"A":{"$ref":"#/components/schemas/B"}`, `"B":{"$ref":"#/components/schemas/A"}`},
	} {
		t.Run(name, func(t *testing.T) {
			requireProblem(t, withSchema(`{"$ref":"#/components/schemas/A"}`, schemas...), "POST /things",
				"request body: the $ref leads back to itself")
		})
	}
}

// folder is a document's folder: its files by their slash-separated paths.
type folder struct {
	files map[string]string
	opens map[string]int
}

func (f *folder) open(name string) ([]byte, error) {
	if f.opens == nil {
		f.opens = map[string]int{}
	}
	f.opens[name]++
	if data, ok := f.files[name]; ok {
		return []byte(data), nil
	}
	return nil, fs.ErrNotExist
}

func TestFileReferences(t *testing.T) {
	f := &folder{files: map[string]string{
		"schemas/user.json":      `{"User":{"type":"object","properties":{"team":{"$ref":"team.yaml#/Team"},"kind":{"$ref":"#/Kind"},"home":{"$ref":"../shared/address.yaml"},"tree":{"$ref":"../tree.json"}}},"Kind":{"type":"string","enum":["a"]}}`,
		"schemas/team.yaml":      "Team:\n  type: object\n  properties:\n    lead:\n      $ref: user.json#/User\n",
		"shared/address.yaml":    "type: object\nproperties:\n  city: {$ref: 'with%20space.json'}\n",
		"shared/with space.json": `{"type":"string"}`,
		"paths/users.yaml":       "post:\n  parameters:\n    - $ref: ../parameters.yaml#/Limit\n  requestBody:\n    content:\n      application/json:\n        schema:\n          $ref: ../schemas/user.json#/User\n",
		"tree.json":              `{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"tree.json"}}}`,
		"parameters.yaml":        "Limit: {name: limit, in: query, schema: {type: integer}}\n",
	}}
	document := withPaths(`"/users":{"$ref":"paths/users.yaml"},"/again":{"$ref":"./paths/../paths/users.yaml"}`)
	doc, err := openapi.Read(openapi.Source{Data: []byte(document), Open: f.open})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	require.Len(t, doc.Operations, 2)
	for _, op := range doc.Operations {
		require.JSONEq(t, `{"type":"integer"}`, text(t, parameter(t, op, "limit").Schema))
		require.JSONEq(t, `{"type":"object","properties":{
			"team":{"type":"object","properties":{"lead":{"type":"object","description":"the same shape again, nested"}}},
			"kind":{"type":"string","enum":["a"]},
			"home":{"type":"object","properties":{"city":{"type":"string"}}},
			"tree":{"type":"object","properties":{
				"left":{"type":"object","description":"the same shape again, nested"},
				"right":{"type":"object","description":"the same shape again, nested"}}}}}`, text(t, op.Body.Schema))
	}
	require.Equal(t, 7, doc.Files)
	require.Equal(t, map[string]int{
		"paths/users.yaml": 1, "parameters.yaml": 1, "schemas/user.json": 1, "schemas/team.yaml": 1,
		"shared/address.yaml": 1, "shared/with space.json": 1, "tree.json": 1,
	}, f.opens, "each file is read once")
}

func TestFileReferencesThatFail(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(w, `{"type":"string"}`)
	}))
	defer server.Close()

	const network = "references are not followed over the network"
	const outside = "the file lies outside the document's folder"
	for ref, reason := range map[string]string{
		server.URL + "/schema.json":                  network,
		server.URL + "/schema.json#/A":               network,
		strings.TrimPrefix(server.URL, "http:"):      network,
		strings.ToUpper(server.URL[:4]) + "://a.b/c": network,
		"https://127.0.0.1:1/x":                      network,
		"file:///etc/hostname":                       network,
		"ftp://example.com/x":                        network,
		"data:,x":                                    network,
		`C:\\x.json`:                                 network,
		"../x.json":                                  outside,
		"a/../../x.json":                             outside,
		"%2e%2e/x.json":                              outside,
		"..":                                         outside,
		"/x.json":                                    outside,
		"%2Fx.json":                                  outside,
		"a/up.yaml":                                  outside,
		"missing.json":                               "file does not exist",
		"broken.json":                                "the JSON ends in the middle",
		"empty.yaml":                                 "the document is empty",
		"fine.json#/none":                            "there is no such value",
		"%zz.json":                                   "",
	} {
		t.Run(ref, func(t *testing.T) {
			f := &folder{files: map[string]string{
				"a/up.yaml": "$ref: ../../x.json", "broken.json": `{"type":`, "empty.yaml": "\n", "fine.json": `{"type":"string"}`,
			}}
			document := withPaths(`"/sound":{"get":{}},"/a":{"put":{"requestBody":{"content":{"application/json":{"schema":{
				"properties":{"a":{"$ref":"` + ref + `"}}}}}}}},"/b":{"get":{"parameters":[{"$ref":"` + ref + `"}]}}`)
			doc, err := openapi.Read(openapi.Source{Data: []byte(document), Address: server.URL + "/openapi.json", Open: f.open})
			require.NoError(t, err)
			require.Len(t, doc.Operations, 1)
			require.Len(t, doc.Problems, 2)
			for _, p := range doc.Problems {
				require.Contains(t, p.Reason, "$ref")
				require.Contains(t, p.Reason, reason)
			}
			for name, n := range f.opens {
				require.Equal(t, 1, n, "%s is read once even though it fails", name)
				require.NotContains(t, name, "..")
			}
		})
	}
	require.Zero(t, hits.Load(), "nothing is ever fetched")
}

func TestFileReferencesWithoutAFolder(t *testing.T) {
	requireProblem(t, withSchema(`{"$ref":"a.json"}`), "POST /things",
		"references to other files are followed only from a document that is a file itself")
}
