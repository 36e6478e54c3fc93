package sandbox_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestNewUserIsInAllUsers(t *testing.T) {
	a := start(t, sandbox.Options{})
	body := userBody("nia@newcomers.example").body.(map[string]any)
	body["metadata"] = map[string]any{"department": "Engineering", "level": 3, "tags": []any{"a", nil}}
	user := a.object("create_user", request{}.with(body))
	require.Equal(t, true, user["active"])
	require.Equal(t, "default", user["user_type"])
	require.Equal(t, false, user["is_admin"])
	require.Equal(t, false, user["two_factor_auth_enabled"])
	require.Nil(t, user["last_active"])
	require.Equal(t, map[string]any{"department": "Engineering", "level": 3.0, "tags": []any{"a", nil}}, user["metadata"])

	id := text(user["id"])
	require.Equal(t, user, a.object("get_user", at("userId", id)), "no groups unless asked for")
	withGroups := a.object("get_user", at("userId", id).where("includeGroups", "true"))
	require.Equal(t, []any{map[string]any{"id": 4.0, "legacy_id": 4.0, "name": "All Users"}}, withGroups["groups"])
	everybody := a.object("get_group", at("groupId", "4"))
	require.Len(t, everybody["members"], len(a.items("list_users", request{})))
}

func TestUsersHaveSeats(t *testing.T) {
	a := start(t, sandbox.Options{})
	seats := map[any]int{}
	for _, u := range a.items("list_users", request{}) {
		seats[u["seat_type"]]++
	}
	require.Len(t, seats, 3, "%v", seats)

	user := a.object("create_user", userBody("nia@newcomers.example"))
	require.Equal(t, "internalUser", user["seat_type"], "the default of the organization")
	body := userBody("noa@newcomers.example").body.(map[string]any)
	body["seat_type"] = "externalUser"
	user = a.object("create_user", request{}.with(body))
	require.Equal(t, "externalUser", user["seat_type"])
	id := at("userId", text(user["id"]))
	require.Equal(t, "builder", a.object("update_user", id.patch("replace", "/seat_type", "builder"))["seat_type"])
	require.Equal(t, "builder", a.object("get_user", id)["seat_type"])
	for _, bad := range []any{"Builder", "", "admin", 1} {
		a.withoutEffect(func() { a.fails(http.StatusBadRequest, "update_user", id.patch("replace", "/seat_type", bad)) })
		body["email"], body["seat_type"] = "ned@newcomers.example", bad
		a.withoutEffect(func() { a.fails(http.StatusBadRequest, "create_user", request{}.with(body)) })
	}
	a.ok("update_user", id.patch("replace", "/seat_type", nil))
	require.Nil(t, a.object("get_user", id)["seat_type"])
}

func TestDisabledUserStays(t *testing.T) {
	a := start(t, sandbox.Options{})
	id, group := a.newcomer(), a.nightShift()
	a.ok("add_group_members", at("groupId", group).with(map[string]any{"members": []any{memberBody(id, false)}}))
	before := a.object("get_user", at("userId", id))

	for range 2 { // the second call succeeds without effect
		a.ok("disable_user", at("userId", id))
		user := a.object("get_user", at("userId", id))
		require.Equal(t, false, user["active"])
		user["active"] = true
		require.Equal(t, before, user)
	}
	found := a.items("list_users", request{}.where("email", "tove-lin@newcomers.example"))
	require.Equal(t, []any{id}, column(found, "id"))

	all := a.object("get_group", at("groupId", group))["members"]
	require.Equal(t, []any{id}, column(listIn(all), "id"), "groups keep disabled members")
	require.Equal(t, all, a.object("get_group", at("groupId", group).where("excludeDisabledUsers", "false"))["members"])
	require.Empty(t, a.object("get_group", at("groupId", group).where("excludeDisabledUsers", "true"))["members"])

	for _, email := range []string{"tove-lin@newcomers.example", "Tove-LIN@Newcomers.example"} {
		a.withoutEffect(func() {
			require.Contains(t, a.fails(http.StatusConflict, "create_user", userBody(email)), email)
			require.Contains(t, a.fails(http.StatusConflict, "create_user_invite", inviteBody(email)), email)
		})
	}
	a.ok("update_user", at("userId", id).patch("replace", "/active", true))
	require.Equal(t, before, a.object("get_user", at("userId", id)))
}

