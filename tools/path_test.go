package tools_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	listInPath   = `schema: {type: array, items: {type: string}}`
	objectInPath = `schema: {type: object, additionalProperties: true}`
)

// The table "Style Values" of OpenAPI 3.0.4 and 3.1.1, which is that of RFC 6570.
func TestPathStyles(t *testing.T) {
	for _, x := range []struct{ parameter, given, path string }{
		{`schema: {type: string}`, `"blue"`, "blue"},
		{`style: simple, ` + listInPath, `["b","g"]`, "b,g"},
		{`style: simple, explode: true, ` + listInPath, `["b","g"]`, "b,g"},
		{`style: simple, ` + objectInPath, `{"x":1,"y":"2"}`, "x,1,y,2"},
		{`style: simple, explode: true, ` + objectInPath, `{"x":1,"y":"2"}`, "x=1,y=2"},
		{`style: label`, `"blue"`, ".blue"},
		{`style: label, explode: true`, `"blue"`, ".blue"},
		{`style: label, ` + listInPath, `["b","g"]`, ".b,g"},
		{`style: label, explode: true, ` + listInPath, `["b","g"]`, ".b.g"},
		{`style: label, ` + objectInPath, `{"x":1,"y":"2"}`, ".x,1,y,2"},
		{`style: label, explode: true, ` + objectInPath, `{"x":1,"y":"2"}`, ".x=1.y=2"},
		{`style: matrix`, `"blue"`, ";the%20v=blue"},
		{`style: matrix, explode: true`, `true`, ";the%20v=true"},
		{`style: matrix, ` + listInPath, `["b","g"]`, ";the%20v=b,g"},
		{`style: matrix, explode: true, ` + listInPath, `["b","g"]`, ";the%20v=b;the%20v=g"},
		{`style: matrix, ` + objectInPath, `{"x":1,"y":"2"}`, ";the%20v=x,1,y,2"},
		{`style: matrix, explode: true, ` + objectInPath, `{"x":1,"y":"2"}`, ";x=1;y=2"},

		{`style: matrix`, `"a/b;c=d,e"`, ";the%20v=a%2Fb%3Bc%3Dd%2Ce"},
		{`style: label, explode: true, ` + objectInPath, `{"z/=":"ü;","a":"../x"}`, ".z%2F%3D=%C3%BC%3B.a=..%2Fx"},
		{`style: simple, ` + objectInPath, `{"a,b":"c,d"}`, "a%2Cb,c%2Cd"},
		{`style: simple, ` + objectInPath, `{"n":12345678901234567890,"o":{"p":1}}`, "n,12345678901234567890,o,%7B%22p%22:1%7D"},
		{`content: {application/json: {schema: {type: object}}}`, `{"a": ["/"]}`, "%7B%22a%22:%5B%22%2F%22%5D%7D"},
		{`content: {application/json: {schema: {type: string}}}`, `"."`, "%22.%22"},
		{`content: {text/plain: {schema: {type: string}}}`, `"x"`, "x"},
	} {
		parameter := `{name: "the v", in: path, required: true, ` + x.parameter + `}`
		c := catalogOf(t, `  "/x/{the v}/end/{id}": {get: {responses: {}, parameters: [`+parameter+`]}}`)
		require.Equal(t, "/x/"+x.path+"/end/1", mustBind(t, c, `{"the_v":`+x.given+`,"id":"1"}`).Request.Path, x.parameter)
	}
}

// In no style does a value leave its segment, or a segment that has no value.
func TestPathStylesOfValuesThatAreRefused(t *testing.T) {
	for _, style := range []string{"simple", "label", "matrix"} {
		for _, explode := range []string{"false", "true"} {
			for schema, values := range map[string][]string{
				`schema: {type: string}`: {`""`, `" "`, `"."`, `".."`, `" .. "`, `null`, `{}`},
				listInPath:               {`[]`, `[""]`, `["",""]`, `["."]`, `[".","."]`, `["a",null]`, `null`},
				objectInPath:             {`{}`, `{"":""}`, `{"":"."}`, `{".":"."}`, `{"a":null}`, `"a"`, `null`},
			} {
				c := catalogOf(t, `  /x/{v}: {delete: {responses: {}, parameters: [{name: v, in: path, required: true, style: `+style+`, explode: `+explode+`, `+schema+`}]}}`)
				for _, value := range values {
					_, err := bind(t, c, `{"v":`+value+`}`)
					require.ErrorContains(t, err, "- v", "%s %s %s", style, explode, value)
				}
				for _, other := range []string{`"..."`, `"/"`, `"%2e"`, `"..;"`, `["","x"]`, `["",".","/"]`, `{"":"x"}`, `{"a":""}`, `{"../":"/.."}`} {
					if call, err := bind(t, c, `{"v":`+other+`}`); err == nil {
						segment, ok := strings.CutPrefix(call.Request.Path, "/x/")
						require.True(t, ok)
						require.NotContains(t, []string{"", ".", ".."}, segment)
						require.NotContains(t, segment, "/")
					}
				}
			}
		}
	}
}
