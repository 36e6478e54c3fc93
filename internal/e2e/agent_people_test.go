package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Onboard the Field Support team: folder for apps, folder for resources, a
// group, give it edit on both, invite these 12 people." One of them is a
// colleague already, and another has an open invite.
func onboardTeam(t *testing.T, a *agent) {
	const name, colleague, invited = "Field Support", "mia.chen@northwind.example", "samira.khalil@northwind.example"
	people := []string{
		"ada@fs.example", "bo@fs.example", "cy@fs.example", "di@fs.example", "eli@fs.example", colleague,
		"flo@fs.example", "gus@fs.example", "hal@fs.example", "ivy@fs.example", "jo@fs.example", invited,
	}
	roots := a.rows("list_folders", object{"where": "name == 'root' and parent_folder_id == nil", "fields": []string{"id", "folder_type"}})
	team := a.get("create_group", object{"name": name})
	for _, kind := range []string{"app", "resource"} {
		root := sole(t, roots, func(r row) bool { return r["folder_type"] == kind })
		folder := a.get("create_folder", object{"name": name, "folder_type": kind, "parent_folder_id": root["id"]})
		a.call("grant_permissions", object{"subject": object{"type": "group", "id": team["id"]}, "object": object{"type": "folder", "id": folder["id"]}, "access_level": "edit"})
	}
	accounts := a.rows("list_users", object{"where": oneOf("email", people), "fields": []string{"id", "email", "active"}})
	open := a.rows("list_user_invites", object{"where": oneOf("invited_email", people) + " and claimed_at == nil", "fields": []string{"id", "invited_email", "expires_at"}})
	known := slices.Concat(column(accounts, "email"), column(open, "invited_email"))
	var members []object
	for _, id := range column(accounts, "id") {
		members = append(members, object{"id": id, "is_group_admin": false})
	}
	a.call("add_group_members", object{"groupId": team["id"], "members": members})
	a.call("add_group_user_invites", object{"groupId": team["id"], "userInviteIds": column(open, "id")})
	for _, email := range people {
		if !slices.Contains(known, email) {
			a.call("create_user_invite", object{"email": email, "defaultGroupIds": []any{team["id"]}})
		}
	}

	requireTeam(t, a.checker(""), name, colleague, people)
}

// requireTeam checks the team of the first task: one of the people is a member,
// the others are invited.
func requireTeam(t *testing.T, s *session, name, colleague string, people []string) {
	t.Helper()
	got := groupNamed(s, name)
	require.Equal(t, []string{colleague}, each(got.Members, func(u user) string { return u.Email }))
	require.ElementsMatch(t, slices.DeleteFunc(people, func(e string) bool { return e == colleague }), each(got.Invites, func(i invite) string { return i.Email }))
	grants := granted(s, "group", got.ID, "folder")
	require.Equal(t, []string{"edit", "edit"}, each(grants, func(g access) string { return g.Level }))
}

// "Offboard jane@northwind.example: disable her, kill her sessions, show what
// she owned."
func offboardJane(t *testing.T, a *agent) {
	const email = "jane@northwind.example"
	id := a.one("list_users", object{"email": email, "fields": []string{"id"}})["id"]
	jane := a.get("get_user", object{"userId": id, "includeGroups": true, "fields": []string{"legacy_id", "groups.id", "groups.name"}})
	var owned []string
	granted := a.sections("list_subject_access", "object_type", object{
		"subject": object{"type": "user", "id": id}, "object_type": []string{"folder", "app", "resource"}, "resolve": true,
	})
	for kind, rows := range granted {
		for _, r := range rows {
			owned = append(owned, r["access_level"]+" "+kind+" "+r["name"])
		}
	}
	owned = append(owned, column(a.rows("list_workflows", object{"where": fmt.Sprintf("created_by == %v", jane["legacy_id"]), "fields": []string{"name"}}), "name")...)
	drafts := a.one("list_folders", object{"where": fmt.Sprintf("folder_type == 'app' and name startsWith '(%v) ' and name endsWith ' Drafts'", jane["legacy_id"]), "fields": []string{"id"}})["id"]
	owned = append(owned, column(a.rows("list_apps", object{"where": "folder_id == '" + drafts + "'", "fields": []string{"name"}}), "name")...)
	a.call("logout_user", object{"userId": id})
	for _, g := range jane["groups"].([]any) {
		if group := g.(object); group["name"] != "All Users" {
			a.call("remove_group_member", object{"groupId": group["id"], "userId": id})
		}
	}
	a.call("disable_user", object{"userId": id})
	require.Equal(t, false, a.get("get_user", object{"userId": id, "fields": []string{"active"}})["active"])

	require.Subset(t, owned, janeOwned)
	requireOffboarded(t, a.checker(""), id)
}

