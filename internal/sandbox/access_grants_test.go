package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// The exchanges with a real organization that are recorded, in their order.
func TestPermissionsAsRecorded(t *testing.T) {
	a := start(t, sandbox.Options{})
	group := a.object("create_group", request{}.with(map[string]any{"name": "tf-acc-test-group"}))["id"]
	folder := func(name, parent string) string {
		return text(a.object("create_folder", request{}.with(map[string]any{
			"folder_type": "app", "name": name, "parent_folder_id": parent,
		}))["id"])
	}
	outer := folder("tf-acc-test-folder1", "app_1")
	inner := folder("tf-acc-test-folder2", outer)
	subject := map[string]any{"type": "group", "id": group}
	answers := func(id, want string, r request) {
		t.Helper()
		out := a.call(id, r)
		require.Equal(t, http.StatusOK, out.status)
		require.JSONEq(t, strings.NewReplacer("OUTER", outer, "INNER", inner).Replace(want), string(out.raw))
	}
	lists := func(folders string) {
		t.Helper()
		for _, kind := range []string{"app", "folder", "resource", "resource_configuration"} {
			want := noObjects
			if kind == "folder" {
				want = folders
			}
			answers("list_subject_access", want, request{}.with(map[string]any{"subject": subject, "object_type": kind}))
		}
	}
	const onOuter = `{"success":true,"data":[{"type":"folder","id":"OUTER","access_level":"use"}],"total_count":1,"next_token":null,"has_more":false}`
	const onInner = `{"success":true,"data":[{"type":"folder","id":"INNER","access_level":"own"}],"total_count":1,"next_token":null,"has_more":false}`
	lists(noObjects)
	answers("grant_permissions", onOuter, permission(subject, on("folder", outer), "use"))
	lists(onOuter)
	answers("revoke_permissions", noObjects, permission(subject, on("folder", outer), ""))
	answers("grant_permissions", onInner, permission(subject, on("folder", inner), "own"))
	lists(onInner)
	answers("revoke_permissions", noObjects, permission(subject, on("folder", inner), ""))
	lists(noObjects)
}

const noObjects = `{"success":true,"data":[],"total_count":0,"next_token":null,"has_more":false}`

func TestSecondGrantChangesLevel(t *testing.T) {
	f := startFirm(t)
	f.grant(f.user("Eve"), on("app", f.payroll), "own")
	f.grant(f.user("Eve"), on("app", f.archive), "edit")
	items := f.grant(f.user("Eve"), on("app", f.payroll), "use")
	require.Equal(t, []map[string]any{
		{"type": "app", "id": f.payroll, "access_level": "use"},
		{"type": "app", "id": f.archive, "access_level": "edit"},
	}, items)
	f.grant(f.user("Ben"), on("app", f.payroll), "own")
	require.Equal(t, items, f.grant(f.user("Eve"), on("app", f.payroll), "use"), "somebody else's grant is not listed")
	require.Equal(t, map[string]string{f.payroll: "own"}, f.reach(f.user("Ben"), "app", false))
}

// The answer lists objects of the granted type alone.
func TestGrantListsOneType(t *testing.T) {
	f := startFirm(t)
	f.grant(f.group("Clerks"), on("folder", f.finance), "use")
	require.Len(t, f.grant(f.group("Clerks"), on("app", f.archive), "use"), 1)
	require.Empty(t, f.revoke(f.group("Clerks"), on("app", f.archive)))
	require.Equal(t, map[string]string{f.finance: "use"}, f.reach(f.group("Clerks"), "folder", false))
}

func TestGrantOnFolderCoversObjectsDirectlyInside(t *testing.T) {
	f := startFirm(t)
	clerks := f.group("Clerks")
	f.grant(clerks, on("app", f.payroll), "own")
	f.grant(clerks, on("app", f.archive), "own")
	f.grant(clerks, on("folder", f.finance), "use")
	want := map[string]string{f.payroll: "use", f.archive: "own"} // the one in the subfolder keeps its level
	require.Equal(t, want, f.reach(clerks, "app", false))
	require.Equal(t, want, f.reach(clerks, "app", true))

	f.revoke(clerks, on("folder", f.finance))
	require.Equal(t, map[string]string{f.archive: "own"}, f.reach(clerks, "app", true))
	f.grant(clerks, on("app", f.payroll), "edit")
	require.Empty(t, f.revoke(clerks, on("folder", f.finance)), "what is inside is enough to take")
	require.Equal(t, map[string]string{f.archive: "own"}, f.reach(clerks, "app", false))
	f.fails(http.StatusNotFound, "revoke_permissions", permission(clerks, on("folder", f.finance), ""))
}

