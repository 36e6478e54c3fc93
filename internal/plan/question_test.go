package plan_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// asked is a line of a question.
var asked = regexp.MustCompile(`^(Apply a plan of \d+ writes?: .*\.|Destructive: [\w, ]+\.|[A-Z][a-z0-9 ]+ \((destructive|IRREVERSIBLE, affects the whole organization)(; [^()]*)?\):|- .*|NOT ALL ARE SHOWN\. Missing here: [\w, ]+\.|Long lines are cut\.)$`)

// Each destructive write of a plan is a line of the question; what is missing is counted,
// and nothing irreversible is ever missing.
func TestQuestionAboutAnyPlan(t *testing.T) {
	for name, p := range plans() {
		for most := 100; most <= plan.MaxQuestion; most += 90 {
			q, err := p.Question(most)
			all, shown, irreversible := map[string]int{}, map[string]int{}, 0
			for _, s := range p.Steps {
				if !s.Destructive {
					continue
				}
				all[s.Operation]++
				var facts []string
				for _, fact := range append(s.Words.Objects, s.Words.Changes...) {
					facts = append(facts, plan.Print(fact))
				}
				line := "\n- " + strings.Join(facts, "; ")
				switch short := "\n" + text.ClipEscaped(line[1:], 200); {
				case strings.Contains(q+"\n", line+"\n"), !s.Irreversible && strings.Contains(q+"\n", short+"\n"):
					shown[s.Operation]++
				case s.Irreversible:
					irreversible++
				}
			}
			if err != nil {
				require.Empty(t, q)
				require.ErrorContains(t, err, "split it")
				require.True(t, len(all) > 20 || irreversible > 0 || most < 300, "%s, %d: %v", name, most, err)
				continue
			}
			if len(all) == 0 {
				require.Empty(t, q, name)
				continue
			}
			require.Zero(t, irreversible, "%s, %d: %s", name, most, q)
			require.LessOrEqual(t, utf8.RuneCountInString(q), most, name)
			for line := range strings.SplitSeq(q, "\n") {
				require.Regexp(t, asked, line, name)
				require.Negative(t, strings.IndexFunc(line, text.Invisible), "%s: %q", name, line)
			}
			for operation, n := range all {
				require.Regexp(t, fmt.Sprintf(`\b%d %s\b`, n, operation), q, name)
				if missing := n - shown[operation]; missing > 0 && len(all) > 0 {
					require.Regexp(t, fmt.Sprintf(`\nNOT ALL ARE SHOWN\. Missing here: .*\b%d %s\b`, missing, operation), q, name)
				}
			}
		}
	}
}

// A plan without anything destructive asks nothing.
func TestQuestionsAreForWhatIsDestructive(t *testing.T) {
	q, err := plans()["sixty alike"].Question(plan.MaxQuestion)
	require.NoError(t, err)
	require.Empty(t, q)
	for _, name := range []string{"irreversible beyond any form", "irreversible with a long name", "two hundred kinds of writes"} {
		_, err := plans()[name].Question(plan.MaxQuestion)
		require.ErrorContains(t, err, "split it into several plans", name)
		require.LessOrEqual(t, len(err.Error()), 1400, name)
	}
}
