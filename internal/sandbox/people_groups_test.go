package sandbox_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestNewGroupHasNoAccess(t *testing.T) {
	a := start(t, sandbox.Options{})
	group := a.object("create_group", groupBody("Night shift"))
	for field, value := range map[string]any{
		"name": "Night shift", "legacy_id": group["id"], "members": []any{}, "user_invites": []any{}, "landing_page_app_id": nil,
		"universal_app_access": "none", "universal_resource_access": "none", "universal_workflow_access": "none",
		"universal_query_library_access": "none", "user_list_access": false, "audit_log_access": false,
		"unpublished_release_access": false, "usage_analytics_access": false, "theme_access": false, "account_details_access": false,
	} {
		require.Equal(t, value, group[field], field)
	}
	list := a.items("list_groups", request{})
	require.Equal(t, []any{"admin", "editor", "viewer", "All Users"}, column(list[:4], "name"))
	require.Equal(t, group, list[len(list)-1])
}

func TestGroupIsCreatedWithMembersAndInvites(t *testing.T) {
	a := start(t, sandbox.Options{})
	user, invite := a.newcomer(), a.object("create_user_invite", inviteBody("night@newcomers.example"))
	group := a.object("create_group", request{}.with(map[string]any{
		"name": "Night shift", "members": []any{memberBody(user, true)}, "user_invites": []any{invite},
		"universal_app_access": "use", "universal_query_library_access": "edit", "theme_access": true,
	}))
	require.Equal(t, "use", group["universal_app_access"])
	require.Equal(t, "none", group["universal_resource_access"])
	require.Equal(t, "edit", group["universal_query_library_access"])
	require.Equal(t, true, group["theme_access"])
	require.Equal(t, []any{map[string]any{"id": user, "email": "tove-lin@newcomers.example", "is_group_admin": true}}, group["members"])
	require.Equal(t, []any{invite["id"]}, column(listIn(group["user_invites"]), "id"))
	require.Equal(t, group, a.object("get_group", at("groupId", text(group["id"]))))
	require.Equal(t,
		[]any{map[string]any{"id": group["id"], "legacy_id": group["id"], "name": "Night shift"}},
		a.object("get_user_invite", at("userInviteId", text(invite["id"])))["groups"])
}

func TestGroupNeedsExistingMembers(t *testing.T) {
	a := start(t, sandbox.Options{})
	for field, list := range map[string][]any{
		"members": {memberBody("user_0", false)},
		"user_invites": {map[string]any{
			"id": 987654321, "legacy_id": 987654321, "invited_by": "", "invited_email": "no@body.example", "expires_at": "",
			"claimed_by": nil, "claimed_at": nil, "user_type": nil, "metadata": nil, "created_at": "",
		}},
	} {
		body := map[string]any{"name": "Night shift", field: list}
		a.withoutEffect(func() {
			require.Contains(t, a.fails(http.StatusBadRequest, "create_group", request{}.with(body)), "does not exist")
			require.Contains(t, a.fails(http.StatusBadRequest, "replace_group", at("groupId", "3").with(map[string]any{field: list})), "does not exist")
		})
	}
}

func TestGroupsAreFilteredByName(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.nightShift()
	require.Equal(t, []any{"Night shift"}, column(a.items("list_groups", request{}.where("name_contains", "GHT SHI")), "name"))
	require.Empty(t, a.items("list_groups", request{}.where("name_contains", "no such group")))
}

func TestGroupNamesAreUnique(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.nightShift()
	other := text(a.object("create_group", groupBody("Day shift"))["id"])
	a.withoutEffect(func() {
		a.fails(http.StatusConflict, "create_group", groupBody("Night shift"))
		a.fails(http.StatusConflict, "update_group", at("groupId", other).patch("replace", "/name", "Night shift"))
		a.fails(http.StatusConflict, "replace_group", at("groupId", other).with(map[string]any{"name": "admin"}))
	})
	a.ok("update_group", at("groupId", id).patch("replace", "/name", "Night shift"))
}

