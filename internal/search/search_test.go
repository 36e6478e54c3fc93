package search_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/search"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// names are those of the lines of an answer.
func names(answer result.Result) (names []string) {
	for line := range strings.Lines(answer.Text) {
		if name, _, ok := strings.Cut(line, " {"); ok {
			names = append(names, name)
		}
	}
	return names
}

// An operation that answers a question is among the first five. The questions of
// testdata were written by other people than the ranking, and before it.
func TestQuestions(t *testing.T) {
	const first, least = 5, 0.85
	x := search.New(embedded.Catalog())
	for _, file := range []string{"questions.tsv", "questions_held_out.tsv"} {
		data, err := os.ReadFile("testdata/" + file)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		hits, top, all, tokens := 0, 0, 0, 0
		for line := range strings.Lines(string(data)) {
			question, accepted, ok := strings.Cut(strings.TrimSpace(line), "\t")
			require.True(t, ok, line)
			all++
			answer := x.Answer(embedded.Catalog(), question)
			tokens += result.Tokens(answer.Text)
			found := names(answer)
			at := slices.IndexFunc(found, func(name string) bool { return slices.Contains(strings.Split(accepted, ","), name) })
			if at == 0 {
				top++
			}
			if at >= 0 && at < first {
				hits++
			} else {
				t.Logf("missed: %s\t%s\tat %d of %v", question, accepted, at, found)
			}
		}
		rate := float64(hits) / float64(all)
		t.Logf("%s: %d of %d in the first %d (%.0f %%), %d first; %d tokens an answer", file, hits, all, first, 100*rate, top, tokens/all)
		require.GreaterOrEqual(t, rate, least, file)
	}
}
