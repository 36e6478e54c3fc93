package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Onboard the Support team: folder for apps, folder for resources, a group,
// give it edit on both, invite these 12 people."
//
// There is a group of that name already, one of the twelve is a colleague, and
// another was invited last week.
func TestTask01OnboardATeam(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state)
	requireRefusal(s, "create_group", object{"name": "Support"}, "409", `Group with name \"Support\" already exists`)
	const name = "Field Support"
	colleague, invited := "mia.chen@northwind.example", "samira.khalil@northwind.example"
	people := []string{
		"ada@fs.example", "bo@fs.example", "cy@fs.example", "di@fs.example", "eli@fs.example", colleague,
		"flo@fs.example", "gus@fs.example", "hal@fs.example", "ivy@fs.example", "jo@fs.example", invited,
	}

	folders := map[string]folder{}
	for _, kind := range []string{"app", "resource"} {
		root := sole(t, read[[]folder](s, "list_folders", nil), func(f folder) bool {
			return f.Type == kind && f.Parent == nil && f.Name == "root"
		})
		folders[kind] = read[folder](s, "create_folder", object{"name": name, "folder_type": kind, "parent_folder_id": root.ID})
		require.Equal(t, root.ID, *folders[kind].Parent)
	}
	team := read[group](s, "create_group", object{"name": name})
	subject := object{"type": "group", "id": team.ID}
	for _, f := range folders {
		read[[]access](s, "grant_permissions", object{"subject": subject, "object": object{"type": "folder", "id": f.ID}, "access_level": "edit"})
	}
	for _, email := range people {
		if found := read[[]user](s, "list_users", object{"email": email}); len(found) > 0 {
			requireRefusal(s, "create_user_invite", object{"email": email, "defaultGroupIds": []int{team.ID}}, "409", email)
			read[group](s, "add_group_members", object{"groupId": text(team.ID), "members": []object{{"id": found[0].ID, "is_group_admin": true}}})
			continue
		}
		open := only(read[[]invite](s, "list_user_invites", nil), func(i invite) bool {
			return i.Email == email && i.Claimed == nil && i.Expires.After(today)
		})
		if len(open) > 0 {
			requireRefusal(s, "create_user_invite", object{"email": email, "defaultGroupIds": []int{team.ID}}, "409", email)
			read[group](s, "add_group_user_invites", object{"groupId": text(team.ID), "userInviteIds": []int{open[0].ID}})
			continue
		}
		made := read[invite](s, "create_user_invite", object{"email": email, "defaultGroupIds": []int{team.ID}})
		require.Equal(t, []group{{ID: team.ID, Name: name}}, made.Groups)
	}

	// The group has all of them and can edit these two folders only.
	team = read[group](s, "get_group", object{"groupId": text(team.ID)})
	require.Equal(t, []string{colleague}, each(team.Members, func(u user) string { return u.Email }))
	require.ElementsMatch(t, slices.DeleteFunc(slices.Clone(people), func(email string) bool { return email == colleague }),
		each(team.Invites, func(i invite) string { return i.Email }))
	require.ElementsMatch(t, []access{{"folder", folders["app"].ID, "edit"}, {"folder", folders["resource"].ID, "edit"}},
		granted(s, "group", team.ID, "folder"))
	before := read[invite](s, "get_user_invite", object{"userInviteId": text(sole(t, team.Invites, func(i invite) bool { return i.Email == invited }).ID)})
	require.ElementsMatch(t, []string{"Support", "Operations", name}, each(before.Groups, func(g group) string { return g.Name }), "existing grants are unchanged")

	// The group can edit an app that moves into the folder.
	copied := read[app](s, "clone_app", object{"app_id": appNamed(s, "Customer 360").ID, "new_app_name": "Field Desk", "folder_id": folders["app"].ID})
	list := accessTo(s, copied.ID)
	require.Contains(t, list.Groups, accessEntry{
		Subject: ref{text(team.ID), "group"}, Level: "edit", Sources: accessSources{Inherited: &ref{folders["app"].ID, "folder"}},
	})
	require.Len(t, only(list.Invites, func(e accessEntry) bool { return slices.Contains(e.Sources.Groups, ref{text(team.ID), "group"}) }), 11)

	// The next process reads the same.
	s.quit()
	again := onSandbox(t, "--sandbox-state", state)
	require.Equal(t, team, read[group](again, "get_group", object{"groupId": text(team.ID)}))
}

