package sandbox_test

import (
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// everyKind returns all kinds. A kind comes after those that it refers to.
func everyKind() []*kind {
	return slices.Concat(kindsOfPeople(), kindsOfObjects(), kindsOfResources(), kindsOfAccess(), kindsOfSourceControl())
}

// renamed makes the change of a kind whose name is replaced by JSON Patch.
func renamed(operation, field string) func(*randomClient, *thing) (string, request, map[string]any) {
	return func(w *randomClient, t *thing) (string, request, map[string]any) {
		name := w.name()
		return operation, at(t.param, t.id).patch("replace", "/"+field, name), map[string]any{field: name}
	}
}

func kindsOfPeople() []*kind {
	const conflict = http.StatusConflict
	return []*kind{
		{
			name: "user", list: "list_users", pages: true, read: "get_user", param: "userId", most: 12,
			create: func(w *randomClient) (string, request, bool) {
				return "create_user", userBody(w.word() + "@newcomers.example"), true
			},
			twice: conflict, change: renamed("update_user", "first_name"), verify: (*randomClient).verifyUser,
			added: func(w *randomClient, t *thing) {
				if everybody := w.find("group", "4"); everybody != nil { // else it is adopted later, with its members
					everybody.members = append(everybody.members, t.id)
				}
			},
			filter: func(w *randomClient) []string { return []string{"email", text(w.any("user", nil).item["email"])} },
		},
		{
			name: "group", list: "list_groups", read: "get_group", param: "groupId", most: 9,
			create: func(w *randomClient) (string, request, bool) {
				body := map[string]any{"name": w.name(), "universal_app_access": "use", "theme_access": w.chance(2)}
				var members []any
				for _, user := range w.some("user", 3) {
					members = append(members, memberBody(user, w.chance(3)))
				}
				if members != nil {
					body["members"] = members
				}
				return "create_group", request{}.with(body), true
			},
			twice: conflict, unique: "name", clash: conflict, remove: "delete_group", verify: (*randomClient).verifyGroup,
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				if builtIn(t) {
					level := []string{"none", "use", "edit"}[w.random.IntN(3)]
					return "update_group", at(t.param, t.id).patch("replace", "/universal_app_access", level), map[string]any{"universal_app_access": level}
				}
				return renamed("update_group", "name")(w, t)
			},
			added: func(_ *randomClient, t *thing) {
				t.members, t.invites = idsIn(t.item["members"]), idsIn(t.item["user_invites"])
			},
			kept: func(_ *randomClient, t *thing) int {
				if builtIn(t) {
					return http.StatusBadRequest
				}
				return 0
			},
		},
		{
			name: "userInvite", list: "list_user_invites", read: "get_user_invite", param: "userInviteId", most: 14,
			create: func(w *randomClient) (string, request, bool) {
				var groups []any
				for _, id := range w.some("group", 3) {
					groups = append(groups, w.find("group", id).item["id"])
				}
				body := map[string]any{"email": w.word() + "@invited.example", "metadata": map[string]any{"shift": w.name()}}
				if groups != nil {
					body["defaultGroupIds"] = groups
				}
				return "create_user_invite", request{}.with(body), true
			},
			twice: conflict, remove: "delete_user_invite",
			added: func(w *randomClient, t *thing) {
				for _, id := range idsIn(t.item["groups"]) {
					if g := w.find("group", id); !slices.Contains(g.invites, t.id) {
						g.invites = append(g.invites, t.id)
					}
				}
			},
			dropped: func(w *randomClient, t *thing) {
				for _, g := range w.tracked["group"] {
					g.invites = slices.DeleteFunc(g.invites, func(id string) bool { return id == t.id })
				}
			},
			verify: (*randomClient).verifyInvite,
		},
		{
			name: "user_attribute", list: "list_user_attributes", param: "id", most: 7,
			create: func(w *randomClient) (string, request, bool) {
				return "create_user_attribute", attributeBody(w.word(), "string"), true
			},
			twice: conflict, change: renamed("update_user_attribute", "label"), remove: "delete_user_attribute",
		},
		{
			name: "access_request", list: "list_access_requests", pages: true, read: "get_access_request", param: "accessRequestId",
			filter: func(w *randomClient) []string {
				return []string{"status", []string{"PENDING", "APPROVED", "DENIED"}[w.random.IntN(3)]}
			},
		},
		{
			name: "access_token", list: "list_access_tokens", read: "get_access_token", param: "accessTokenId", most: 9,
			create: func(*randomClient) (string, request, bool) {
				return "create_access_token", tokenBody("users:read", "groups:write"), true
			},
		},
	}
}

func builtIn(group *thing) bool { return slices.Contains([]string{"1", "2", "3", "4"}, group.id) }

// idsIn are the ids of the things in a list.
func idsIn(list any) []string {
	var out []string
	for _, item := range listIn(list) {
		out = append(out, text(item["id"]))
	}
	return out
}

func (w *randomClient) verifyUser(t *thing) {
	w.t.Helper()
	require.Equal(w.t, slices.Contains(w.find("group", "1").members, t.id), t.item["is_admin"], "%s is an admin", t.id)
	if !w.chance(8) {
		return
	}
	user := w.object("get_user", at("userId", t.id).where("includeGroups", "true"))
	var groups []string
	for _, g := range w.tracked["group"] {
		if slices.Contains(g.members, t.id) {
			groups = append(groups, g.id)
		}
	}
	w.same(groups, idsIn(user["groups"]), "the groups of %s", t.id)
}

func (w *randomClient) verifyGroup(t *thing) {
	w.t.Helper()
	w.same(t.members, idsIn(t.item["members"]), "the members of group %s", t.id)
	require.ElementsMatch(w.t, t.invites, idsIn(t.item["user_invites"]), "the invites of group %s", t.id)
}

func (w *randomClient) verifyInvite(t *thing) {
	w.t.Helper()
	var groups []string
	for _, g := range w.tracked["group"] {
		if slices.Contains(g.invites, t.id) {
			groups = append(groups, g.id)
		}
	}
	w.same(groups, idsIn(t.item["groups"]), "where invite %s leads", t.id)
}
