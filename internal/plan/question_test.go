package plan_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// asked is a line of a question.
var asked = regexp.MustCompile(`^(Apply a plan of \d+ writes?: .*\.|Destructive: [\w, ]+\.|[A-Z][a-z0-9 ]+( \((destructive|IRREVERSIBLE, affects the whole organization)(; [^()]*)?\))?(, \d+ times|, \d+, each .*)?:|- .*|NOT ALL ARE SHOWN\. Missing here: [\w, ]+; the result of the plan says where the whole is\.|Long values are cut\.)$`)

// heading is one of a question: how many writes are below it, or how often the one is
// made.
var heading = regexp.MustCompile(`^[A-Z].*?(?:, (\d+) times)?:$`)

// A long value hides no other change: each line has all its facts, or is counted.
func TestLongValuesHideNoChange(t *testing.T) {
	for name, padding := range map[string]string{
		"a text": `description: "" → "@` + strings.Repeat("y", 300) + `"`, "a long old value": `description: "@` + strings.Repeat("y", 300) + `" → "z"`,
		"quotes": `description: "a" → "@` + strings.Repeat(`\"; values: \"x`, 20) + `"`, "backslashes": `description: "a" → "@` + strings.Repeat(`\\`, 150) + `"`,
		"many fields": strings.TrimSuffix(strings.Repeat(`a: "b" → "@"; `, 30), "; "), "no text": "list: [@," + strings.Repeat("1,", 200) + "1]",
	} {
		var p plan.Plan
		for i := range 8 {
			p.Steps = append(p.Steps, plan.Step{Operation: "replace_configuration_variable", Destructive: true, Words: plan.Words{
				Title: "Replace a configuration variable", Objects: []string{fmt.Sprintf(`Variable: "V%d" (v%d)`, i, i)}, Undo: "replace it again",
				Changes: []string{strings.ReplaceAll(padding, "@", strconv.Itoa(i)), fmt.Sprintf(`values: ["production"].value "https://%d.example" → "https://evil%d.example/"`, i, i)},
			}})
		}
		q, err := p.Question(plan.MaxQuestion)
		require.NoError(t, err)
		lines := 0
		for line := range strings.SplitSeq(q, "\n") {
			if strings.HasPrefix(line, "- ") {
				require.Regexp(t, `V\d.*"https://evil\d\.example/"$`, line, name)
				lines++
			}
		}
		missing := 0
		if m := regexp.MustCompile(`Missing here: (\d+) `).FindStringSubmatch(q); m != nil {
			missing, _ = strconv.Atoi(m[1])
		}
		require.Equal(t, 8, lines+missing, "%s: %s", name, q)
		if name == "a text" {
			require.Equal(t, 8, lines, q)
		}
	}
}

// Each write of a plan is a line of the question, what is dangerous first, or is counted;
// and nothing is ever missing that cannot be undone.
func TestQuestionAboutAnyPlan(t *testing.T) {
	for name, p := range plans() {
		for most := 100; most <= plan.MaxQuestion; most += 90 {
			q, err := p.Question(most)
			all, kinds, destructive, forever := map[string]int{}, map[string]bool{}, 0, map[string]int{}
			for _, s := range p.Steps {
				all[s.Operation]++
				switch {
				case s.Destructive && strings.HasPrefix(s.Words.Undo, "cannot"):
					forever[s.Operation]++
					fallthrough
				case s.Destructive:
					destructive++
					kinds[s.Operation] = true
				}
			}
			if err != nil {
				require.Empty(t, q)
				require.ErrorContains(t, err, "split it")
				require.True(t, len(all) > 20 || len(forever) > 0 || most < 300, "%s, %d: %v", name, most, err)
				continue
			}
			if destructive == 0 {
				require.Empty(t, q, name)
				continue
			}
			require.LessOrEqual(t, utf8.RuneCountInString(q), most, name)
			shown, times, harmless := 0, 1, false
			for i, line := range strings.Split(q, "\n") {
				require.Regexp(t, asked, line, name)
				require.Negative(t, strings.IndexFunc(line, text.Invisible), "%s: %q", name, line)
				switch m := heading.FindStringSubmatch(line); {
				case strings.HasPrefix(line, "- "):
					shown += times
				case m != nil && i > 0:
					times, _ = strconv.Atoi(cmp.Or(m[1], "1"))
					is := !strings.Contains(line, " (destructive") && !strings.Contains(line, " (IRREVERSIBLE")
					require.False(t, harmless && !is, "%s: what is dangerous comes first: %s", name, q)
					harmless = is
				}
			}
			for operation, n := range all {
				require.Regexp(t, fmt.Sprintf(`\b%d %s\b`, n, operation), q, name)
			}
			missing := 0
			if _, says, ok := strings.Cut(q, "Missing here: "); ok {
				for _, m := range regexp.MustCompile(`(\d+) (\w+)`).FindAllStringSubmatch(says, -1) {
					n, _ := strconv.Atoi(m[1])
					missing += n
					require.LessOrEqual(t, n, all[m[2]]-forever[m[2]], "%s, %d: %s", name, most, q)
				}
			}
			require.Equal(t, len(p.Steps), shown+missing, "%s, %d: %s", name, most, q)
			if len(kinds) < len(all) {
				require.Contains(t, q, "\nDestructive: ", name)
			}
		}
	}
}

