package tools_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// eachOptional calls f with every optional argument of every tool of the embedded
// document: its schema, and what binding makes of a value for it beside the
// required arguments.
func eachOptional(t *testing.T, f func(t *testing.T, name string, s schema, bare *tools.Call, with func(value any) (*tools.Call, error))) {
	t.Helper()
	c := toolgentest.Embedded(t)
	for i := range c.Tools {
		tool := &c.Tools[i]
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			var full schema
			require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
			b, err := tools.NewBinder(tool)
			require.NoError(t, err)
			required, _ := full.sample(t).(map[string]any)
			bound := func(arguments map[string]any) (*tools.Call, error) {
				raw, err := json.Marshal(arguments)
				require.NoError(t, err)
				return b.Bind(raw)
			}
			bare, err := bound(required)
			require.NoError(t, err)
			for _, a := range tool.Args {
				if a.Required {
					continue
				}
				f(t, a.Name, full.Properties[a.Name], bare, func(value any) (*tools.Call, error) {
					arguments := map[string]any{a.Name: value}
					maps.Copy(arguments, required)
					return bound(arguments)
				})
			}
		})
	}
}

// withoutBoundary returns a request that does not depend on multipart's random
// boundary.
func withoutBoundary(r tools.Request) tools.Request {
	if _, parameters, err := mime.ParseMediaType(r.ContentType); err == nil && parameters["boundary"] != "" {
		r.ContentType = tools.MultipartForm
		r.Body = bytes.ReplaceAll(r.Body, []byte(parameters["boundary"]), nil)
	}
	return r
}

// Several agent frameworks send every optional argument as null.
func TestNullForAnOptionalArgumentIsNotGiven(t *testing.T) {
	t.Parallel()
	eachOptional(t, func(t *testing.T, name string, s schema, bare *tools.Call, with func(any) (*tools.Call, error)) {
		call, err := with(nil)
		require.NoError(t, err, name)
		if !s.takes("null") {
			require.Equal(t, withoutBoundary(bare.Request), withoutBoundary(call.Request), name)
			require.Equal(t, bare.Controls, call.Controls, name)
			require.NotContains(t, string(call.Arguments()), `"`+name+`":null`)
			return
		}
		require.Contains(t, string(call.Arguments()), `"`+name+`":null`, "null is a value here")
	})
}

// Some send empty text for what they do not set.
func TestEmptyTextIsNoNumberAndNoChoice(t *testing.T) {
	t.Parallel()
	eachOptional(t, func(t *testing.T, name string, s schema, bare *tools.Call, with func(any) (*tools.Call, error)) {
		if len(s.Enum) == 0 && s.takes("string") {
			return
		}
		for _, blank := range []string{"", " ", "\t\n"} {
			call, err := with(blank)
			require.NoError(t, err, "%s %q", name, blank)
			require.Equal(t, withoutBoundary(bare.Request), withoutBoundary(call.Request), name)
			require.Equal(t, bare.Controls, call.Controls, name)
		}
	})
}

func TestWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	c := catalogOf(t, everyKind)
	for _, x := range []struct{ given, sent string }{
		{`{"n":5,"f":null,"b":null,"s":null,"e":null,"list":null,"o":null,"either":null}`, `{"n":5}`},
		{`{"n":5,"f":"","b":"","e":"","list":"","o":" "}`, `{"n":5}`},
		{`{"n":5,"null_s":null,"anything":null}`, `{"n":5,"null_s":null,"anything":null}`},
		{`{"n":5,"null_s":"","either":"","anything":""}`, `{"n":5,"null_s":"","either":"","anything":""}`},
		{`{"n":5,"union":null}`, `{"n":5}`},
		{`{"n":5,"union":""}`, `{"n":5}`},
	} {
		require.Equal(t, x.sent, string(mustBind(t, c, x.given).Request.Body), x.given)
	}
	for given, want := range map[string]string{
		`{"n":null}`:                       "n: must be a whole number from 1 to 10, not null",
		`{"n":""}`:                         "n: must be a whole number from 1 to 10, not a string",
		`{"n":5,"s":""}`:                   "s: must have at least 2 characters",
		`{"n":5,"list":[null]}`:            "list.0: must be a whole number, not null",
		`{"n":5,"o":{"deep":null}}`:        "o.deep: must be a whole number, not null",
		`{"n":5,"unknown":null}`:           "unknown: unknown argument",
		`{"n":5,"b":"null"}`:               "b: must be a boolean, not a string",
		`{"n":5,"e":"` + "\u200b" + `"}`:   "e: must be one of",
		`{"n":5,"f":[],"list":["",null]}`:  "list.1: must be a whole number, not null",
		`{"n":5,"o":{"deep":1,"tags":""}}`: "",
	} {
		_, err := bind(t, c, given)
		if want == "" {
			require.NoError(t, err, given)
			continue
		}
		require.ErrorContains(t, err, want, given)
	}
}