func TestReplacedGroupLosesOmittedFields(t *testing.T) {
	a := start(t, sandbox.Options{})
	user, invite := a.newcomer(), a.object("create_user_invite", inviteBody("night@newcomers.example"))
	before := a.object("create_group", request{}.with(map[string]any{
		"name": "Night shift", "members": []any{memberBody(user, true)}, "user_invites": []any{invite},
		"universal_app_access": "use", "theme_access": true,
	}))
	id := text(before["id"])

	same := a.object("replace_group", at("groupId", id).with(before))
	require.NotEqual(t, before["updated_at"], same["updated_at"])
	same["updated_at"] = before["updated_at"]
	require.Equal(t, before, same, "what was read can be sent back")

	lost := a.object("replace_group", at("groupId", id).with(map[string]any{"universal_workflow_access": "own"}))
	require.Equal(t, "Night shift", lost["name"])
	require.Equal(t, "own", lost["universal_workflow_access"])
	require.Equal(t, "none", lost["universal_app_access"])
	require.Equal(t, false, lost["theme_access"])
	require.Empty(t, lost["members"])
	require.Empty(t, lost["user_invites"])
	require.Equal(t, before["created_at"], lost["created_at"])
}

func TestInvalidGroupPatchesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.nightShift()
	for name, r := range map[string]request{
		"empty name":     at("groupId", id).patch("replace", "/name", ""),
		"no name":        at("groupId", id).patch("remove", "/name", nil),
		"members":        at("groupId", id).patch("replace", "/members", []any{}),
		"id":             at("groupId", id).patch("replace", "/id", 1),
		"unknown level":  at("groupId", id).patch("replace", "/universal_app_access", "all"),
		"own of queries": at("groupId", id).patch("replace", "/universal_query_library_access", "own"),
		"flag as text":   at("groupId", id).patch("replace", "/theme_access", "yes"),
		"unknown app":    at("groupId", id).patch("replace", "/landing_page_app_id", "00000000-0000-4000-8000-000000000000"),
		"no app at all":  at("groupId", id).patch("replace", "/landing_page_app_id", "home"),
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			a.withoutEffect(func() { a.fails(http.StatusBadRequest, "update_group", r) })
		})
	}
}

func TestGroupsHaveLandingPages(t *testing.T) {
	a := start(t, sandbox.Options{})
	apps := a.tableRows("apps")
	require.NotEmpty(t, apps, "the organization needs an app")
	id, app := a.nightShift(), apps[0]["id"]
	require.Equal(t, app, a.object("update_group", at("groupId", id).patch("replace", "/landing_page_app_id", app))["landing_page_app_id"])
	require.Nil(t, a.object("update_group", at("groupId", id).patch("replace", "/landing_page_app_id", nil))["landing_page_app_id"])
	a.withoutEffect(func() {
		body := map[string]any{"name": "Day shift", "landing_page_app_id": "00000000-0000-4000-8000-000000000000"}
		require.Contains(t, a.fails(http.StatusBadRequest, "create_group", request{}.with(body)), "does not exist")
	})
}

func TestBuiltInGroupsStay(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, id := range []string{"1", "2", "3", "4"} {
		a.withoutEffect(func() {
			a.fails(http.StatusBadRequest, "delete_group", at("groupId", id))
			a.fails(http.StatusBadRequest, "update_group", at("groupId", id).patch("replace", "/name", "Other"))
		})
		require.Equal(t, true, a.object("update_group", at("groupId", id).patch("replace", "/theme_access", true))["theme_access"])
	}
	user := a.newcomer()
	a.withoutEffect(func() {
		a.fails(http.StatusBadRequest, "remove_group_member", at("groupId", "4", "userId", user))
		a.fails(http.StatusBadRequest, "replace_group", at("groupId", "4").with(map[string]any{"theme_access": true}))
	})
}

