package tools_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

// The request that arguments make, for paths and names that no document of
// Retool has.
func TestOddPathsAndNamesAreSent(t *testing.T) {
	long := strings.Repeat("long_", 20)
	for name, row := range map[string]struct{ path, operation, given, want string }{
		"a blank":                  {"/my things", `{get: {}}`, `{}`, "GET /my%20things"},
		"letters outside ASCII":    {"/größe/日本", `{get: {}}`, `{}`, "GET /gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC"},
		"encoded already":          {"/my%20things/%c3%a9", `{get: {}}`, `{}`, "GET /my%20things/%C3%A9"},
		"a percent sign":           {"/100%/x", `{get: {}}`, `{}`, "GET /100%25/x"},
		"quotes and brackets":      {`/a"b[c]<d>`, `{get: {}}`, `{}`, "GET /a%22b%5Bc%5D%3Cd%3E"},
		"signs of a path":          {"/a:b;c=1,2@x", `{get: {}}`, `{}`, "GET /a:b;c=1,2@x"},
		"a parameter with a blank": {"/x/{user id}/ö{a}", `{get: {}}`, `{"user_id":"a b","a":"/"}`, "GET /x/a%20b/%C3%B6%2F"},
		"a parameter in Japanese":  {"/x/{名前}", `{get: {}}`, `{"ARG":"é"}`, "GET /x/%C3%A9"},
		"parameters of one name":   {"/x/{a b}/{a_b}", `{get: {}}`, `{"a_b":"1","a_b_path":"2"}`, "GET /x/1/2"},
		"an invisible parameter":   {"/x/{a\u200bb}", `{get: {}}`, `{"a_b":"1"}`, "GET /x/1"},

		"underscores":             {"/x", `{get: {parameters: [{name: _id, in: query}, {name: id, in: query}, {name: __v_, in: query}]}}`, `{"_id":"1","id":"2","__v_":"3"}`, "GET /x _id=1&id=2&__v_=3"},
		"an underscore in a path": {"/x/{_id}", `{get: {}}`, `{"_id":"1"}`, "GET /x/1"},
		"fields of a body":        {"/x", `{post: {requestBody: {content: {application/json: {schema: {type: object, properties: {_id: {type: string}, id: {type: string}, 'a b': {type: string}}}}}}}}`, `{"_id":"1","id":"2","a_b":"3"}`, `POST /x {"_id":"1","id":"2","a b":"3"}`},
		"signs at the ends":       {"/x", `{get: {parameters: [{name: '$top', in: query}, {name: 'filter[a]', in: query}, {name: '@id', in: query}]}}`, `{"top":"1","filter_a":"2","id":"3"}`, "GET /x %24top=1&filter%5Ba%5D=2&%40id=3"},
		"a long name twice":       {"/x/{" + long[:64] + "}", `{get: {parameters: [{name: ` + long[:64] + `, in: query}]}}`, `{"` + long[:64] + `":"1","` + long[:58] + `_query":"2"}`, "GET /x/1 " + long[:64] + "=2"},

		"mixed values of text":     {"/x", `{get: {parameters: [{name: e, in: query, schema: {type: string, enum: [auto, 1, true]}}]}}`, `{"e":"1"}`, "GET /x e=1"},
		"given as a number":        {"/x", `{get: {parameters: [{name: e, in: query, schema: {type: string, enum: [auto, 1, true]}}]}}`, `{"e":1}`, "GET /x e=1"},
		"given as a boolean":       {"/x", `{get: {parameters: [{name: e, in: query, schema: {type: string, enum: [auto, 1, true]}}]}}`, `{"e":true}`, "GET /x e=true"},
		"mixed values, no type":    {"/x", `{get: {parameters: [{name: e, in: query, schema: {enum: [auto, 1, true]}}]}}`, `{"e":true}`, "GET /x e=true"},
		"mixed values in a body":   {"/x", `{post: {requestBody: {content: {application/json: {schema: {type: object, properties: {e: {enum: [auto, 1, true, null]}}}}}}}}`, `{"e":1}`, `POST /x {"e":1}`},
		"numbers written as texts": {"/x", `{post: {requestBody: {content: {application/json: {schema: {type: object, properties: {e: {type: integer, enum: ['1', '2']}}}}}}}}`, `{"e":2}`, `POST /x {"e":2}`},
		"booleans as texts":        {"/x", `{post: {requestBody: {content: {application/json: {schema: {type: object, properties: {e: {type: boolean, enum: ['true']}}}}}}}}`, `{"e":true}`, `POST /x {"e":true}`},
		"two types":                {"/x", `{post: {requestBody: {content: {application/json: {schema: {type: object, properties: {e: {type: [string, integer], enum: [auto, 1]}}}}}}}}`, `{"e":1}`, `POST /x {"e":1}`},

		"null in a query object":      {"/x", `{get: {parameters: [{name: o, in: query, schema: {type: object, additionalProperties: true}}]}}`, `{"o":{"d":1,"e":null}}`, "GET /x d=1"},
		"in brackets":                 {"/x", `{get: {parameters: [{name: o, in: query, style: deepObject, explode: true, schema: {type: object}}]}}`, `{"o":{"e":null,"f":""}}`, "GET /x o%5Bf%5D="},
		"joined":                      {"/x", `{get: {parameters: [{name: o, in: query, explode: false, schema: {type: object}}]}}`, `{"o":{"d":1,"e":null}}`, "GET /x o=d,1"},
		"nothing else":                {"/x", `{get: {parameters: [{name: o, in: query, explode: false, schema: {type: object}}]}}`, `{"o":{"e":null}}`, "GET /x"},
		"null in a query list":        {"/x", `{get: {parameters: [{name: l, in: query, schema: {type: array, items: {}}}]}}`, `{"l":[1,null,2]}`, "GET /x l=1&l=2"},
		"null in a joined list":       {"/x", `{get: {parameters: [{name: l, in: query, explode: false, schema: {type: array, items: {}}}]}}`, `{"l":[1,null,2]}`, "GET /x l=1,2"},
		"the four letters stay":       {"/x", `{get: {parameters: [{name: o, in: query, schema: {type: object}}]}}`, `{"o":{"e":"null"}}`, "GET /x e=null"},
		"null in JSON stays":          {"/x", `{get: {parameters: [{name: o, in: query, content: {application/json: {schema: {type: object}}}}]}}`, `{"o":{"e":null}}`, "GET /x o=%7B%22e%22%3Anull%7D"},
		"a header with one value":     {"/x", `{get: {parameters: [{name: X-Version, in: header, required: true, schema: {type: string, enum: ['2']}}]}}`, `{}`, "GET /x X-Version: 2"},
		"a number":                    {"/x", `{get: {parameters: [{name: X-Version, in: header, required: true, schema: {type: integer, enum: [2]}}]}}`, `{}`, "GET /x X-Version: 2"},
		"a constant":                  {"/x", `{get: {parameters: [{name: X-On, in: header, required: true, schema: {const: true}}]}}`, `{}`, "GET /x X-On: true"},
		"behind a reference":          {"/x", `{get: {parameters: [{name: X-A, in: header, required: true, schema: {allOf: [{type: string, enum: [a]}]}}]}}`, `{}`, "GET /x X-A: a"},
		"the operation's own":         {"/x", `{parameters: [{name: X-A, in: header, required: true, schema: {enum: [a]}}], get: {parameters: [{name: x-a, in: header, required: true, schema: {enum: [b]}}]}}`, `{}`, "GET /x x-a: b"},
		"an optional one is not sent": {"/x", `{get: {parameters: [{name: X-A, in: header, schema: {enum: [a]}}]}}`, `{}`, "GET /x"},
	} {
		t.Run(name, func(t *testing.T) {
			c := catalogOf(t, fmt.Sprintf("  %q: %s", row.path, row.operation))
			tool := &c.Tools[0]
			require.Regexp(t, `^[a-z][a-z0-9_]{0,46}$`, tool.Name)
			for _, a := range tool.Args {
				require.Regexp(t, `^[a-zA-Z0-9_.-]{1,64}$`, a.Name)
				row.given = strings.ReplaceAll(row.given, "ARG", a.Name)
				break
			}
			require.NotRegexp(t, `[^\x21-\x7e]`, tool.Path)
			r := mustBind(t, c, row.given).Request
			got := r.Method + " " + r.Path
			for _, part := range []string{r.Query, string(r.Body), headerLine(r.Headers)} {
				if part != "" {
					got += " " + part
				}
			}
			require.Equal(t, row.want, got)
		})
	}
}

func headerLine(headers []tools.Header) (line string) {
	for _, h := range headers {
		line += h.Name + ": " + h.Value
	}
	return line
}

func TestAPathTakesNoNull(t *testing.T) {
	c := catalogOf(t, "  /x/{l}: {get: {parameters: [{name: l, in: path, required: true, schema: {type: array, items: {}}}]}}")
	_, err := bind(t, c, `{"l":["a",null]}`)
	require.ErrorContains(t, err, "l: must not contain null")
}
