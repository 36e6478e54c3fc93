package tools_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Half of a surrogate pair, as a client sends it that cut a text within an emoji,
// and bytes that are not UTF-8 become U+FFFD.
func TestArgumentsThatAreNotUnicode(t *testing.T) {
	const broken = "\ufffd"
	c := catalogOf(t, everyKind)
	for _, x := range []struct{ given, sent string }{
		{`{"n":5,"s":"ab\ud83d"}`, `{"n":5,"s":"ab` + broken + `"}`},
		{`{"n":5,"s":"ab\uDC00"}`, `{"n":5,"s":"ab` + broken + `"}`},
		{`{"n":5,"s":"\ude00\ud83d"}`, `{"n":5,"s":"` + broken + broken + `"}`},
		{`{"n":5,"s":"\ud83d\ud83d\ude00"}`, `{"n":5,"s":"` + broken + `😀"}`},
		{`{"n":5,"s":"\ud83d\ude00\ud83d"}`, `{"n":5,"s":"😀` + broken + `"}`},
		{`{"n":5,"s":"a\\ud83d"}`, `{"n":5,"s":"a\\ud83d"}`},
		{`{"n":5,"s":"a\\\ud83d"}`, `{"n":5,"s":"a\\` + broken + `"}`},
		{`{"n":5,"anything":{"\ud83d":["\udc00",{"a":"\ud83d"}]}}`, `{"n":5,"anything":{"` + broken + `":["` + broken + `",{"a":"` + broken + `"}]}}`},
		{`{"n":5,"o":"{\"deep\":1,\"tags\":[\"\\ud83d\"]}"}`, `{"n":5,"o":{"deep":1,"tags":["` + broken + `"]}}`}, // JSON as text
		{`{"n":5,"list":[1],"either":["\ufffd","\ud800"]}`, `{"n":5,"list":[1],"either":["` + broken + `","` + broken + `"]}`},
	} {
		call, err := bind(t, c, x.given)
		require.NoError(t, err, x.given)
		require.Equal(t, decoded(t, x.sent), decoded(t, string(call.Request.Body)), x.given)
		require.Equal(t, string(jsonvalue.Repair(call.Request.Body)), string(call.Request.Body), "what is sent is Unicode")
		again, err := bind(t, c, string(call.Arguments()))
		require.NoError(t, err)
		require.Equal(t, call.Request, again.Request)
	}
	for given, says := range map[string]string{
		`{"n":5,"\ud83d":1}`: broken + ": unknown argument",
		// One of the two would be lost in what is written.
		`{"n":5,"anything":{"\ud83d":1,"\udc00":2}}`: "anything." + broken + " occurs twice",
		`{"n":5,"anything":[{"a":1,"a":2}]}`:         "anything.0.a occurs twice",
		`{"n":5,"n":6}`:                              "are not a JSON object: n occurs twice",
		`{"n":5,"s":"\ud83d`:                         "not a JSON object",
		`{"n":5,"s":"\ud8"}`:                         "not a JSON object",
		// Text in another encoding, such as that of Windows, would be lost.
		"{\"n\":5,\"s\":\"M\xfcller\"}":     "are not UTF-8 (byte 14): send them, or save their file, as UTF-8",
		"{\"n\":5,\"s\":\"a\xed\xa0\xbd\"}": "are not UTF-8",
		"{\"n\":5,\"\xff\":1}":              "are not UTF-8",
		"{\"n\":5,\"s\":\"\xc3":             "are not UTF-8",
	} {
		_, err := bind(t, c, given)
		require.ErrorContains(t, err, says, given)
	}
}

func decoded(t testing.TB, text string) (v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

// The same for every text that every tool of the embedded document takes.
func TestEveryToolTakesHalvesOfSurrogatePairs(t *testing.T) {
	c := toolgentest.Embedded(t)
	texts := 0
	for i := range c.Tools {
		tool := &c.Tools[i]
		var full schema
		require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
		b, err := tools.NewBinder(tool)
		require.NoError(t, err)
		required, _ := full.sample(t).(map[string]any)
		for _, a := range tool.Args {
			s := full.Properties[a.Name]
			if a.In == tools.NotSent || s.Type != "string" || s.Pattern != "" || len(s.Enum) > 0 {
				continue
			}
			texts++
			given, had := required[a.Name]
			required[a.Name] = "x\ufffdy"
			raw, err := json.Marshal(required)
			require.NoError(t, err)
			whole, err := b.Bind(raw)
			require.NoError(t, err, "%s %s", tool.Name, a.Name)
			half, err := b.Bind([]byte(strings.Replace(string(raw), "x\ufffdy", `x\ud83dy`, 1)))
			require.NoError(t, err, "%s %s", tool.Name, a.Name)
			require.Equal(t, whole.Request.Path, half.Request.Path)
			require.Equal(t, whole.Request.Query, half.Request.Query)
			if tools.IsJSON(tool.BodyType) {
				require.JSONEq(t, string(whole.Request.Body), string(half.Request.Body))
			}
			if delete(required, a.Name); had {
				required[a.Name] = given
			}
		}
	}
	require.Greater(t, texts, 100)
}