// janeOwned is what the second task has to find.
var janeOwned = []string{"own folder VIP", "own app Ticket Triage", "own app Ticket Triage (copy)", "edit resource Support Tickets DB", "Jane's macro test", "VIP queue idea"}

func requireOffboarded(t *testing.T, s *session, id string) {
	t.Helper()
	gone := read[user](s, "get_user", object{"userId": id, "includeGroups": true})
	require.False(t, gone.Active)
	require.Equal(t, []string{"All Users"}, each(gone.Groups, func(g group) string { return g.Name }))
}

// "Find users inactive for 90 days that still hold admin or a paid seat, and
// disable them after I confirm." Paid seats are those of editors.
func disableInactive(t *testing.T, a *agent) {
	editors := a.get("get_group", object{"groupId": "2", "fields": []string{"members.id"}})["members"].([]any)
	ids := each(editors, func(m any) string { return m.(object)["id"].(string) })
	found := a.rows("list_users", object{
		"where":  "active and (last_active ?? created_at) < '2026-08-04T09:00:00Z' and (is_admin or " + oneOf("id", ids) + ")",
		"fields": []string{"id", "email", "last_active", "is_admin"},
	})
	before := readAll[user](a.checker(""), "list_users", nil)
	for _, u := range found {
		a.call("disable_user", object{"userId": u["id"]})
	}
	requireDisabled(t, a.checker(""), before, column(found, "id"))
}

// requireDisabled checks the fifth task: those users, and no others, were inactive
// with a paid seat, and are disabled now.
func requireDisabled(t *testing.T, s *session, before []user, found []string) {
	t.Helper()
	editorIDs := groupNamed(s, "editor").Members
	wanted := only(before, func(u user) bool {
		seen := u.CreatedAt
		if u.LastActive != nil {
			seen = *u.LastActive
		}
		paid := u.IsAdmin || slices.ContainsFunc(editorIDs, func(m user) bool { return m.ID == u.ID })
		return u.Active && paid && seen.Before(today.AddDate(0, 0, -90))
	})
	require.ElementsMatch(t, each(wanted, func(u user) string { return u.ID }), found)
	after := readAll[user](s, "list_users", nil)
	for i, u := range after {
		require.Equal(t, before[i].Active && !slices.Contains(found, u.ID), u.Active, u.Email)
	}
}

// "Which users have no 2FA? Reset it for the three who lost their phone."
func resetSecondFactors(t *testing.T, a *agent) {
	lost := lostPhones
	without := a.rows("list_users", object{"where": "not two_factor_auth_enabled", "fields": []string{"email"}})
	users := a.rows("list_users", object{"where": oneOf("email", lost), "fields": []string{"id"}})
	for _, u := range users {
		a.call("reset_user_2fa", object{"userId": u["id"]})
	}
	requireSecondFactors(t, a.checker(""), column(without, "email"))
}

var lostPhones = []string{"jane@northwind.example", "mia.chen@northwind.example", "yuki.tanaka@northwind.example"}

// requireSecondFactors checks the sixth task: without are those who had none
// before.
func requireSecondFactors(t *testing.T, s *session, without []string) {
	t.Helper()
	had := only(readAll[user](s, "list_users", nil), func(u user) bool { return !u.TwoFactor })
	require.ElementsMatch(t, slices.Concat(without, lostPhones), each(had, func(u user) string { return u.Email }))
}

// "Approve the pending access requests that match our policy, deny the rest with
// a reason." The policy: people with an address of ours who have no account.
func decideRequests(t *testing.T, a *agent) {
	const domain = "@northwind.example"
	pending := a.rows("list_access_requests", object{"status": "PENDING", "fields": []string{"id", "requesting_email"}})
	known := column(a.rows("list_users", object{"where": oneOf("email", column(pending, "requesting_email")), "fields": []string{"email"}}), "email")
	var approved []string
	for _, r := range pending {
		status := "DENIED"
		if email := r["requesting_email"]; strings.HasSuffix(email, domain) && !slices.Contains(known, email) {
			status, approved = "APPROVED", append(approved, email)
		}
		a.call("update_access_request", object{"accessRequestId": r["id"], "operations": replace("/status", status)})
	}
	requireDecided(t, a.checker(""), column(pending, "id"), approved)
}

// requireDecided checks what became of access requests.
func requireDecided(t *testing.T, s *session, pending, approved []string) {
	t.Helper()
	require.Contains(t, approved, "peter.holm@northwind.example")
	after := read[[]object](s, "list_access_requests", nil)
	for _, r := range after {
		if slices.Contains(pending, fmt.Sprint(r["id"])) {
			require.Equal(t, slices.Contains(approved, r["requesting_email"].(string)), r["status"] == "APPROVED", r)
		}
	}
}