// What is equal in all writes of a kind stands once, and an object by its name alone where
// that is enough, so that sixty fit.
func TestQuestionAboutManyWrites(t *testing.T) {
	disable := func(address func(i int) string) func(int) plan.Step {
		return func(i int) plan.Step {
			return destructive(step("disable_user", fmt.Sprintf(`User: %q (user_a6231131214641ccb0aa90bfd01513%02d), active`, address(i), i), "active: true → false"), "update_user enables the user again")
		}
	}
	forever := func(n int, name func(i int) string) *plan.Plan {
		return &plan.Plan{Steps: repeat(n, func(i int) plan.Step {
			return destructive(step("delete_app", fmt.Sprintf(`App: %q (c373d850-1d0f-4c3a-9f77-0000000000%02d)`, name(i), i)), "cannot be undone")
		})}
	}
	for name, test := range map[string]struct {
		plan     *plan.Plan
		contains []string
		lacks    string
	}{
		"few": {
			&plan.Plan{Steps: repeat(3, disable(func(i int) string { return fmt.Sprintf("user%d@example.com", i) }))},
			[]string{"\nDisable user (destructive; undo: update_user enables the user again), 3, each active: true → false:\n- User: \"user0@example.com\" (user_a6231131214641ccb0aa90bfd0151300), active\n"},
			"NOT ALL",
		},
		"thirty-six": {
			&plan.Plan{Steps: repeat(36, disable(func(i int) string { return fmt.Sprintf("first.lastname%d@northwind.example", i) }))},
			[]string{", 36, each active; active: true → false:\n- \"first.lastname0@northwind.example\"\n", "\n- \"first.lastname35@northwind.example\""},
			"user_a62",
		},
		"sixty of one domain": {
			&plan.Plan{Steps: repeat(60, disable(func(i int) string { return fmt.Sprintf("first.lastname%d@northwind.example", i) }))},
			[]string{", 60, each User: …@northwind.example; active; active: true → false:\n- \"first.lastname0@…\"\n", "\n- \"first.lastname59@…\""},
			"NOT ALL",
		},
		"sixty for ever": {
			forever(60, func(i int) string { return fmt.Sprintf("Report %d of sales", i) }),
			[]string{"\nDelete app (destructive; cannot be undone):\n- \"Report 0 of sales\"\n", "\n- \"Report 59 of sales\""},
			"NOT ALL",
		},
		"some of one name": {
			forever(40, func(i int) string { return fmt.Sprintf("Report %d of sales", max(i, 5)) }),
			[]string{"\n- \"Report 5 of sales\" (c373d850-1d0f-4c3a-9f77-000000000000)\n", "\n- \"Report 39 of sales\""},
			"NOT ALL",
		},
		"others than destructive ones": {
			&plan.Plan{Steps: append([]plan.Step{step("create_role_grant", `Role: "Admin" (1)`, `Subject: group "Contractors" (7)`)}, destructive(step("delete_role_grant", `Role: "Viewer" (2)`), ""))},
			[]string{"Destructive: 1 delete_role_grant.\nDelete role grant (destructive):\n- Role: \"Viewer\" (2)\nCreate role grant:\n- Role: \"Admin\" (1); Subject: group \"Contractors\" (7)"},
			"NOT ALL",
		},
	} {
		q, err := test.plan.Question(plan.MaxQuestion)
		require.NoError(t, err, name)
		for _, part := range test.contains {
			require.Contains(t, q, part, name)
		}
		require.NotContains(t, q, test.lacks, name)
	}
	_, err := forever(100, func(i int) string { return fmt.Sprintf("Report %d of sales", i) }).Question(plan.MaxQuestion)
	require.ErrorContains(t, err, "cannot be undone", "one answer for what nobody has seen")
	require.ErrorContains(t, err, "split it")
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
