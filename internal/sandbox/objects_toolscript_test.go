package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const toolscriptApp = `<App>
  <Include src="./functions.rsx" />
  <Frame id="$main" enableFullBleed={false}>
    <Text id="title" value="It's <b>{{ a > b ? '}' : '{' }}</b>" />
    It's text, "quoted.
    {/* a "comment */}
    <>
      <Button id="go" events={[{ "script": "a = \"}\"" }]} text='{'></Button>
    </>
  </Frame>
</App>
`

func TestToolscriptIsChecked(t *testing.T) {
	a := startWith(t, bare)
	before := a.state()
	type files = map[string]string
	type found struct {
		path    string
		line    int
		message string
	}
	for name, c := range map[string]struct {
		files files
		want  []found
	}{
		"all is well": {files{
			"main.rsx": toolscriptApp, "functions.rsx": "<GlobalFunctions>\n</GlobalFunctions>\n", "metadata.json": "{",
		}, nil},
		"in a folder": {files{"app/main.rsx": toolscriptApp, "app/functions.rsx": ""}, nil},
		"an included file is missing": {
			files{"main.rsx": toolscriptApp}, []found{{"main.rsx", 2, `There is no file "./functions.rsx" to include`}},
		},
		"an element is not closed":     {files{"main.rsx": "<App>\n\n<Frame>\n</App>"}, []found{{"main.rsx", 4, "Unexpected closing tag </App>"}}},
		"the last is not closed":       {files{"main.rsx": "<App>\n<Frame/>\n"}, []found{{"main.rsx", 1, "<App is not closed"}}},
		"a closing tag too many":       {files{"main.rsx": "<App/>\n</App>"}, []found{{"main.rsx", 2, "Unexpected closing tag </App>"}}},
		"a tag is not closed":          {files{"main.rsx": "<App>\n<Frame\n<Text/>"}, []found{{"main.rsx", 3, "Unexpected <"}}},
		"a string is not closed":       {files{"main.rsx": "<App>\n<Text id=\"a/>\n</App>"}, []found{{"main.rsx", 2, `Unexpected "`}}},
		"an expression is not closed":  {files{"main.rsx": "<App\na={{\n}/>"}, []found{{"main.rsx", 2, "{ is not closed"}}},
		"a comment is not closed":      {files{"main.rsx": "<App>{\n/* }</App>"}, []found{{"main.rsx", 2, "Unexpected /*"}}},
		"nothing ends":                 {files{"main.rsx": strings.Repeat("{", 2000)}, []found{{"main.rsx", 1, "Nested too deeply"}}},
		"the fault is in another file": {files{"main.rsx": "", "src/a.rsx": "<A>"}, []found{{"src/a.rsx", 1, "<A is not closed"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var list []any
			for path, contents := range c.files {
				list = append(list, map[string]any{"path": path, "contents": contents})
			}
			verdict := a.in(t).object("validate_app_toolscript", request{}.with(map[string]any{"toolscript": list}))
			require.Equal(t, len(c.want) == 0, verdict["valid"], verdict)
			require.NotContains(t, verdict, "error")
			want := []any{}
			for _, f := range c.want {
				want = append(want, []any{f.path, float64(f.line), "error", f.message})
			}
			got := []any{}
			for _, at := range verdict["diagnostics"].([]any) {
				d := at.(map[string]any)
				from, to, start := int(d["from"].(float64)), int(d["to"].(float64)), d["fromLoc"].(map[string]any)
				before := c.files[d["filename"].(string)][:from]
				require.Greater(t, to, from)
				require.Len(t, before[strings.LastIndexByte(before, '\n')+1:], int(start["column"].(float64))-1)
				got = append(got, []any{d["filename"], start["line"], d["severity"], d["message"]})
			}
			require.Equal(t, want, got)
		})
	}
	require.Equal(t, before, a.state())
}

func TestToolscriptNeedsItsMainFile(t *testing.T) {
	a := startWith(t, bare)
	list := []any{map[string]any{"path": "functions.rsx", "contents": ""}}
	verdict := a.object("validate_app_toolscript", request{}.with(map[string]any{"toolscript": list}))
	require.Equal(t, map[string]any{"valid": false, "diagnostics": []any{}, "error": "There is no file main.rsx"}, verdict)
	for _, list := range [][]any{{}, {map[string]any{"path": "", "contents": ""}}} {
		a.fails(http.StatusBadRequest, "validate_app_toolscript", request{}.with(map[string]any{"toolscript": list}))
	}
}
