package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The time of a condition is that of the instance, not of this machine: the sandbox's
// clock stands at a day of its own, within the process and over HTTP.
func TestConditionsUseTheClockOfTheInstance(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t, "--today", "2026-11-02")
	expressions := map[string]string{
		"last_active < now() - duration('90 days')": "last_active < '2026-08-04T09:00:00Z'",
		"last_active < daysAgo(30)":                 "last_active < '2026-10-03T09:00:00Z'",
	}
	for name, where := range map[string]struct{ env, args []string }{
		"over HTTP":          {h.environmentFor("", sandboxToken), nil},
		"within the process": {environment(t), []string{"--sandbox"}},
	} {
		for expression, same := range expressions {
			list := func(expression string) (head, rows string) {
				o := run(t, where.env, "", append(where.args, "call", "list_users", "where="+expression, "fields=email")...)
				require.Zero(t, o.code, o.stderr)
				head, rows, _ = strings.Cut(o.stdout, "\nemail\n")
				return head, rows
			}
			head, rows := list(expression)
			require.Contains(t, head, "\n# now() is 2026-11-02T09:00Z.", name)
			absolute, wanted := list(same)
			require.NotContains(t, absolute, "now() is", name)
			require.NotEmpty(t, wanted)
			require.Equal(t, wanted, rows, name)
		}
	}
}

// Ids match whether they are written as text or as number.
func TestConditionsOnIDsOfBothForms(t *testing.T) {
	t.Parallel()
	env := environment(t)
	rows := func(where string) string {
		o := run(t, env, "", "--sandbox", "call", "list_role_grants", "where="+where, "fields=id,subject_id")
		require.Zero(t, o.code, o.stderr)
		head, rows, _ := strings.Cut(o.stdout, "\nid,subject_id\n")
		count, _, _ := strings.Cut(head, "\n") // other ids are text, which a note says
		return count + "\n" + rows
	}
	whole := rows("subject_id in ['6', '7']")
	require.NotContains(t, whole, "# 0 of")
	for _, same := range []string{"subject_id in [6, 7]", "subject_id == 6 or subject_id == 7", "subject_id IN (6, '7')"} {
		require.Equal(t, whole, rows(same))
	}
	require.Equal(t, rows("subject_id not in ['6', '7']"), rows("subject_id not in [6, 7]"))
}
