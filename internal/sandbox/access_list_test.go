package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccessListOfPayroll(t *testing.T) {
	f := startFirm(t)
	require.Equal(t, map[string]string{
		"admin": "own universal", "2": "edit universal", "3": "use universal", "Ada": "own through admin",
	}, f.who("app", f.payroll), "at first")

	f.grant(f.group("Accountants"), on("folder", f.finance), "use")
	f.grant(f.group("Clerks"), on("app", f.payroll), "edit")
	f.grant(f.user("Eve"), on("folder", f.finance), "own")
	f.grant(f.user("Ben"), on("app", f.payroll), "own")
	require.Equal(t, map[string]string{
		"admin": "own universal", "2": "edit universal", "3": "use universal",
		"Accountants": "use by folder",
		"Clerks":      "edit direct",
		"Ada":         "own through admin",
		"Ben":         "own direct through Accountants",
		"Cem":         "edit through Accountants through Clerks",
		"Eve":         "own by folder",
		"awaited":     "use through Accountants",
	}, f.who("app", f.payroll), "Dan is disabled, and two of the invites lead nowhere")

	archive := f.who("app", f.archive)
	require.NotContains(t, archive, "Accountants", "a folder passes nothing on to its subfolders")
	require.NotContains(t, archive, "Eve")
	require.Equal(t, "own direct", f.who("folder", f.finance)["Eve"])
	require.NotContains(t, f.who("folder", f.years), "Eve")
}

// A group's universal access, a change of members and a user who is disabled
// and enabled again show at once.
func TestAccessListFollowsChanges(t *testing.T) {
	f := startFirm(t)
	clerks := at("groupId", text(f.groups["Clerks"]))
	f.ok("update_group", clerks.patch("replace", "/universal_app_access", "edit"))
	f.grant(f.group("Clerks"), on("app", f.payroll), "use")
	who := f.who("app", f.payroll)
	require.Equal(t, "edit direct universal", who["Clerks"])
	require.Equal(t, "edit through Clerks", who["Cem"])
	require.Equal(t, "edit universal", f.who("folder", f.years)["Clerks"])
	require.NotContains(t, f.who("resource", f.ledger), "Clerks", "that is a level for apps")

	f.ok("disable_user", at("userId", f.users["Cem"]))
	require.NotContains(t, f.who("app", f.payroll), "Cem")
	f.ok("update_user", at("userId", f.users["Cem"]).patch("replace", "/active", true))
	require.Contains(t, f.who("app", f.payroll), "Cem")
	f.ok("remove_group_member", at("groupId", text(f.groups["Clerks"]), "userId", f.users["Cem"]))
	require.NotContains(t, f.who("app", f.payroll), "Cem")
}

// Everybody is in All Users, invited people too.
func TestAccessListOfAllUsers(t *testing.T) {
	f := startFirm(t)
	f.grant(map[string]any{"type": "group", "id": 4}, on("app", f.payroll), "use")
	who := f.who("app", f.payroll)
	require.Equal(t, "use direct", who["All Users"])
	require.Equal(t, "own through admin through All Users", who["Ada"])
	require.Equal(t, "use through All Users", who["Eve"])
	require.Equal(t, "use through All Users", who["awaited"])
	require.NotContains(t, who, "Dan")
	require.NotContains(t, who, "late")
}

