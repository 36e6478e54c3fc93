package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docsOfScripts is the document whose examples run here.
var docsOfScripts = filepath.Join("..", "..", "docs", "scripts.md")

// A docExample is one of the document: a script, and parts of what comes out.
type docExample struct {
	title, code string
	results     []string // one for a query, else of the plan, of applying it, and so on
}

var (
	exampleHeading = regexp.MustCompile(`(?m)^### (\d+)\. (.+)$`)
	exampleBlock   = regexp.MustCompile("(?s)\n```(js|text)\n(.*?)\n```")
)

// docExamples reads the examples of the document.
func docExamples(t testing.TB) (examples []docExample) {
	t.Helper()
	content, err := os.ReadFile(docsOfScripts)
	require.NoError(t, err)
	places := exampleHeading.FindAllSubmatchIndex(content, -1)
	for i, at := range places {
		end := len(content)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		e := docExample{title: string(content[at[4]:at[5]])}
		for _, block := range exampleBlock.FindAllSubmatch(content[at[1]:end], -1) {
			if string(block[1]) == "js" {
				require.Empty(t, e.code, "%s: a second script", e.title)
				e.code = string(block[2]) + "\n"
			} else {
				e.results = strings.Split(string(block[2]), "\n\n")
			}
		}
		require.NotEmpty(t, e.code, e.title)
		require.NotEmpty(t, e.results, e.title)
		examples = append(examples, e)
	}
	return examples
}

// The examples of docs/scripts.md work, and what it shows of their results is true.
func TestExamplesOfScripts(t *testing.T) {
	t.Parallel()
	examples := docExamples(t)
	require.Len(t, examples, 10)
	for _, e := range examples {
		t.Run(e.title, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(e.code, "args.") {
				exampleOnCommandLine(t, e)
				return
			}
			exports := t.TempDir()
			s := connectTo(t, modern, environment(t), &userAnswers{answer: accept}, "--sandbox", "--toolsets", "scripts", "--export-dir", exports)
			if len(e.results) == 1 {
				requireShown(t, e.results[0], s.succeed("query_script", given(t, object{"code": e.code})))
				return
			}
			a := answer{}
			for i, shown := range e.results { // a plan, and what its application says, and so on
				arguments := object{"code": e.code}
				if i%2 == 1 {
					arguments = object{"apply": idOfPlan(t, a.text)}
				}
				a = s.call("run_script", given(t, arguments))
				requireShown(t, shown, a.text)
			}
		})
	}
}

// requireShown checks that each line of an excerpt is in the text, in this order. An
// ellipsis stands for anything.
func requireShown(t *testing.T, excerpt, text string) {
	t.Helper()
	var pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	for line := range strings.SplitSeq(strings.TrimSpace(excerpt), "\n") {
		whole := strings.ReplaceAll(regexp.QuoteMeta(line), "…", `[^\n]*`)
		pattern.WriteString(`(?:.*\n)?` + whole + `\n`)
	}
	require.Regexp(t, pattern.String(), text+"\n")
}

// exampleOnCommandLine runs an example with its argument from a file.
func exampleOnCommandLine(t *testing.T, e docExample) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.js")
	require.NoError(t, os.WriteFile(file, []byte(e.code), 0o600))
	o := run(t, environment(t), "", "script", file, "--sandbox", "--arg", "group=Support")
	require.Zero(t, o.code, o.stderr)
	requireShown(t, e.results[0], o.stdout)
	require.NotZero(t, run(t, environment(t), "", "script", file, "--sandbox", "--arg", "group=Nobody").code)
}