const numbersAsText = `
  /things/{id}/{list}/{s}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: list, in: path, required: true, schema: {type: array, items: {type: number}}}
        - {name: s, in: path, required: true, schema: {type: string, pattern: '^-?\d+$'}}
        - {name: q, in: query, schema: {type: number}}
        - {name: o, in: query, style: deepObject, schema: {type: object}}
        - {name: e, in: query, schema: {type: integer, enum: [100, 5]}}
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {f: {type: number}, l: {type: array, items: {type: integer}}}}}}}
      responses: {}
`

// JSON has no integers: 1.0 and 1e2 are whole numbers.
func TestWholeNumbersBecomeDigits(t *testing.T) {
	t.Parallel()
	c := catalogOf(t, numbersAsText)
	for given, digits := range map[string]string{
		"5": "5", "5.0": "5", "-5.00": "-5", "1e2": "100", "1E+2": "100", "1.0e0": "1", "100e-2": "1", "12.50e1": "125", "0.5e1": "5", "0.001e3": "1",
		"0": "0", "-0": "0", "0.0": "0", "0e9": "0", "0e-9": "0", "9007199254740993": "9007199254740993", "9223372036854775807.0": "9223372036854775807",
		"-9223372036854775808e0": "-9223372036854775808", "1844674407370955161.5e1": "18446744073709551615", "1e21": "1" + strings.Repeat("0", 21),
		`"5"`: "5", `"100"`: "100",
	} {
		s := given
		if strings.HasPrefix(given, `"`) {
			s = `"` + digits + `"` // it is text already
		}
		call := mustBind(t, c, `{"id":`+given+`,"list":[`+given+`,`+given+`],"s":`+s+`,"q":`+given+`,"o":{"a":`+given+`},"f":`+given+`,"l":[`+given+`,1]}`)
		require.Equal(t, "/things/"+digits+"/"+digits+","+digits+"/"+digits, call.Request.Path, given)
		inObject := digits
		if s != given {
			inObject = strings.Trim(given, `"`)
		}
		require.Equal(t, "q="+digits+"&o%5Ba%5D="+inObject, call.Request.Query, given)
		require.Equal(t, "f="+digits+"&l="+digits+"&l=1", string(call.Request.Body), given)
	}
	for given, want := range map[string]string{
		"1.5": "1.5", "1e-1": "1e-1", "2.50": "2.50", "15e-1": "15e-1", "-0.1": "-0.1",
	} {
		require.Equal(t, "q="+want, mustBind(t, c, `{"id":1,"list":[1],"s":"1","q":`+given+`}`).Request.Query)
		_, err := bind(t, c, `{"id":`+given+`,"list":[1],"s":"1"}`)
		require.ErrorContains(t, err, "id: must be a whole number", given)
	}
	require.Equal(t, "e=100", mustBind(t, c, `{"id":1,"list":[1],"s":"1","e":1e2}`).Request.Query)
}

// Checking 1e999999 takes milliseconds, and a megabyte holds 100,000 of them.
func TestNumbersOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	c := catalogOf(t, everyKind)
	for _, number := range []string{"1e999999", "-1E-999999", "1e99999999999999999999", "1e401", strings.Repeat("7", 401), "0." + strings.Repeat("0", 400) + "1"} {
		for _, arguments := range []string{`{"n":` + number + `}`, `{"n":1,"list":[1,` + number + `]}`, `{"n":1,"anything":{"a":[{"b":` + number + `}]}}`, `{"n":1,"list":[` + strings.Repeat(number+",", 1000) + `1]}`} {
			_, err := bind(t, c, arguments)
			require.ErrorContains(t, err, "400", number)
			require.Less(t, len(err.Error()), 500)
		}
		_, err := bind(t, c, `{"n":"`+number+`"}`)
		require.ErrorContains(t, err, "n: must be a whole number from 1 to 10, not a string")
	}
}
