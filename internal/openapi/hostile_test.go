package openapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// Two documents that hold a bit of everything.
const (
	smallJSON = `{"openapi":"3.0.3","info":{"title":"Things","version":"1"},"servers":[{"url":"https://{h}.example.com","variables":{"h":{"default":"a"}}}],
"paths":{"/things/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
"put":{"summary":"s","tags":["a"],"x-badges":[{"label":"b"}],"parameters":[{"name":"q","in":"query","schema":{"anyOf":[{"type":"string","nullable":true},{"type":"array","items":{"enum":["x",1,null]}}]}}],
"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
"responses":{"200":{"content":{"application/json":{"schema":{"type":"object","properties":{"data":{"$ref":"#/components/schemas/Thing"}}}}}}}}}},
"components":{"schemas":{"Thing":{"allOf":[{"type":"object","required":["name"],"properties":{"name":{"type":"string","pattern":"^a\\_b$","minLength":1},"next":{"$ref":"#/components/schemas/Thing"}}},
{"properties":{"n":{"type":"number","minimum":1,"exclusiveMinimum":true,"multipleOf":2},"k":{"oneOf":[{"const":"a"},{"not":{"type":"null"}}]}},"additionalProperties":{"type":"string"}}]}}}}`
	smallYAML = `openapi: 3.1.0
info: &info {title: Things, version: 1.0}
servers: [{url: 'https://example.com'}]
paths:
  /things/:id:
    get: &get
      summary: >-
        a
        b
      tags: [a, 2]
      parameters:
        - {name: q, in: query, schema: {type: [string, 'null'], enum: [yes, ~]}}
      responses:
        200:
          content:
            application/json: {schema: {type: array, prefixItems: [{const: 0x10}], items: {$ref: '#/components/schemas/A'}}}
    post:
      <<: *get
      summary: |
        literal
components:
  schemas:
    A: &a
      type: object
      patternProperties: {'^x\-': {exclusiveMaximum: 5}}
      properties: {a: {$ref: '#/components/schemas/A'}, b: {format: byte, type: string}}
`
)

func TestSmallDocuments(t *testing.T) {
	require.Len(t, read(t, smallJSON).Operations, 1)
	require.Len(t, read(t, smallYAML).Operations, 2)
}

// requireSane requires that a document ends in operations or a clear error, in
// time, and that what comes out is fit for clients.
func requireSane(t testing.TB, document string) {
	t.Helper()
	inTime(t, func() {
		doc, err := openapi.Read(openapi.Source{Data: []byte(document), Address: "https://example.com/a/spec"})
		if err != nil {
			require.Nil(t, doc)
			require.NotEmpty(t, err.Error())
			require.NotContains(t, err.Error(), "runtime error")
			return
		}
		require.NotEmpty(t, doc.Operations)
		for _, p := range doc.Problems {
			require.NotEmpty(t, p.Operation+p.Reason)
			require.NotEmpty(t, p.Reason)
		}
		for _, op := range doc.Operations[:min(len(doc.Operations), 10)] {
			op.Parameters = op.Parameters[:min(len(op.Parameters), 10)]
			for _, s := range schemasOf(op) {
				_, err := compiled(s)
				require.NoError(t, err)
			}
			eachSchema(t, op, func(s map[string]any) { requirePlain(t, s) })
		}
	})
}

func TestTruncatedDocuments(t *testing.T) {
	for name, document := range map[string]string{"JSON": smallJSON, "YAML": smallYAML} {
		t.Run(name, func(t *testing.T) {
			for i := range document {
				requireSane(t, document[:i])
				requireSane(t, document[:i]+document[i+1:])
			}
		})
	}
}

// Each value of a document in turn is something else.
func TestWrongTypes(t *testing.T) {
	others := []any{nil, true, 5, "x", []any{}, []any{map[string]any{}, nil, "x"}, map[string]any{}, map[string]any{"$ref": "#"}, map[string]any{"x": 1}}
	var root any
	require.NoError(t, json.Unmarshal([]byte(smallJSON), &root))
	places := 0
	eachPlace(root, func(set func(any)) {
		places++
		for _, other := range others {
			set(other)
			encoded, err := json.Marshal(root)
			require.NoError(t, err)
			requireSane(t, string(encoded))
		}
	})
	require.Greater(t, places, 80)
}

// eachPlace calls see with a function that sets each value in turn, and puts
// the value back.
func eachPlace(value any, see func(set func(any))) {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			see(func(other any) { v[name] = other })
			v[name] = item
			eachPlace(item, see)
		}
	case []any:
		for i, item := range v {
			see(func(other any) { v[i] = other })
			v[i] = item
			eachPlace(item, see)
		}
	}
}