func TestMembersAreAddedAndRemoved(t *testing.T) {
	a := start(t, sandbox.Options{})
	id, user := a.nightShift(), a.newcomer()
	other := text(a.object("create_user", userBody("other@newcomers.example"))["id"])
	add := func(members ...any) request { return at("groupId", id).with(map[string]any{"members": members}) }
	a.withoutEffect(func() {
		require.Equal(t, `User with id "user_0" does not exist`,
			a.fails(http.StatusBadRequest, "add_group_members", add(memberBody(user, true), memberBody("user_0", false))))
	})
	a.ok("add_group_members", add(memberBody(user, true), memberBody(other, false)))
	group := a.object("add_group_members", add(memberBody(user, false)))
	require.Equal(t, []any{user, other}, column(listIn(group["members"]), "id"), "nobody is in twice or removed")
	require.Equal(t, []any{false, false}, column(listIn(group["members"]), "is_group_admin"))
	require.Contains(t, column(listIn(a.object("get_user", at("userId", user).where("includeGroups", "true"))["groups"]), "name"), "Night shift")

	group = a.object("remove_group_member", at("groupId", id, "userId", user))
	require.Equal(t, []any{other}, column(listIn(group["members"]), "id"))
	a.withoutEffect(func() {
		a.fails(http.StatusNotFound, "remove_group_member", at("groupId", id, "userId", user))
	})
	require.Equal(t, []any{user}, column(listIn(a.object("replace_group", add(memberBody(user, true)))["members"]), "id"))
	require.Equal(t, true, a.object("get_user", at("userId", other))["active"], "who leaves a group keeps the account")
}

func TestReplacedAdminGroupChangesAdmins(t *testing.T) {
	a := start(t, sandbox.Options{})
	user := a.newcomer()
	group := a.object("get_group", at("groupId", "1"))
	former := column(listIn(group["members"]), "id")
	group["members"] = []any{memberBody(user, false)}
	a.ok("replace_group", at("groupId", "1").with(group))
	require.Equal(t, true, a.object("get_user", at("userId", user))["is_admin"])
	for _, id := range former {
		require.Equal(t, false, a.object("get_user", at("userId", text(id)))["is_admin"])
	}
}

func TestDeletedGroupLeavesNoReferences(t *testing.T) {
	a := start(t, sandbox.Options{})
	id, user := a.nightShift(), a.newcomer()
	a.ok("add_group_members", at("groupId", id).with(map[string]any{"members": []any{memberBody(user, false)}}))
	invite := a.object("create_user_invite", inviteBody("night@newcomers.example"))
	a.ok("add_group_user_invites", at("groupId", id).with(map[string]any{"userInviteIds": []any{invite["id"], invite["id"]}}))

	number, err := strconv.Atoi(id)
	require.NoError(t, err)
	a.ok("grant_permissions", request{}.with(map[string]any{
		"subject": map[string]any{"type": "group", "id": number},
		"object":  map[string]any{"type": "folder", "id": "app_1"}, "access_level": "use",
	}))
	granted := func() bool {
		list := a.object("list_object_access", at("objectType", "folder", "objectId", "app_1"))
		return slices.ContainsFunc(listIn(list["group"]), func(e map[string]any) bool {
			return e["subject"].(map[string]any)["id"] == id
		})
	}
	require.True(t, granted())

	a.ok("delete_group", at("groupId", id))
	require.False(t, granted())
	a.fails(http.StatusNotFound, "get_group", at("groupId", id))
	a.fails(http.StatusNotFound, "delete_group", at("groupId", id))
	require.Empty(t, a.object("get_user_invite", at("userInviteId", text(invite["id"])))["groups"])
	groups := a.object("get_user", at("userId", user).where("includeGroups", "true"))["groups"]
	require.Equal(t, []any{"All Users"}, column(listIn(groups), "name"))
	a.ok("create_group", groupBody("Night shift"))
}

func TestDeletedGroupIsNoAssignee(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.nightShift()
	number, err := strconv.Atoi(id)
	require.NoError(t, err)
	pending := a.items("list_user_tasks", request{}.where("statuses", "pending"))
	require.NotEmpty(t, pending, "the organization needs a task that waits")
	assignees := func() []any {
		for _, task := range a.items("list_user_tasks", request{}) {
			if task["id"] == pending[0]["id"] {
				return column(listIn(task["assignees"]), "name")
			}
		}
		return nil
	}
	a.ok("add_group_members", at("groupId", id).with(map[string]any{"members": []any{memberBody(a.newcomer(), false)}}))
	a.ok("reassign_user_task", at("taskId", text(pending[0]["id"])).with(map[string]any{
		"email": "tove-lin@newcomers.example", "assignees": []any{map[string]any{"type": "group", "id": number}},
	}))
	require.Equal(t, []any{"Night shift"}, assignees())
	a.ok("delete_group", at("groupId", id))
	require.Equal(t, []any{}, assignees())
}
