package tools_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

// everyKind takes a field of every kind, none required but n.
const everyKind = `
  /things:
    post:
      responses: {}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [n]
              additionalProperties: false
              properties:
                n: {type: integer, minimum: 1, maximum: 10}
                f: {type: number}
                b: {type: boolean}
                s: {type: string, minLength: 2}
                e: {type: string, enum: [alpha, beta, 'true']}
                null_s: {type: [string, 'null']}
                list: {type: array, items: {type: integer}}
                o: {type: object, additionalProperties: false, properties: {deep: {type: integer}, tags: {type: array, items: {type: string}}}, required: [deep]}
                either: {anyOf: [{type: array, items: {type: string}}, {type: string}]}
                union: {oneOf: [{type: object, properties: {type: {const: a}}, required: [type, id], additionalProperties: false}, {type: object, properties: {type: {const: b}}}]}
                anything: {}
`

func TestClearValuesAreConverted(t *testing.T) {
	c := catalogOf(t, everyKind)
	for _, x := range []struct{ given, sent string }{
		{`{"n":5}`, `{"n":5}`},
		{`{"n":"5"}`, `{"n":5}`},
		{`{"n":5.0}`, `{"n":5.0}`},
		{`{"n":1e1}`, `{"n":1e1}`},
		{`{"n":5,"s":1e2}`, `{"n":5,"s":"100"}`},
		{`{"n":5,"s":12345678901234567890.0}`, `{"n":5,"s":"12345678901234567890"}`},
		{`{"n":5,"list":" 10 "}`, `{"n":5,"list":[10]}`},
		{`{"n":5,"f":"2.50"}`, `{"n":5,"f":2.50}`},
		{`{"n":5,"b":"true"}`, `{"n":5,"b":true}`},
		{`{"n":5,"b":"False"}`, `{"n":5,"b":false}`},
		{`{"n":5,"s":12345678901234567890}`, `{"n":5,"s":"12345678901234567890"}`},
		{`{"n":5,"e":true}`, `{"n":5,"e":"true"}`},
		{`{"n":5,"list":7}`, `{"n":5,"list":[7]}`},
		{`{"n":5,"list":"7"}`, `{"n":5,"list":[7]}`},
		{`{"n":5,"list":"[1,2]"}`, `{"n":5,"list":[1,2]}`},
		{`{"n":5,"list":["1",2]}`, `{"n":5,"list":[1,2]}`},
		{`{"n":5,"o":"{\"deep\":1}"}`, `{"n":5,"o":{"deep":1}}`},
		{`{"n":5,"o":{"deep":"1","tags":"x"}}`, `{"n":5,"o":{"deep":1,"tags":["x"]}}`},
		{`{"n":5,"null_s":null}`, `{"n":5,"null_s":null}`},
		{`{"n":5,"null_s":7}`, `{"n":5,"null_s":"7"}`},
		// A value that fits is never touched, whatever it looks like.
		{`{"n":5,"s":"[1]"}`, `{"n":5,"s":"[1]"}`},
		{`{"n":5,"null_s":"null"}`, `{"n":5,"null_s":"null"}`},
		{`{"n":5,"either":"[\"a\"]"}`, `{"n":5,"either":"[\"a\"]"}`},
		{`{"n":5,"anything":"5"}`, `{"n":5,"anything":"5"}`},
		{`{"n":5,"s":"<b>&amp;"}`, `{"n":5,"s":"<b>&amp;"}`},
	} {
		call, err := bind(t, c, x.given)
		require.NoError(t, err, x.given)
		require.Equal(t, x.sent, string(call.Request.Body), x.given)
	}
}

func TestNumbersKeepFullPrecision(t *testing.T) {
	c := catalogOf(t, everyKind)
	call := mustBind(t, c, `{"n":1,"f":9007199254740993,"anything":{"id":12345678901234567890,"x":1e400}}`)
	require.Equal(t, `{"n":1,"f":9007199254740993,"anything":{"id":12345678901234567890,"x":1e400}}`, string(call.Request.Body))
}

