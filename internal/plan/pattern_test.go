package plan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/plan"
)

func TestCanonical(t *testing.T) {
	for args, want := range map[string]string{
		``:                                 `{}`,
		`{"b" : 1 , "a":[ 1.0, 1e2, -0 ]}`: `{"a":[1,100,0],"b":1}`,
		`{"a":9007199254740993}`:           `{"a":9007199254740992}`, // what JavaScript has
		`{"z":{"y":1,"x":2},"a":null}`:     `{"a":null,"z":{"x":2,"y":1}}`,
		`{"a":"\u0041\ud800\n"}`:           "{\"a\":\"A\ufffd\\n\"}",
	} {
		got, err := plan.Canonical([]byte(args))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	for _, args := range []string{`[]`, `"a"`, `null`, `1`, `{`, `{} {}`, `{"a":1,"a":2}`, `{"a":NaN}`} {
		_, err := plan.Canonical([]byte(args))
		require.Error(t, err, args)
	}
}

// Nothing of an answer can pose as a placeholder, as it is or together with other text.
func TestClean(t *testing.T) {
	for _, answer := range []string{
		`"` + string(plan.Open) + `a#1` + string(plan.Close) + `"`,
		`"\udba2\ude91"`, `"\uDBA2\uDE92"`, `{"\udBa2\uDe91":1}`, `"\udba2"`, `["\ude91"]`, `"\\\udba2\ude91"`,
	} {
		clean := plan.Clean([]byte(answer))
		require.False(t, plan.Marked(clean), answer)
		require.NotContains(t, strings.ToLower(string(clean)), `\ud`, answer)
		require.Contains(t, string(clean), "\ufffd", answer)
	}
	for _, answer := range []string{`{"b":1.0,"a":"\u00e9"}`, `"\\udba2\\ude91"`, `"𝄞"`} {
		require.Equal(t, answer, string(plan.Clean([]byte(answer))))
	}
	require.JSONEq(t, `"𝄞"`, string(plan.Clean([]byte(`"\ud834\udd1e"`))))
}

func TestPlaceholders(t *testing.T) {
	m := plan.Marker
	names, err := plan.Placeholders([]byte(`{"` + m("a_b#1", "") + `":["x` + m("c#12", "id") + m("c#12", "[0].x") + `"]}`))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"a_b#1", "c#12"}, names)
	for _, s := range []string{string(plan.Open), string(plan.Close), m("", "id"), string(plan.Open) + m("a#1", ""), m("a#1", "") + string(plan.Close)} {
		_, err := plan.Placeholders([]byte(`{"a":"` + s + `"}`))
		require.ErrorIs(t, err, plan.ErrMarker, "%q", s)
	}
}

// A placeholder matches what JavaScript makes of the real answer, and nothing else.
func TestMatches(t *testing.T) {
	answers := func(name string) *jsonvalue.Value {
		switch name {
		case "g#1":
			return plan.Answer([]byte(`{"id":9,"name":"a \"b\"","list":[1,null,"x"],"big":9007199254740993,"none":null,"yes":true,"o":{"b":1,"a":2}}`))
		case "opened#1":
			return plan.Answer([]byte(`{"job":{"id":"j1","job":"inner"}}`))
		case "rows#1":
			return plan.Answer([]byte(`[{"id":1},{"id":2}]`))
		}
		return nil
	}
	g := func(path string) string { return plan.Marker("g#1", path) }
	for _, x := range []struct {
		planned, args string
		matches       bool
	}{
		{`"` + g("id") + `"`, `9`, true},
		{`"` + g("id") + `"`, `"9"`, true}, // `${g.id}`
		{`"` + g("id") + `"`, `10`, false},
		{`"` + g("id") + `"`, `[9]`, false},
		{`"no. ` + g("id") + `, ` + g("name") + `"`, `"no. 9, a \"b\""`, true},
		{`"no. ` + g("id") + `"`, `"no. 99"`, false},
		{`"` + g("id") + g("id") + `"`, `99`, false},
		{`"` + g("list") + `"`, `[1,null,"x"]`, true},
		{`"x` + g("list") + `"`, `"x1,,x"`, true},
		{`"x` + g("o") + `"`, `"x[object Object]"`, true},
		{`"` + g("o") + `"`, `{"a":2,"b":1}`, true},
		{`"` + g("list[2]") + `"`, `"x"`, true},
		{`"` + g("big") + `"`, `9007199254740992`, true},
		{`"` + g("none") + `"`, `null`, true},
		{`"x` + g("none") + `"`, `"xnull"`, true},
		{`"x` + g("missing") + `"`, `"xundefined"`, true},
		{`["` + g("missing") + `"]`, `[null]`, true},
		{`"` + g("missing") + `"`, `1`, false},
		{`"` + g("yes") + `"`, `true`, true},
		{`"` + g("data.id") + `"`, `9`, true},
		{`"` + g("success") + `"`, `true`, true},
		{`{"` + g("id") + `":1}`, `{"9":1}`, true},
		{`{"` + g("id") + `":1}`, `{"8":1}`, false},
		{`{"` + g("id") + `":1}`, `{"8":1,"9":1}`, false},
		{`"` + plan.Marker("opened#1", "id") + `"`, `"j1"`, true},
		{`"` + plan.Marker("opened#1", "job") + `"`, `"inner"`, true},
		{`"` + plan.Marker("opened#1", "") + `"`, `{"id":"j1","job":"inner"}`, true},
		{`"` + plan.Marker("rows#1", "[1].id") + `"`, `2`, true},
		{`"` + plan.Marker("rows#1", "data[0].id") + `"`, `1`, true},
		{`"` + plan.Marker("rows#1", "[2].id") + `"`, `1`, false},
		{`"` + plan.Marker("unknown#1", "id") + `"`, `1`, false},
		{`"` + plan.Marker("unknown#1", "id") + `"`, `null`, false},
	} {
		planned, err := plan.Canonical([]byte(`{"a":` + x.planned + `,"b":1}`))
		require.NoError(t, err)
		args, err := plan.Canonical([]byte(`{"a":` + x.args + `,"b":1}`))
		require.NoError(t, err)
		require.Equal(t, x.matches, plan.Matches(planned, args, answers), "%s %s", plan.Print(x.planned), x.args)
		differ := plan.Differing(planned, args, answers)
		if x.matches {
			require.Empty(t, differ)
		} else {
			require.Equal(t, []string{"a"}, differ)
		}
	}
	without := []byte(`{"b":1}`)
	planned := []byte(`{"a":"` + g("missing") + `","b":1}`)
	require.True(t, plan.Matches(planned, without, answers), "undefined is left out")
	require.False(t, plan.Matches([]byte(`{"a":"`+g("id")+`","b":1}`), without, answers))
	require.False(t, plan.Matches(without, planned, answers))
}
