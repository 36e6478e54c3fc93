package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// toYAML writes a JSON document as YAML, its members in the same order.
func toYAML(t testing.TB, document []byte) []byte {
	t.Helper()
	var node yaml.Node // JSON is YAML, so the order survives
	require.NoError(t, yaml.Unmarshal(document, &node))
	block(&node)
	out, err := yaml.Marshal(&node)
	require.NoError(t, err)
	return out
}

// block takes JSON's brackets and quotes from a node, where YAML can do
// without.
func block(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		block(child)
	}
}

func TestYAMLEqualsJSON(t *testing.T) {
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			document := referencedata.Read(t, name)
			converted := toYAML(t, document)
			require.True(t, strings.HasPrefix(string(converted), "openapi: 3.0.0\n"))
			fromJSON, fromYAML := read(t, string(document)), read(t, string(converted))
			require.Len(t, fromYAML.Operations, len(fromJSON.Operations))
			for i := range fromJSON.Operations {
				want, got := fromJSON.Operations[i], fromYAML.Operations[i]
				wanted, found := schemasOf(want), schemasOf(got)
				require.Len(t, found, len(wanted))
				for k := range wanted {
					require.Equal(t, text(t, wanted[k]), text(t, found[k]), want.Path)
				}
				require.Equal(t, want, got)
			}
			fromJSON.Operations, fromYAML.Operations = nil, nil
			require.Equal(t, fromJSON, fromYAML)
		})
	}
}

// schemaInYAML returns what a schema in YAML, in the flow style or indented by
// four at least, comes to.
func schemaInYAML(t *testing.T, schema string) string {
	t.Helper()
	op := readOne(t, "openapi: 3.1.0\npaths:\n  /a:\n    put:\n      requestBody:\n        content:\n          application/json:\n            schema:\n"+schema)
	return text(t, op.Body.Schema)
}

func TestYAMLScalars(t *testing.T) {
	for written, want := range map[string]string{
		"yes": `"yes"`, "no": `"no"`, "on": `"on"`, "off": `"off"`, "y": `"y"`, "N": `"N"`,
		"true": `true`, "True": `true`, "FALSE": `false`, `"true"`: `"true"`, "!!str true": `"true"`,
		"1": `1`, "-1": `-1`, "+1": `1`, "1.50": `1.50`, ".5": `0.5`, "1.": `1`, "1e3": `1e3`, "-0": `-0`,
		"0x10": `16`, "0o17": `15`, "0b11": `3`, "1_000": `1000`, "1__0": `"1__0"`,
		"9007199254740993": `9007199254740993`, "123456789012345678901234567890": `123456789012345678901234567890`,
		"0xFFFFFFFFFFFFFFFFFF": `"0xFFFFFFFFFFFFFFFFFF"`,
		".inf":                 `".inf"`, ".nan": `".nan"`,
		"2026-11-23": `"2026-11-23"`, "2026-11-23T10:00:00Z": `"2026-11-23T10:00:00Z"`, "10:30": `"10:30"`, "1.2.3": `"1.2.3"`,
		"!!binary aGk=": `"aGk="`, "!custom x": `"x"`, `!!int "true"`: `"true"`, `!!float "null"`: `"null"`,
		`""`: `""`, "'it''s'": `"it's"`, `"a\tb\u00e4"`: `"a\tbä"`, "a: b": "", "~": "", "null": "",
	} {
		t.Run(written, func(t *testing.T) {
			if want == "" { // no value, or no scalar
				require.NotContains(t, schemaInYAML(t, "              default:\n                "+written), `"default":"`)
				return
			}
			require.JSONEq(t, `{"default":`+want+`}`, schemaInYAML(t, "              default: "+written))
		})
	}
}

func TestYAMLText(t *testing.T) {
	for name, row := range map[string]struct{ written, want string }{
		"literal":      {"|\n                a\n                  b\n", "a\n  b\n"},
		"literal, cut": {"|-\n                a\n\n                b\n", "a\n\nb"},
		"folded":       {">\n                a\n                b\n\n                c\n", "a b\nc\n"},
		"plain":        {"a\n                b", "a b"},
		"quoted":       {"\"a\\n\n                b\"", "a\n b"},
		"with a hash":  {"a#b # comment", "a#b"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(map[string]string{"description": row.want})
			require.NoError(t, err)
			require.JSONEq(t, string(want), schemaInYAML(t, "              description: "+row.written))
		})
	}
}