func TestHostileDocuments(t *testing.T) {
	repeat := func(n int, format string) string {
		if racing {
			n /= 10
		}
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	nest := func(n int, open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	digits := strings.Repeat("9", 10_000)
	for name, document := range map[string]string{
		"JSON nested deeply, arrays":             `{"openapi":"3.0.0","x":` + nest(10_000, "[", "", "]") + `}`,
		"JSON nested deeply, objects":            `{"openapi":"3.0.0","x":` + nest(10_000, `{"a":`, "1", "}") + `}`,
		"JSON nested deeply, no end":             `{"openapi":"3.0.0","x":` + strings.Repeat(`{"a":[`, 100_000),
		"schema nested deeply":                   withSchema(nest(300, `{"properties":{"a":`, "{}", "}}")),
		"union nested deeply":                    withSchema(nest(300, `{"anyOf":[`, "{}", "]}")),
		"composition nested deeply":              withSchema(nest(300, `{"allOf":[`, `{"type":"object"}`, "]}")),
		"negation nested deeply":                 withSchema(nest(900, `{"not":`, "{}", "}")),
		"YAML nested deeply, brackets":           "openapi: 3.0.0\nx: " + nest(9_000, "[", "", "]"),
		"YAML nested deeply, braces":             "openapi: 3.0.0\nx: " + nest(5_000, "{a: ", "1", "}"),
		"YAML nested deeply, dashes":             "openapi: 3.0.0\nx:\n " + strings.Repeat("- ", 5_000) + "a\n",
		"YAML of question marks":                 "openapi: 3.0.0\nx:\n " + strings.Repeat("? ", 5_000) + "a\n",
		"YAML of anchors":                        "openapi: 3.0.0\nx: [" + repeat(50_000, "&a%d x") + "]\npaths: {/a: {get: {}}}\n",
		"YAML of aliases":                        "openapi: 3.0.0\nx: &a [1, 2, 3]\ny: [" + repeat(100_000, "*a #%d\n") + "]\npaths: {/a: {get: {}}}\n",
		"YAML of merges":                         "openapi: 3.0.0\nx: &a {a: 1}\ny: {<<: [" + repeat(50_000, "*a #%d\n") + "]}\npaths: {/a: {get: {}}}\n",
		"YAML of tags":                           "openapi: !!float three\npaths: !!binary x\n",
		"YAML of documents":                      strings.Repeat("---\nopenapi: 3.0.0\n", 10_000),
		"enum of 200,000 values":                 withSchema(`{"type":"string","enum":[` + repeat(200_000, `"value %d"`) + `]}`),
		"enum of 100,000 values, mixed":          withSchema(`{"enum":[` + repeat(100_000, `"value %[1]d",%[1]d`) + `]}`),
		"enums of 100,000 values, both":          withSchema(`{"allOf":[{"type":"string","enum":[` + repeat(100_000, `"a%d"`) + `]},{"type":"string","enum":[` + repeat(100_000, `"b%d"`) + `]}]}`),
		"enum of 10,000 values, at 4,000 places": withSchema(`{"properties":{`+repeat(4_000, `"p%d":{"$ref":"#/components/schemas/E"}`)+`}}`, `"E":{"type":"string","enum":[`+repeat(10_000, `"value %d"`)+`]}`),
		"union of 100,000 branches":              withSchema(`{"oneOf":[` + repeat(100_000, `{"type":"object","properties":{"kind":{"const":"%d"}}}`) + `]}`),
		"composition of 20,000 branches":         withSchema(`{"allOf":[` + repeat(20_000, `{"required":["r%[1]d"],"properties":{"p%[1]d":{},"same":{"minLength":%[1]d}}}`) + `]}`),
		"100,000 required names":                 withSchema(`{"required":[` + repeat(100_000, `"%d"`) + `]}`),
		"100,000 required names, twice":          withSchema(`{"allOf":[{"required":[` + repeat(100_000, `"a%d"`) + `]},{"required":[` + repeat(100_000, `"b%d"`) + `]}]}`),
		"100,000 types":                          withSchema(`{"type":[` + repeat(100_000, `"t%d"`) + `]}`),
		"100,000 patterns":                       withSchema(`{"patternProperties":{` + repeat(100_000, `"^x%d$":{}`) + `}}`),
		"100,000 tags":                           withOperation("/a", `"tags":[`+repeat(100_000, `"t%d"`)+`]`, ``),
		"100,000 parameters":                     withOperation("/a", `"parameters":[`+repeat(100_000, `{"name":"p%d","in":"query","schema":{"type":"string"}}`)+`]`, ``),
		"100,000 media types":                    withOperation("/a", `"requestBody":{"content":{`+repeat(100_000, `"a/b%d":{}`)+`}}`, ``),
		"100,000 answers":                        withOperation("/a", `"responses":{`+repeat(100_000, `"2%d":{}`)+`}`, ``),
		"100,000 paths":                          withPaths(repeat(100_000, `"/p%d/{id}":{"get":{}}`)),
		"100,000 references in a chain":          withSchema(`{"$ref":"#/components/schemas/S0"}`, repeat(100_000, `"S%d":{"$ref":"#/components/schemas/S0"}`)),
		"20,000 schemas in a chain":              withSchema(`{"$ref":"#/components/schemas/S0"}`, chain(20_000)),
		"1,000,000 properties":                   withSchema(`{"properties":{` + repeat(1_000_000, `"p%d":{"type":"string"}`) + `}}`),
		"a path of a megabyte":                   withPaths(`"/` + strings.Repeat("{a}/:b/", 150_000) + `":{"get":{}}`),
		"a pattern of a megabyte":                withSchema(`{"type":"string","pattern":"` + strings.Repeat("a{1}", 250_000) + `"}`),
		"a pattern of many groups":               withSchema(`{"type":"string","pattern":"` + nest(50_000, "(", "a", ")") + `"}`),
		"a pattern that multiplies":              withSchema(`{"type":"string","pattern":"((((a{1000}){1000}){1000}){1000})"}`),
		"a pointer of a megabyte":                withSchema(`{"$ref":"#` + strings.Repeat("/a", 500_000) + `"}`),
		"repeated names":                         withPaths(repeat(10_000, `"/a":{"get":{}},"/b%d":{}`)),
		"huge integers":                          withSchema(`{"type":"integer","minimum":` + digits + `,"default":` + digits + `,"enum":[` + digits + `],"maxLength":` + digits + `}`),
		"huge exponents":                         withSchema(`{"type":"number","minimum":1e999999999,"maximum":-1e999999999,"exclusiveMinimum":1e-999999999,"multipleOf":1e999999999}`),
		"huge exponents as values":               withSchema(`{"type":"number","default":1e999999999,"enum":[1e999999999,1e-999999999,0e999999999]}`),
		"huge exponents inside values":           withSchema(`{"type":"object","default":{"a":[1e999999999]},"enum":[{"a":1e999999999}]}`),
		"huge lengths":                           withSchema(`{"type":"string","minLength":18446744073709551615,"maxLength":9223372036854775808}`),
		"invalid UTF-8":                          withSchema("{\"type\":\"string\",\"pattern\":\"\xff\",\"enum\":[\"\xfe\",\"\xc3\"],\"properties\":{\"\xff\":{},\"\xfe\":{}}}"),
		"invalid UTF-8 in YAML":                  "openapi: 3.0.0\ninfo: {title: \xff}\npaths: {/a: {get: {}}}\n",
		"UTF-16":                                 "\xff\xfe{\x00}\x00",
		"UTF-16 in YAML":                         "\xff\xfeo\x00p\x00e\x00n\x00a\x00p\x00i\x00:\x00 \x003\x00",
		"NUL bytes within":                       strings.ReplaceAll(smallJSON, " ", "\x00"),
		"NUL bytes within YAML":                  strings.ReplaceAll(smallYAML, "a", "\x00"),
		"NUL in names":                           withPaths(`"/a\u0000/{b\u0000}":{"get":{"parameters":[{"name":"b\u0000","in":"path"}]}}`),
		"two byte order marks":                   "\xef\xbb\xbf\xef\xbb\xbf" + smallJSON,
		"reference to everything":                withSchema(`{"$ref":"#"}`),
		"reference to itself":                    withSchema(`{"$ref":"#/paths/~1things/post/requestBody/content/application~1json/schema"}`),
		"reference to a parent":                  withSchema(`{"type":"object","properties":{"a":{"$ref":"#/paths/~1things/post/requestBody/content/application~1json/schema"}}}`),
		"path item that is itself":               withPaths(`"/a":{"$ref":"#/paths/~1a"},"/b":{"get":{}}`),
		"body that is itself":                    withPaths(`"/a":{"post":{"requestBody":{"$ref":"#/paths/~1a/post/requestBody"}}},"/b":{"get":{}}`),
	} {
		t.Run(name, func(t *testing.T) { requireSane(t, document) })
	}
}

// chain is n schemas, each of which holds the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"S%d":{"properties":{"next":{"$ref":"#/components/schemas/S%d"}}},`, i, i+1)
	}
	fmt.Fprintf(&b, `"S%d":{}`, n)
	return b.String()
}
