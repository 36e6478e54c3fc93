package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
)

// What an apply made is counted; what it did not make is told a line each, with the
// reason, before what it did.
func TestReportOfAnApply(t *testing.T) {
	steps := plans()["sixty alike"].Steps
	steps = append(steps, plans()["differences"].Steps[3])
	var made []plan.Made
	for _, s := range steps {
		made = append(made, plan.Made{Step: s})
	}
	report := func(made, notMade []plan.Made) string {
		s, complete := plan.Report(made, notMade, "", view)
		require.True(t, complete)
		return s
	}
	require.Equal(t, "No writes.", report(nil, nil))
	require.Equal(t, "Made: 62 writes: 1 create_group, 60 invite_user, 1 replace_user.", report(made, nil))

	refused := made[2]
	refused.Line, refused.Failed = 4, "HTTP 409: \"user1\u200b exists\".\nChoose another one."
	require.Equal(t, `Made: 2 of 6 writes: 1 create_group, 1 invite_user.
Refused, 1:
invite_user: email: "user1@example.com"; group: <create_group#1.id>; because: HTTP 409: "user1\u200b exists" (line 4).
Not made, 3:
invite_user, 2, each group: <create_group#1.id>:
  email
  "user2@example.com"
  "user3@example.com"
replace_user (destructive): User: "Ann" (5); active true → false; password "[redacted: password]" → "[redacted: password]"
Made, 2:
create_group#1: name: "Support"
invite_user: email: "user0@example.com"; group: <create_group#1.id>`,
		report(made[:2], []plan.Made{refused, made[3], made[4], made[61]}))

	again := made[1]
	again.Line, again.Failed = 4, "HTTP 500"
	require.Equal(t, `Made: 0 of 2 writes.
Refused, 2:
invite_user, 2, each group: <create_group#1.id>:
  email | because
  "user1@example.com" | HTTP 409: "user1\u200b exists" (line 4).
  "user0@example.com" | HTTP 500 (line 4).`, report(nil, []plan.Made{refused, again}))

	s, complete := plan.Report(made[:2], append([]plan.Made{refused}, made[3:]...), refused.Failed, view)
	require.True(t, complete)
	require.Equal(t, `Made: 2 of 62 writes: 1 create_group, 1 invite_user.
Refused, 1:
invite_user: email: "user1@example.com"; group: <create_group#1.id>
Not made, 59: 58 invite_user, 1 replace_user. The first:
invite_user, 3, each group: <create_group#1.id>:
  email
  "user2@example.com"
  "user3@example.com"
  "user4@example.com"
Made, 2:
create_group#1: name: "Support"
invite_user: email: "user0@example.com"; group: <create_group#1.id>`, s, "what is told anyway is not repeated, nor is the plan")

	for name, p := range plans() {
		for _, cut := range []int{0, 1, len(p.Steps) / 2} {
			var done, rest []plan.Made
			for i, s := range p.Steps {
				switch {
				case i < cut:
					done = append(done, plan.Made{Step: s})
				case i%2 == 0:
					rest = append(rest, plan.Made{Step: s, Failed: hostile[i%len(hostile)]})
				default:
					rest = append(rest, plan.Made{Step: s})
				}
			}
			s, complete := plan.Report(done, rest, "", view)
			require.LessOrEqual(t, result.Tokens(s), view.Most, name)
			require.Equal(t, complete, len(s) == len(whole(plan.Report(done, rest, "", plan.View{Tokens: result.Tokens}))), name)
		}
	}
}

func whole(s string, _ bool) string { return s }