func TestYAMLDocument(t *testing.T) {
	doc := read(t, `%YAML 1.2
---
# comments are no part of it
openapi: 3.0
info: {title: 2026, version: 1.0}
x-common: &common
  summary: shared
  tags: [&tag a, b]
  responses: &responses
    200: &ok
      content:
        application/json:
          schema: {type: object, properties: {first: {type: string}}}
x-other: &other
  summary: other
  deprecated: true
paths:
  /own:
    get:
      <<: *common
      summary: own
  /first:
    get:
      <<: [*common, *other]
  /nested:
    get:
      <<:
        <<: *other
        tags: [c]
  /alias:
    get:
      tags: [*tag, 1.0]
      responses:
        <<: *responses
        200:
          content:
            application/json:
              schema: {type: object, properties: {second: {type: string}}}
  /quoted:
    get:
      "<<": *common
  /absurd:
    get:
      <<: [[summary], summary, *other]
      responses: {<<: [[*ok]]}
---
openapi: the second document is none of ours
`)
	require.Equal(t, "1.0", doc.Version)
	summaries := map[string]string{}
	for _, op := range doc.Operations {
		summaries[op.Path] = op.Summary
	}
	require.Equal(t, map[string]string{"/own": "own", "/first": "shared", "/nested": "other", "/alias": "", "/quoted": "", "/absurd": "other"}, summaries)
	require.Nil(t, find(t, doc, "GET /absurd").Answer)
	require.Equal(t, []string{"a", "b"}, find(t, doc, "GET /own").Tags)
	require.True(t, find(t, doc, "GET /first").Deprecated)
	require.True(t, find(t, doc, "GET /nested").Deprecated)
	require.Equal(t, []string{"c"}, find(t, doc, "GET /nested").Tags)
	require.Equal(t, []string{"a", "1.0"}, find(t, doc, "GET /alias").Tags)
	require.JSONEq(t, `{"type":"object","properties":{"first":{"type":"string"}}}`, text(t, find(t, doc, "GET /own").Answer))
	require.JSONEq(t, `{"type":"object","properties":{"second":{"type":"string"}}}`, text(t, find(t, doc, "GET /alias").Answer))
}

func TestYAMLFaults(t *testing.T) {
	laughs := "openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := range 20 {
		name, last := string(rune('b'+i)), string(rune('a'+i))
		laughs += name + ": &" + name + " [" + strings.Repeat("*"+last+",", 9) + "]\n"
	}
	for name, row := range map[string]struct{ document, want string }{
		"billion laughs":           {laughs + "paths: {}\n", "aliases repeat more than 1,000,000 values"},
		"alias to itself":          {"openapi: 3.0.0\npaths: &p\n  /a: *p\n", "nests deeper than 1000 levels"},
		"merge of itself":          {"openapi: 3.0.0\npaths: &p\n  <<: *p\n", "nests deeper than 1000 levels"},
		"key that is its own":      {"&a ? *a : b\n", ""},
		"key that is a list":       {"openapi: 3.0.0\n? [a]\n: b\n", "line 2: a key must be a plain value"},
		"unknown alias":            {"openapi: *nowhere\n", "unknown anchor 'nowhere'"},
		"tab for indentation":      {"openapi: 3.0.0\npaths:\n\t/a: {}\n", "line"},
		"end in the middle":        {"openapi: 3.0.0\npaths: {/a: {get: ", "line 3"},
		"deep nesting in brackets": {"openapi: " + strings.Repeat("[", 10_001), "neither JSON"},
		"deep nesting":             {"openapi: " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000), "nests deeper than 1000 levels"},
		"deep nesting by indents":  {deepYAML(2_000), "nests deeper than 1000 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func() {
				_, err := openapi.Read(openapi.Source{Data: []byte(row.document)})
				require.ErrorContains(t, err, row.want)
			})
		})
	}
}

func deepYAML(levels int) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.0\n")
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
