package plan_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

func TestPrint(t *testing.T) {
	id := plan.Marker("create_group#1", "id")
	for given, want := range map[string]string{
		`Group: "Support" (9)`:        `Group: "Support" (9)`,
		`group: "` + id + `"`:         `group: <create_group#1.id>`,
		`name: "x ` + id + `"`:        `name: "x <create_group#1.id>"`,
		`["` + id + `","` + id + `"]`: `[<create_group#1.id>,<create_group#1.id>]`,
		`n: "\"` + id + `"`:           `n: "\"<create_group#1.id>"`,
		`"<create_group#1.id>"`:       `"\u003ccreate_group#1.id>"`,
		`a <b> < c#d <#1 <A#1>`:       `a <b> < c#d <#1 <A#1>`,
		"a\nb\tc\u200b":               `a\nb\tc\u200b`,
		string(plan.Open) + "x":       `\ufffdx`,
		string(plan.Close) + "x":      `\ufffdx`,
		plan.Marker("a\n\u202e", ""):  `<a\n\u202e>`,
	} {
		require.Equal(t, want, plan.Print(given), "%q", given)
	}
}

// FuzzPrint prints any text: on one line, with nothing invisible, and with as many
// placeholders as it has.
func FuzzPrint(f *testing.F) {
	for _, s := range append(hostile, "", plan.Marker("a#1", "x[0].y"), `"`+plan.Marker("a#1", "")+`"`, "<<a#1<b_2#3", string(plan.Open)+string(plan.Open)+string(plan.Close)) {
		f.Add(s)
	}
	looks := regexp.MustCompile(`<[a-z0-9_]+#\d`)
	f.Fuzz(func(t *testing.T, s string) {
		got := plan.Print(s)
		require.NotContains(t, got, "\n")
		require.Negative(t, strings.IndexFunc(got, text.Invisible), "%q", got)
		require.False(t, plan.Marked(got), "%q", got)
		require.LessOrEqual(t, len(looks.FindAllString(got, -1)), strings.Count(s, string(plan.Open)), "%q", got)
	})
}