func TestAccessListOfEachType(t *testing.T) {
	f := startFirm(t)
	f.grant(f.user("Eve"), on("folder", "workflow_4"), "edit")
	f.grant(f.user("Eve"), on("folder", "resource_1"), "use")
	require.Equal(t, "edit by folder", f.who("workflow", f.nightly)["Eve"])
	require.Equal(t, "use by folder", f.who("resource", "Ledger")["Eve"])
	require.Equal(t, f.who("resource", "Ledger"), f.who("resource", f.ledger))
	require.Equal(t, "own universal", f.who("workflow", f.nightly)["admin"])

	f.grant(f.user("Eve"), on("folder", f.finance), "use")
	shared := f.object("create_folder", request{}.with(map[string]any{"name": "Shared", "folder_type": "library"}))
	require.Equal(t, "edit universal", f.who("folder", text(shared["id"]))["2"], "that of the query library")
	number := strings.TrimPrefix(f.finance, "app_")
	require.Equal(t, "use direct", f.who("folder", number)["Eve"], "a folder's bare number will do")

	for kind, id := range map[string]string{
		"app": "Payroll", "folder": "999", "resource": "Ledgers", "workflow": f.payroll, "agent": f.payroll,
	} {
		f.fails(http.StatusNotFound, "list_object_access", at("objectType", kind, "objectId", id))
	}
	f.fails(http.StatusBadRequest, "list_object_access", at("objectType", "screen", "objectId", f.screen))
}

// The two directions of the same question have the same answers: who reaches an
// object, and what somebody reaches.
func TestAccessListsAgreeWithReach(t *testing.T) {
	f := startFirm(t)
	f.grant(f.group("Accountants"), on("folder", f.finance), "use")
	f.grant(f.group("Accountants"), on("app", f.archive), "edit")
	f.grant(f.group("Clerks"), on("folder", f.years), "own")
	f.grant(f.group("Clerks"), on("folder", "resource_1"), "use")
	f.grant(f.user("Ben"), on("resource", f.ledger), "edit")
	f.grant(f.user("Eve"), on("app", f.payroll), "own")
	f.grant(map[string]any{"type": "group", "id": 4}, on("folder", f.years), "use")
	entries := 0
	for kind, ids := range map[string][]string{
		"app": {f.payroll, f.archive}, "folder": {"app_1", "resource_1", f.finance, f.years}, "resource": {f.ledger},
	} {
		for _, id := range ids {
			who := f.who(kind, id)
			for _, name := range []string{"Ada", "Ben", "Cem", "Eve", "Accountants", "Clerks"} {
				subject := f.group(name)
				if f.users[name] != "" {
					subject = f.user(name)
				}
				level, _, _ := strings.Cut(who[name], " ")
				require.Equal(t, level, f.reach(subject, kind, true)[id], "%s and %s %s", name, kind, id)
				if level != "" {
					entries++
				}
			}
		}
	}
	require.Greater(t, entries, 15)
}

func TestReach(t *testing.T) {
	f := startFirm(t)
	f.grant(f.group("Clerks"), on("folder", f.finance), "edit")
	f.grant(f.user("Cem"), on("app", f.archive), "use")
	cem, clerks := f.user("Cem"), f.group("Clerks")
	require.Equal(t, map[string]string{f.archive: "use"}, f.reach(cem, "app", false), "only what was granted to Cem")
	require.Equal(t, map[string]string{f.archive: "use", f.payroll: "edit"}, f.reach(cem, "app", true))
	require.Equal(t, map[string]string{f.finance: "edit"}, f.reach(cem, "folder", true))
	require.Empty(t, f.reach(clerks, "app", false))
	require.Equal(t, map[string]string{f.payroll: "edit"}, f.reach(clerks, "app", true))
	require.Empty(t, f.reach(f.user("Eve"), "app", true))

	require.Empty(t, f.reach(f.user("Ada"), "resource_configuration", false))
	require.Equal(t, map[string]string{f.production: "own", f.staging: "own"}, f.reach(f.user("Ada"), "resource_configuration", true))
	all := f.reach(map[string]any{"type": "group", "id": 1}, "folder", true)
	require.Equal(t, "own", all["workflow_4"])
	require.NotContains(t, all, "file_6", "no level is for those")

	for _, subject := range []map[string]any{{"type": "group", "id": 99}, {"type": "user", "id": "user_0"}} {
		f.fails(http.StatusBadRequest, "list_subject_access", request{}.with(map[string]any{"subject": subject, "object_type": "app"}))
	}
}