func TestGrantOnScreen(t *testing.T) {
	f := startFirm(t)
	screen := map[string]any{"type": "screen", "id": f.screen, "appId": f.payroll}
	out := f.call("grant_permissions", permission(f.user("Eve"), screen, "edit"))
	require.JSONEq(t, `{"success":true,"data":[{"type":"screen","id":"`+f.screen+`","access_level":"edit"}]}`, string(out.raw))
	out = f.call("revoke_permissions", permission(f.user("Eve"), screen, ""))
	require.JSONEq(t, `{"success":true,"data":[]}`, string(out.raw))

	screen["appId"] = f.archive // it is a screen of Payroll
	f.fails(http.StatusBadRequest, "grant_permissions", permission(f.user("Eve"), screen, "edit"))
	f.grant(f.user("Eve"), map[string]any{"type": "screen", "id": f.screen, "appId": f.payroll}, "use")
	f.ok("delete_app", at("appId", f.payroll))
	out = f.call("revoke_permissions", permission(f.user("Eve"), map[string]any{"type": "screen", "id": f.screen, "appId": f.payroll}, ""))
	require.Equal(t, http.StatusNotFound, out.status, "the grant went with the app")
}

func TestGrantOnResources(t *testing.T) {
	f := startFirm(t)
	byName := f.grant(f.user("Eve"), on("resource", "Ledger"), "use")
	require.Equal(t, []map[string]any{{"type": "resource", "id": f.ledger, "access_level": "use"}}, byName)
	require.Len(t, f.grant(f.user("Eve"), on("resource", f.ledger), "edit"), 1, "name and id mean the same")
	f.grant(f.user("Eve"), on("resource_configuration", f.staging), "own")
	require.Equal(t, map[string]string{f.staging: "own"}, f.reach(f.user("Eve"), "resource_configuration", false))
	require.Equal(t, map[string]string{f.staging: "own", f.production: "edit"}, f.reach(f.user("Eve"), "resource_configuration", true))
	f.revoke(f.user("Eve"), on("resource", "Ledger"))
	require.Equal(t, map[string]string{f.staging: "own"}, f.reach(f.user("Eve"), "resource_configuration", true))
}

func TestInvalidGrantsAreRefused(t *testing.T) {
	f := startFirm(t)
	const nobody = "user_00000000000000000000000000000000"
	const nothing = "00000000-0000-4000-8000-000000000000"
	for name, row := range map[string]struct {
		subject, object map[string]any
		message         string
	}{
		"group":         {map[string]any{"type": "group", "id": 99}, on("app", f.payroll), `Group with id "99" does not exist`},
		"no group":      {map[string]any{"type": "group", "id": nil}, on("app", f.payroll), `Group with id "null" does not exist`},
		"half a group":  {map[string]any{"type": "group", "id": 1.5}, on("app", f.payroll), `Group with id "1.5" does not exist`},
		"user":          {map[string]any{"type": "user", "id": nobody}, on("app", f.payroll), `User with id "` + nobody + `" does not exist`},
		"app":           {f.user("Eve"), on("app", nothing), `App with id "` + nothing + `" does not exist`},
		"folder":        {f.user("Eve"), on("folder", "app_999"), `Folder with id "app_999" does not exist`},
		"resource":      {f.user("Eve"), on("resource", "Ledgers"), `Resource with id "Ledgers" does not exist`},
		"configuration": {f.user("Eve"), on("resource_configuration", nothing), `Resource configuration with id "` + nothing + `" does not exist`},
		"screen":        {f.user("Eve"), map[string]any{"type": "screen", "id": nothing, "appId": f.payroll}, `Screen with id "` + nothing + `" does not exist`},
		"screen's app":  {f.user("Eve"), map[string]any{"type": "screen", "id": f.screen, "appId": nothing}, `App with id "` + nothing + `" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.in(t)
			before := a.state()
			require.Equal(t, row.message, a.fails(http.StatusBadRequest, "grant_permissions", permission(row.subject, row.object, "use")))
			require.Equal(t, row.message, a.fails(http.StatusNotFound, "revoke_permissions", permission(row.subject, row.object, "")))
			require.Equal(t, before, a.state())
		})
	}
	f.fails(http.StatusNotFound, "revoke_permissions", permission(f.user("Eve"), on("app", f.payroll), ""))
}

// What is gone takes its grants along.
func TestDeletedSubjectLosesGrants(t *testing.T) {
	f := startFirm(t)
	f.grant(f.group("Clerks"), on("app", f.payroll), "use")
	require.Contains(t, f.who("app", f.payroll), "Clerks")
	f.ok("delete_group", at("groupId", text(f.groups["Clerks"])))
	require.NotContains(t, f.who("app", f.payroll), text(f.groups["Clerks"]))
	require.NotContains(t, f.who("app", f.payroll), "Cem")
}