// "Offboard jane@northwind.example: disable her, kill her sessions, show what
// she owned."
func TestTask02Offboard(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state)
	before := snapshotOf(readAll[object](s, "list_users", nil))
	jane := read[user](s, "get_user", object{"userId": userWith(s, "jane@northwind.example").ID, "includeGroups": true})
	require.True(t, jane.Active)
	require.Subset(t, each(jane.Groups, func(g group) string { return g.Name }), []string{"All Users", "Support", "Store Managers"})

	owned := map[string][]string{}
	for _, kind := range []struct{ objectType, get, argument, name string }{
		{"folder", "get_folder", "folderId", "name"},
		{"app", "get_app", "appId", "name"},
		{"resource", "get_resource", "resourceId", "display_name"},
	} {
		for _, a := range granted(s, "user", jane.ID, kind.objectType) {
			it := read[object](s, kind.get, object{kind.argument: a.ID})
			owned[kind.objectType] = append(owned[kind.objectType], a.Level+" "+it[kind.name].(string))
		}
	}
	for _, w := range readAll[object](s, "list_workflows", nil) {
		if w["created_by"] == float64(jane.LegacyID) {
			owned["workflow"] = append(owned["workflow"], w["name"].(string))
		}
	}
	drafts := sole(t, read[[]folder](s, "list_folders", nil), func(f folder) bool {
		return f.Type == "app" && strings.HasPrefix(f.Name, fmt.Sprintf("(%d) ", jane.LegacyID)) && strings.HasSuffix(f.Name, " Drafts")
	})
	for _, a := range only(readAll[app](s, "list_apps", nil), func(a app) bool { return a.Folder == drafts.ID }) {
		owned["draft"] = append(owned["draft"], a.Name)
	}
	require.Contains(t, owned["draft"], "VIP queue idea")
	require.ElementsMatch(t, []string{"own VIP"}, owned["folder"])
	require.ElementsMatch(t, []string{"own Ticket Triage", "own Ticket Triage (copy)"}, owned["app"])
	require.ElementsMatch(t, []string{"edit Support Tickets DB"}, owned["resource"])
	require.Contains(t, owned["workflow"], "Jane's macro test")

	require.Equal(t, object{"sso_logout": false}, read[object](s, "logout_user", object{"userId": jane.ID}))
	s.quit()
	require.Equal(t, json.Number("0"), userInState(t, state, jane.ID)["sessions"])
	s = onSandbox(t, "--sandbox-state", state) // a second session
	require.True(t, userWith(s, jane.Email).Active)
	for _, g := range jane.Groups {
		arguments := object{"groupId": text(g.ID), "userId": jane.ID}
		if g.Name == "All Users" {
			requireRefusal(s, "remove_group_member", arguments, "400", "All Users")
			continue
		}
		left := read[group](s, "remove_group_member", arguments)
		require.NotContains(t, each(left.Members, func(u user) string { return u.ID }), jane.ID)
	}
	act(s, "disable_user", object{"userId": jane.ID})

	gone := read[user](s, "get_user", object{"userId": jane.ID, "includeGroups": true})
	require.False(t, gone.Active)
	require.Equal(t, []string{"All Users"}, each(gone.Groups, func(g group) string { return g.Name }))
	triage := accessTo(s, appNamed(s, "Ticket Triage").ID)
	require.NotEmpty(t, triage.Users)
	require.NotContains(t, each(triage.Users, func(e accessEntry) string { return e.Subject.ID }), jane.ID)
	require.Equal(t, []string{jane.ID + " active"}, changes(before, snapshotOf(readAll[object](s, "list_users", nil))), "nobody else")
	requireRefusal(s, "create_user", object{"email": "Jane@Northwind.example", "first_name": "J", "last_name": "H"}, "409", "already exists")
	s.quit()
	require.False(t, userWith(onSandbox(t, "--sandbox-state", state), jane.Email).Active, "for the next process")
}

// userInState finds a user in a state file, with fields that no tool shows.
func userInState(t testing.TB, state, id string) object {
	t.Helper()
	rows := stateOf(t, state)["users"].(object)["rows"].([]any)
	return sole(t, rows, func(row any) bool { return row.(object)["item"].(object)["id"] == id }).(object)["item"].(object)
}

func stateOf(t testing.TB, state string) object {
	t.Helper()
	data, err := os.ReadFile(state)
	require.NoError(t, err)
	return decodeJSON(t, data).(object)
}