func TestDisablingEndsSessions(t *testing.T) {
	a := start(t, sandbox.Options{})
	sessions := func(id string) any {
		for _, u := range a.tableRows("users") {
			if u["id"] == id {
				return u["sessions"]
			}
		}
		return nil
	}
	var signedIn []string
	for _, u := range a.tableRows("users") {
		if u["sessions"] != 0.0 && u["is_admin"] == false {
			signedIn = append(signedIn, text(u["id"]))
		}
	}
	require.Greater(t, len(signedIn), 3, "the organization needs people who are signed in")
	a.ok("disable_user", at("userId", signedIn[0]))
	a.ok("update_user", at("userId", signedIn[1]).patch("replace", "/active", false))
	a.ok("logout_user", at("userId", signedIn[2]).with(map[string]any{}))
	for _, id := range signedIn[:3] {
		require.EqualValues(t, 0, sessions(id))
	}
	require.NotEqualValues(t, 0, sessions(signedIn[3]))
	require.Equal(t, true, a.object("get_user", at("userId", signedIn[2]))["active"], "who is logged out may come back")
}

func TestLastAdminStays(t *testing.T) {
	a := start(t, sandbox.Options{})
	admins := listIn(a.object("get_group", at("groupId", "1").where("excludeDisabledUsers", "true"))["members"])
	require.NotEmpty(t, admins)
	last := text(admins[0]["id"])
	for _, other := range admins[1:] {
		a.ok("disable_user", at("userId", text(other["id"])))
	}
	a.withoutEffect(func() {
		a.fails(http.StatusBadRequest, "disable_user", at("userId", last))
		a.fails(http.StatusBadRequest, "update_user", at("userId", last).patch("replace", "/active", false))
		a.fails(http.StatusBadRequest, "remove_group_member", at("groupId", "1", "userId", last))
		a.fails(http.StatusBadRequest, "replace_group", at("groupId", "1").with(map[string]any{"members": []any{}}))
	})
	id := a.newcomer()
	a.ok("add_group_members", at("groupId", "1").with(map[string]any{"members": []any{memberBody(id, false)}}))
	require.Equal(t, true, a.object("get_user", at("userId", id))["is_admin"])
	a.ok("remove_group_member", at("groupId", "1", "userId", last))
	require.Equal(t, false, a.object("get_user", at("userId", last))["is_admin"])
	a.fails(http.StatusBadRequest, "disable_user", at("userId", id))
}

func TestUsersAreFilteredByWholeNames(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.newcomer()
	other := text(a.object("create_user", userBody("tove-lin@elsewhere.example"))["id"])
	for query, found := range map[string][]any{
		"email tove-lin@newcomers.example": {id},
		"email TOVE-Lin@Newcomers.example": {id},
		"email tove-lin":                   {},
		"first_name tove-LIN":              {id, other},
		"last_name SANDQVIST":              {id, other},
		"last_name Sandqv":                 {},
	} {
		name, value, _ := strings.Cut(query, " ")
		require.Equal(t, found, column(a.items("list_users", request{}.where(name, value)), "id"), query)
	}
	both := a.items("list_users", request{}.where("first_name", "Tove-Lin", "email", "tove-lin@elsewhere.example"))
	require.Equal(t, []any{other}, column(both, "id"))
}

func TestUsersArePaged(t *testing.T) {
	a := start(t, sandbox.Options{})
	for i := range 7 {
		a.ok("create_user", userBody("user"+strconv.Itoa(i)+"@newcomers.example"))
	}
	all := a.call("list_users", request{}).body.(map[string]any)
	require.EqualValues(t, len(listIn(all["data"])), all["total_count"])
	require.Equal(t, false, all["has_more"])

	var ids []any
	query := []string{"limit", "3"}
	for {
		page := a.call("list_users", request{}.where(query...)).body.(map[string]any)
		require.Equal(t, all["total_count"], page["total_count"])
		ids = append(ids, column(listIn(page["data"]), "id")...)
		if page["has_more"] == false {
			require.Nil(t, page["next_token"])
			break
		}
		require.Len(t, page["data"], 3)
		query = []string{"limit", "3", "next_token", text(page["next_token"])}
	}
	require.Equal(t, column(listIn(all["data"]), "id"), ids)
	named := a.call("list_users", request{}.where("limit", "3", "first_name", "Tove-Lin")).body.(map[string]any)
	require.EqualValues(t, 7, named["total_count"], "only those that fit are counted")
}

func TestUsersArePatched(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.newcomer()
	user := a.object("update_user", at("userId", id).with(map[string]any{"operations": []any{
		map[string]any{"op": "replace", "path": "/first_name", "value": "Zoë 🌲"},
		map[string]any{"op": "remove", "path": "/last_name"},
		map[string]any{"op": "replace", "path": "/user_type", "value": "mobile"},
		map[string]any{"op": "replace", "path": "/metadata", "value": map[string]any{"desk": "4b"}},
		map[string]any{"op": "add", "path": "/metadata/floor", "value": 4},
	}}))
	require.Equal(t, "Zoë 🌲", user["first_name"])
	require.Nil(t, user["last_name"])
	require.Equal(t, "mobile", user["user_type"])
	require.Equal(t, map[string]any{"desk": "4b", "floor": 4.0}, user["metadata"])
	require.Equal(t, user, a.object("get_user", at("userId", id)))

	user = a.object("update_user", at("userId", id).patch("remove", "/metadata", nil))
	require.Equal(t, map[string]any{}, user["metadata"])
}

func TestInvalidUserPatchesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.newcomer()
	for name, r := range map[string]request{
		"e-mail":           at("userId", id).patch("replace", "/email", "other@newcomers.example"),
		"admin":            at("userId", id).patch("replace", "/is_admin", true),
		"id":               at("userId", id).patch("replace", "/id", "user_1"),
		"second factor":    at("userId", id).patch("replace", "/two_factor_auth_enabled", true),
		"empty name":       at("userId", id).patch("replace", "/first_name", ""),
		"long name":        at("userId", id).patch("replace", "/last_name", strings.Repeat("ø", 37)),
		"active as text":   at("userId", id).patch("replace", "/active", "no"),
		"active as null":   at("userId", id).patch("replace", "/active", nil),
		"no active":        at("userId", id).patch("remove", "/active", nil),
		"unknown type":     at("userId", id).patch("replace", "/user_type", "robot"),
		"no type":          at("userId", id).patch("remove", "/user_type", nil),
		"list of metadata": at("userId", id).patch("replace", "/metadata", []any{1}),
		"missing value":    at("userId", id).patch("remove", "/metadata/desk", nil),
		"half a patch": at("userId", id).with(map[string]any{"operations": []any{
			map[string]any{"op": "replace", "path": "/first_name", "value": "Nell"},
			map[string]any{"op": "replace", "path": "/user_type", "value": "robot"},
		}}),
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			a.withoutEffect(func() { a.fails(http.StatusBadRequest, "update_user", r) })
		})
	}
	body := userBody("long@newcomers.example").body.(map[string]any)
	body["first_name"] = strings.Repeat("ø", 37)
	a.withoutEffect(func() { a.fails(http.StatusBadRequest, "create_user", request{}.with(body)) })
	body["first_name"] = strings.Repeat("ø", 36)
	a.ok("create_user", request{}.with(body))
}

func TestLogoutAtTheIdentityProvider(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.newcomer()
	require.Equal(t, map[string]any{"sso_logout": false}, a.object("logout_user", at("userId", id).with(map[string]any{})))
	a.fails(http.StatusBadRequest, "logout_user", at("userId", id).with(map[string]any{"post_logout_redirect_uri": "https://northwind.example/bye"}))

	everywhere := at("userId", id).with(map[string]any{"sso_logout": true, "post_logout_redirect_uri": "https://northwind.example/bye"})
	if a.call("get_sso_config", request{}).status == http.StatusOK {
		a.ok("delete_sso_config", request{})
	}
	out := a.object("logout_user", everywhere)
	require.Equal(t, false, out["sso_logout"])
	require.NotEmpty(t, out["warning"])

	sso := map[string]any{
		"config_type": "oidc", "oidc_client_id": "retool", "oidc_client_secret": "s3cret", "oidc_scopes": "openid email",
		"oidc_auth_url": "https://id.northwind.example/auth", "oidc_token_url": "https://id.northwind.example/token",
		"oidc_end_session_url": "https://id.northwind.example/logout?client=retool", "jwt_email_key": "email",
		"jwt_first_name_key": "given_name", "jwt_last_name_key": "family_name", "jit_enabled": true,
		"trigger_login_automatically": false, "disable_email_password_login": false,
	}
	a.ok("create_sso_config", request{}.with(map[string]any{"data": sso}))
	require.Equal(t, map[string]any{
		"sso_logout":     true,
		"sso_logout_url": "https://id.northwind.example/logout?client=retool&post_logout_redirect_uri=https%3A%2F%2Fnorthwind.example%2Fbye",
	}, a.object("logout_user", everywhere))

	for _, unfit := range []string{"", "https://[id"} {
		sso["oidc_end_session_url"] = unfit
		if a.call("create_sso_config", request{}.with(map[string]any{"data": sso})).status == http.StatusOK {
			require.Equal(t, false, a.object("logout_user", everywhere)["sso_logout"])
		}
	}
}

func TestSecondFactorsAreReset(t *testing.T) {
	a := start(t, sandbox.Options{})
	var id string
	for _, u := range a.items("list_users", request{}) {
		if u["two_factor_auth_enabled"] == true {
			id = text(u["id"])
		}
	}
	require.NotEmpty(t, id, "the organization needs somebody with a second factor")
	a.ok("reset_user_2fa", at("userId", id))
	require.Equal(t, false, a.object("get_user", at("userId", id))["two_factor_auth_enabled"])
}