func TestUnionsAreLeftToTheAPI(t *testing.T) {
	c := catalogOf(t, everyKind)
	for _, value := range []string{
		`{"type":"a"}`,                       // lacks what its branch requires
		`{"type":"a","id":1,"extra":true}`,   // has what its branch forbids
		`{"type":"c","new_in":"a release"}`,  // is of no branch at all
		`{"id":12345678901234567890,"z":[]}`, // and says not which
	} {
		call := mustBind(t, c, `{"n":1,"union":`+value+`}`)
		require.Equal(t, `{"n":1,"union":`+value+`}`, string(call.Request.Body))
	}
	_, err := bind(t, c, `{"n":1,"union":"text"}`)
	require.ErrorContains(t, err, "union: must be an object, not a string")
	call := mustBind(t, c, `{"n":1,"union":"{\"type\":\"a\"}"}`)
	require.Equal(t, `{"n":1,"union":{"type":"a"}}`, string(call.Request.Body))
}

func TestAllFaultsAreReportedWithPathAndExpectation(t *testing.T) {
	c := catalogOf(t, everyKind)
	for _, x := range []struct {
		name, given string
		want        []string
	}{
		{"missing", `{}`, []string{"n: missing, a whole number from 1 to 10"}},
		{"out of range", `{"n":11}`, []string{"n: must be a whole number from 1 to 10, not 11"}},
		{"not a whole number", `{"n":1.5}`, []string{"n: must be a whole number from 1 to 10"}},
		{"text for a number", `{"n":"many"}`, []string{"n: must be a whole number from 1 to 10, not a string"}},
		{"enum, nearly right", `{"n":1,"e":"alpa"}`, []string{`e: must be one of "alpha", "beta", "true" (did you mean alpha?), not "alpa"`}},
		{"deep", `{"n":1,"o":{"deep":"x","depe":1}}`, []string{"o.deep: must be a whole number, not a string", `o: unknown field "depe" (did you mean deep?) (known: deep, tags)`}},
		{"deep and missing", `{"n":1,"o":{}}`, []string{"o.deep: missing, a whole number"}},
		{"in a list", `{"n":1,"list":[1,"two",3]}`, []string{"list.1: must be a whole number, not a string"}},
		{"too short", `{"n":1,"s":"a"}`, []string{"s: must have at least 2 characters"}},
		{"null where none may be", `{"n":null}`, []string{"n: must be a whole number from 1 to 10, not null"}},
		{"unknown", `{"n":1,"lits":[1]}`, []string{"lits: unknown argument (did you mean list?)"}},
		{"everything at once", `{"n":0,"b":"maybe","zzzzz":1}`, []string{"n: must be", "b: must be a boolean, not a string", "zzzzz: unknown argument\n", "It needs n; it also takes f, b, s, e"}},
		{"given twice", `{"n":1,"n":2}`, []string{"not a JSON object", "n occurs twice"}},
		{"no object", `[1]`, []string{"expected one object of named values"}},
		{"no JSON", `{"n":`, []string{"not a JSON object"}},
	} {
		_, err := bind(t, c, x.given)
		var wrong *tools.ArgumentError
		require.ErrorAs(t, err, &wrong, x.name)
		require.Contains(t, err.Error(), "Not sent: ", x.name)
		for _, want := range x.want {
			require.Contains(t, err.Error(), want, x.name)
		}
	}
}

func TestManyFaultsAreCut(t *testing.T) {
	c := catalogOf(t, everyKind)
	_, err := bind(t, c, `{"n":1,"list":[`+strings.Repeat(`"x",`, 500)+`1]}`)
	require.ErrorContains(t, err, "… and 480 more")
	require.Less(t, len(err.Error()), 3000)
}

func TestEmptyArguments(t *testing.T) {
	c := catalogOf(t, "  /users: {delete: {responses: {}}}")
	for _, given := range []string{"", " ", "null", "{}"} {
		require.Equal(t, "/users", mustBind(t, c, given).Request.Path)
	}
	_, err := bind(t, c, `{"x":1}`)
	require.ErrorContains(t, err, "It takes dry_run, fields.")
}
