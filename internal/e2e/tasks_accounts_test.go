package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Find users inactive for 90 days that still hold admin or a paid seat, and
// disable them after I confirm."
//
// Paid seats are those of editors. Who was never seen counts from the day on
// which the account was made.
func TestTask05InactiveUsers(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	find := func() []user {
		editors := map[string]bool{}
		for _, m := range groupNamed(s, "editor").Members {
			editors[m.ID] = true
		}
		return only(readAll[user](s, "list_users", nil), func(u user) bool {
			seen := u.CreatedAt
			if u.LastActive != nil {
				seen = *u.LastActive
			}
			return u.Active && (u.IsAdmin || editors[u.ID]) && seen.Before(today.AddDate(0, 0, -90))
		})
	}
	before := snapshotOf(readAll[object](s, "list_users", nil))
	require.Len(t, before, 250)
	found := find()
	emails := each(found, func(u user) string { return u.Email })
	require.Contains(t, emails, "henrik.sorensen@northwind.example", "an admin")
	require.Contains(t, emails, "olga.petrenko@northwind.example", "an editor")
	require.Contains(t, emails, "bjorn.akesson@northwind.example", "an editor who was never active")
	require.NotContains(t, emails, "jonas.weiss@northwind.example", "already disabled")
	require.NotContains(t, emails, "jane@northwind.example", "active yesterday")
	require.Equal(t, before, snapshotOf(readAll[object](s, "list_users", nil)), "reads change nothing")

	// The user confirms.
	wanted := []string{}
	for _, u := range found {
		act(s, "disable_user", object{"userId": u.ID})
		wanted = append(wanted, u.ID+" active")
	}
	require.ElementsMatch(t, wanted, changes(before, snapshotOf(readAll[object](s, "list_users", nil))))
	require.Empty(t, find())
	for _, u := range found {
		require.False(t, read[user](s, "get_user", object{"userId": u.ID}).Active)
	}
}

// "Which users have no 2FA? Reset it for the three who lost their phone."
func TestTask06SecondFactors(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state)
	without := func() []string {
		found := only(readAll[user](s, "list_users", nil), func(u user) bool { return !u.TwoFactor })
		return each(found, func(u user) string { return u.ID })
	}
	before, had := snapshotOf(readAll[object](s, "list_users", nil)), without()
	require.Greater(t, len(had), 10)
	require.Contains(t, had, userWith(s, "henrik.sorensen@northwind.example").ID)

	lost, wanted := []string{}, []string{}
	for _, email := range []string{"jane@northwind.example", "mia.chen@northwind.example", "yuki.tanaka@northwind.example"} {
		u := userWith(s, email)
		require.True(t, u.TwoFactor)
		act(s, "reset_user_2fa", object{"userId": u.ID})
		require.False(t, read[user](s, "get_user", object{"userId": u.ID}).TwoFactor)
		lost, wanted = append(lost, u.ID), append(wanted, u.ID+" two_factor_auth_enabled")
	}
	require.ElementsMatch(t, append(had, lost...), without())
	require.ElementsMatch(t, wanted, changes(before, snapshotOf(readAll[object](s, "list_users", nil))))
	requireRefusal(s, "reset_user_2fa", object{"userId": "user_00000000000000000000000000000000"}, "404", "list_users lists valid values of userId")

	s.quit()
	s = onSandbox(t, "--sandbox-state", state)
	require.ElementsMatch(t, append(had, lost...), without(), "for the next process")
}

// "Approve the pending access requests that match our policy, deny the rest
// with a reason."
//
// The policy: people with an address of our own company that nobody has yet.
func TestTask14AccessRequests(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	type accessRequest struct {
		ID     int     `json:"id"`
		Email  string  `json:"requesting_email"`
		Status string  `json:"status"`
		By     *string `json:"updated_by_id"`
	}
	before := snapshotOf(readAll[object](s, "list_access_requests", nil))
	invites := snapshotOf(read[[]object](s, "list_user_invites", nil))
	pending := readAll[accessRequest](s, "list_access_requests", object{"status": "PENDING"})
	require.Greater(t, len(pending), 3)

	approved, reasons := []string{}, map[string]string{}
	wanted := []string{}
	for _, r := range pending {
		arguments := object{"accessRequestId": text(r.ID)}
		status := "APPROVED"
		switch {
		case !strings.HasSuffix(r.Email, "@northwind.example"):
			status, reasons[r.Email] = "DENIED", "not an address of our company"
		case len(read[[]user](s, "list_users", object{"email": r.Email})) > 0:
			status, reasons[r.Email] = "DENIED", "has an account already"
		default:
			approved = append(approved, r.Email)
		}
		if status == "DENIED" {
			// The reason is for the administrator: the API has no field for it.
			arguments["operations"] = append(replace("/status", status), replace("/reason", reasons[r.Email])...)
			requireRefusal(s, "update_access_request", arguments, `cannot change "/reason"; it changes /status`)
			require.Equal(t, "PENDING", read[accessRequest](s, "get_access_request", object{"accessRequestId": text(r.ID)}).Status)
		}
		arguments["operations"] = replace("/status", status)
		decided := read[accessRequest](s, "update_access_request", arguments)
		require.Equal(t, status, decided.Status)
		require.NotNil(t, decided.By)
		wanted = append(wanted, text(r.ID)+" status", text(r.ID)+" updated_at", text(r.ID)+" updated_by_id")
		requireRefusal(s, "update_access_request", arguments, "400", status+" already")
	}
	require.Contains(t, approved, "peter.holm@northwind.example")
	require.Equal(t, "not an address of our company", reasons["it-helpdesk@northwind-support.test"], "an address that only looks similar")

	require.Empty(t, readAll[accessRequest](s, "list_access_requests", object{"status": "PENDING"}))
	require.ElementsMatch(t, wanted, changes(before, snapshotOf(readAll[object](s, "list_access_requests", nil))), "decided requests are unchanged")
	var let []string
	for id, i := range snapshotOf(read[[]object](s, "list_user_invites", nil)) {
		if invites[id] == nil {
			let = append(let, i["invited_email"].(string))
		}
	}
	require.ElementsMatch(t, approved, let, "only approved people are invited")
}
