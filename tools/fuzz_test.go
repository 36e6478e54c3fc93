package tools_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

// FuzzBind feeds arguments of any kind to a tool that has some of every kind.
// They end in a request that is well formed, or in an ArgumentError.
func FuzzBind(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","n":5}`, `{"id":"..","n":"5","list":"[1]"}`, `{"id":1e9,"n":1,"file":null}`, `{"id":"%2F","o":"{\"deep\":1}"}`,
		`{"id":"\ud800","n":1}`, `[]`, `{"id":{"a":[]},"q":[[],{}]}`, `{"id":"x","q":{"a":{"b":1}},"n":1,"next_token":"+/="}`,
		`{"id":"\udc00\ud83d","n":1,"q":{"\ud83d":"\\ud83d"}}`, "{\"id\":\"\xff\",\"n\":1}", `{"id":"x","n":1,"o":"{\"deep\":1,\"tags\":[\"\\ud83d\"]}"}`,
		`{"id":"x","n":1,"q":` + strings.Repeat(`{"a":`, 1_001) + "1" + strings.Repeat("}", 1_002), `{"id":"x","n":1,"q":{"\ud83d":1,"\udc00":2}}`,
		`{"id":1.0,"n":5e0,"f":null,"e":"","list":" "}`, `{"id":-0.0,"n":10E-1,"q":[1e2,1.50e+1]}`, `{"id":1e400,"n":1e401}`, `{"id":"x","n":1,"anything":1e-999999999}`,
	} {
		f.Add([]byte(seed))
	}
	c := catalogOf(f, strings.Replace(everyKind, "/things:\n    post:\n", `/things/{id}:
    post:
      parameters:
        - {name: q, in: query, schema: {anyOf: [{type: object}, {type: array, items: {type: string}}, {type: string}]}}
        - {name: deep, in: query, style: deepObject, schema: {type: object}}
`, 1))
	b, err := tools.NewBinder(&c.Tools[0])
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, arguments []byte) {
		call, err := b.Bind(arguments)
		if err != nil {
			var wrong *tools.ArgumentError
			require.ErrorAs(t, err, &wrong)
			return
		}
		r := call.Request
		id, ok := strings.CutPrefix(r.Path, "/things/")
		require.True(t, ok, r.Path)
		require.NotContains(t, []string{"", ".", ".."}, id)
		require.NotContains(t, id, "/")
		_, err = url.ParseRequestURI(r.Path + "?" + r.Query)
		require.NoError(t, err)
		_, err = url.ParseQuery(r.Query)
		require.NoError(t, err)
		require.True(t, json.Valid(r.Body), "%s", r.Body)
		// What was understood once is understood again, and means the same.
		again, err := b.Bind(call.Arguments())
		require.NoError(t, err, "%s", call.Arguments())
		require.Equal(t, r, again.Request)
	})
}

// FuzzBindPlanned feeds arguments in which some texts are placeholders. What is valid
// without any stays the same, and what is valid with all texts as placeholders keeps
// them.
func FuzzBindPlanned(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","n":5}`, `{"id":"<a>","n":"<b>"}`, `{"id":"x","n":1,"o":{"deep":"<a>","tags":["<b>"]}}`, `{"id":"x","n":1,"q":["<a>",{}]}`,
		`{"id":"x","n":1,"file":{"filename":"<a>","content":"<b>"}}`, `{"id":"x","n":1,"q":{"<a>":1}}`, `{"<a>":1}`, `{"id":["<a>"],"n":{"x":"<b>"}}`,
	} {
		f.Add([]byte(seed))
	}
	c := catalogOf(f, strings.Replace(everyKind, "/things:\n    post:\n", "/things/{id}:\n    post:\n", 1))
	b, err := tools.NewBinder(&c.Tools[0])
	require.NoError(f, err)
	is := func(text string) bool { return strings.Contains(text, "<") }
	f.Fuzz(func(t *testing.T, arguments []byte) {
		planned, err := b.BindPlanned(t.Context(), arguments, is)
		if err != nil {
			var wrong *tools.ArgumentError
			require.ErrorAs(t, err, &wrong)
			return
		}
		_ = planned.Asks()
		_ = planned.Secrets()
		require.True(t, json.Valid(planned.Masked().Arguments()))
		require.True(t, json.Valid(planned.Arguments()))
		if !strings.Contains(string(planned.Arguments()), "<") {
			call, err := b.Bind(arguments)
			require.NoError(t, err)
			require.Equal(t, string(call.Arguments()), string(planned.Arguments()))
		}
		again, err := b.BindPlanned(t.Context(), planned.Arguments(), is)
		require.NoError(t, err, "%s", planned.Arguments())
		require.Equal(t, string(planned.Arguments()), string(again.Arguments()))
	})
}
