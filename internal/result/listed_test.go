package result_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// A list in a question that is too long ends after an entry, and says how many more
// there are.
func TestLongLinesOfAQuestionEndAfterAnEntry(t *testing.T) {
	for length := 20; length < 70; length++ {
		var was, will []string
		for i := range 26 {
			was = append(was, fmt.Sprintf(`{"id":"u%d","email":"%02d%s"}`, i, i, strings.Repeat("x", length)))
			will = append(will, fmt.Sprintf(`{"id":"n%d"}`, i))
		}
		change := call(t, "replace_user", `{"userId":"u","name":[`+strings.Join(will, ",")+`]}`)
		current := &result.Current{Call: call(t, "get_user", `{"userId":"u"}`), Response: answer(`{"data":{"id":1,"name":[` + strings.Join(was, ",") + `]}}`), Whole: true}
		question := result.NewAbout(change, current, nil, nil, result.Options{}).Question(result.MaxQuestion)
		require.Regexp(t, `\nname: removed ("[^"]*", )*"[^"]*" and \d+ more(; .*)?\n`, question)
		require.NotContains(t, question, "more…")
	}
}
