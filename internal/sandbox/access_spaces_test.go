package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func spaceBody(name, domain string, options map[string]any) request {
	body := map[string]any{"name": name, "domain": domain}
	if options != nil {
		body["options"] = options
	}
	return request{}.with(body)
}

// The exchanges with a real organization that are recorded, in their order.
func TestSpacesAsRecorded(t *testing.T) {
	f := startFirm(t)
	made := f.object("create_space", spaceBody("tf-acc-test-space", "tfspace.localhost", map[string]any{
		"copy_branding_and_themes_settings": true, "copy_sso_settings": true, "create_admin_user": false,
		"users_to_copy_as_admins": []string{"admin@example.com"}, // whom the firm does not know
	}))
	require.Regexp(t, `^org_[0-9a-f]{32}$`, made["id"])
	require.Empty(t, made["domain"], "this answer has it empty")
	id := at("spaceId", text(made["id"]))
	got := f.object("get_space", id)
	require.Equal(t, "tfspace.localhost", got["domain"])
	require.Equal(t, []map[string]any{got}, f.items("list_spaces", request{}))
	put := f.object("replace_space", id.with(map[string]any{"domain": "tfspaceupd.localhost", "name": "tf-acc-test-space-updated"}))
	require.Equal(t, "tfspaceupd.localhost", put["domain"])
	require.Equal(t, got["created_at"], put["created_at"])
	require.Greater(t, put["updated_at"], got["updated_at"])
	require.Equal(t, put, f.object("get_space", id))
	f.ok("delete_space", id)
	f.fails(http.StatusNotFound, "get_space", id)
	f.fails(http.StatusNotFound, "delete_space", id)
	require.Empty(t, f.items("list_spaces", request{}))
}

func TestSpaceCopiesSettings(t *testing.T) {
	f := startFirm(t)
	f.ok("create_sso_config", ssoBody(googleLogin()))
	f.ok("create_app_theme", theme(0, "Firm", "#114488"))
	id := text(f.object("create_space", spaceBody("Acme", "acme.example.com", map[string]any{
		"copy_branding_and_themes_settings": true, "copy_sso_settings": true, "create_admin_user": true,
		"users_to_copy_as_admins": []string{"ben@firm.example", "BEN@firm.example", "dan@firm.example", "nobody@firm.example"},
	}))["id"])
	for _, address := range []string{id, "acme.example.com"} {
		acme := f.space(address)
		users := acme.items("list_users", request{})
		require.Len(t, users, 2, "Dan is disabled")
		require.Equal(t, "Ben@firm.example", users[0]["email"])
		require.Equal(t, "Ada@firm.example", users[1]["email"], "the caller")
		require.Equal(t, true, users[1]["is_admin"])
		require.NotEqual(t, f.users["Ada"], users[1]["id"], "an account of its own")
		require.Len(t, acme.object("get_group", at("groupId", "1"))["members"], 2)
		require.Len(t, acme.object("get_group", at("groupId", "4"))["members"], 2)
		require.Empty(t, acme.items("list_user_invites", request{}))
		require.Equal(t, "1234.apps.example.com", acme.object("get_sso_config", request{})["google_client_id"])
		themes := acme.items("list_app_themes", request{})
		require.Len(t, themes, 1)
		require.Equal(t, "Firm", themes[0]["name"])
		require.Empty(t, acme.items("list_apps", request{}), "apps are copied by another operation")
	}
	acme := f.space(id)
	acme.ok("delete_sso_config", request{})
	f.object("get_sso_config", request{}) // the firm keeps its own
}

// Without options nothing comes along but an invite for the caller.
func TestSpaceCopiesNothingByDefault(t *testing.T) {
	f := startFirm(t)
	f.ok("create_sso_config", ssoBody(googleLogin()))
	id := text(f.object("create_space", spaceBody("Acme", "acme.example.com", nil))["id"])
	acme := f.space(id)
	require.Empty(t, acme.items("list_users", request{}))
	acme.fails(http.StatusNotFound, "get_sso_config", request{})
	invites := acme.items("list_user_invites", request{})
	require.Len(t, invites, 1)
	require.Equal(t, "Ada@firm.example", invites[0]["invited_email"])
	require.Equal(t, "admin", invites[0]["groups"].([]any)[0].(map[string]any)["name"])
	require.Contains(t, invites[0]["invite_link"], "https://acme.example.com/")

	id = text(f.object("create_space", spaceBody("Beta", "beta.example.com", map[string]any{"users_to_copy_as_admins": []string{"ada@firm.example"}}))["id"])
	require.Len(t, f.space(id).items("list_users", request{}), 1)
	require.Empty(t, f.space(id).items("list_user_invites", request{}), "who is there needs no invite")
}

// Two spaces have nothing in common, be it an id.
func TestSpacesAreIsolated(t *testing.T) {
	f := startFirm(t)
	var ids []string
	var environments []any
	for _, domain := range []string{"a.example.com", "b.example.com"} {
		id := text(f.object("create_space", spaceBody("Same name", domain, nil))["id"])
		ids = append(ids, id)
		f.space(id).ok("create_app_theme", theme(0, "Own", "#114488"))
		environments = append(environments, f.space(id).items("list_environments", request{})[0]["id"])
		require.Len(t, f.space(id).items("list_app_themes", request{}), 1)
	}
	require.NotEqual(t, ids[0], ids[1])
	require.NotEqual(t, environments[0], environments[1])
	require.Empty(t, f.items("list_app_themes", request{}))

	second := at("spaceId", ids[1])
	before := f.state()
	f.fails(http.StatusConflict, "create_space", spaceBody("Third", "A.example.com", nil))
	f.fails(http.StatusConflict, "create_space", spaceBody("Third", "northwind.retool.com", nil)) // the firm's own
	f.fails(http.StatusUnprocessableEntity, "replace_space", second.with(map[string]any{"name": "B", "domain": "a.example.com"}))
	f.fails(http.StatusNotFound, "replace_space", at("spaceId", "org_0").with(map[string]any{"name": "B", "domain": "c.example.com"}))
	require.Equal(t, before, f.state())
	f.ok("replace_space", second.with(map[string]any{"name": "B", "domain": "b.example.com"})) // its own is free
	f.ok("replace_space", second.with(map[string]any{"name": "B", "domain": "c.example.com"}))
	inside, _ := f.organization().Spaces.Get(ids[1])
	require.Equal(t, "B", inside.Org.Name)
	require.Equal(t, "c.example.com", inside.Org.Domain)
	f.space("c.example.com").ok("list_users", request{})
	require.Equal(t, http.StatusNotFound, f.space("b.example.com").call("list_users", request{}).status)
}
