package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestAttributesAreDefined(t *testing.T) {
	a := start(t, sandbox.Options{})
	body := attributeBody("shift", "number").body.(map[string]any)
	body["defaultValue"] = "1.5"
	attribute := a.object("create_user_attribute", request{}.with(body))
	require.Equal(t, map[string]any{
		"id": attribute["id"], "name": "shift", "label": "Label of shift", "data_type": "number", "default_value": "1.5",
		"intercom_attribute_name": nil,
	}, attribute)
	require.Contains(t, a.items("list_user_attributes", request{}), attribute)
	a.withoutEffect(func() {
		a.fails(http.StatusConflict, "create_user_attribute", attributeBody("shift", "string"))
		body["name"], body["defaultValue"] = "other", "many"
		a.fails(http.StatusBadRequest, "create_user_attribute", request{}.with(body))
	})
}

func TestAttributeValuesHaveTheirType(t *testing.T) {
	a := start(t, sandbox.Options{})
	user := a.newcomer()
	invite := text(a.object("create_user_invite", inviteBody("night@newcomers.example"))["id"])
	for name, dataType := range map[string]string{"desk": "string", "floor": "number", "tags": "json"} {
		a.define(name, dataType)
	}
	set := func(name string, value any) map[string]any { return map[string]any{"name": name, "value": value} }
	for _, c := range []struct {
		name    string
		sent    any
		becomes any
	}{
		{"desk", " 4 b ", " 4 b "},
		{"desk", "", ""},
		{"floor", " -4.5e1 ", -45.0},
		{"floor", nil, nil},
		{"tags", `{"a": [1, null, "x"]}`, map[string]any{"a": []any{1.0, nil, "x"}}},
		{"tags", `"x"`, "x"},
		{"desk", "7", "7"},
	} {
		out := a.object("set_user_attribute", at("userId", user).with(set(c.name, c.sent)))
		require.Equal(t, c.becomes, out["metadata"].(map[string]any)[c.name])
		require.Equal(t, out["metadata"], a.object("get_user", at("userId", user))["metadata"])
		out = a.object("set_user_invite_attribute", at("userInviteId", invite).with(set(c.name, c.sent)))
		require.Equal(t, out["metadata"], a.object("get_user_invite", at("userInviteId", invite))["metadata"])
	}
	a.withoutEffect(func() {
		for name, value := range map[string]string{"floor": "four", "tags": "{", "nothing": "x"} {
			a.fails(http.StatusBadRequest, "set_user_attribute", at("userId", user).with(set(name, value)))
			a.fails(http.StatusBadRequest, "set_user_invite_attribute", at("userInviteId", invite).with(set(name, value)))
		}
		for _, value := range []string{"", "NaN", "Infinity", "0x10", "1_000", "1e999", "1 2"} {
			a.fails(http.StatusBadRequest, "set_user_attribute", at("userId", user).with(set("floor", value)))
		}
		for _, value := range []string{"", "1 2", `{"a":1,"a":2}`} {
			a.fails(http.StatusBadRequest, "set_user_attribute", at("userId", user).with(set("tags", value)))
		}
	})

	out := a.object("clear_user_attribute", at("userId", user, "attributeName", "floor"))
	require.Equal(t, map[string]any{"desk": "7", "tags": "x"}, out["metadata"])
	a.fails(http.StatusNotFound, "clear_user_attribute", at("userId", user, "attributeName", "floor"))
	out = a.object("clear_user_invite_attribute", at("userInviteId", invite, "attributeName", "desk"))
	require.Equal(t, map[string]any{"floor": nil, "tags": "x"}, out["metadata"])
	a.fails(http.StatusNotFound, "clear_user_invite_attribute", at("userInviteId", invite, "attributeName", "desk"))
}

// deskFour is an organization with an attribute and a user whose desk is "4".
func deskFour(t *testing.T) (a *api, attribute, user string) {
	a = start(t, sandbox.Options{})
	attribute, user = a.define("desk", "string"), a.newcomer()
	a.ok("set_user_attribute", at("userId", user).with(map[string]any{"name": "desk", "value": "4"}))
	return a, attribute, user
}

func changeOf(attribute string, existing bool, path string, value any) request {
	r := at("id", attribute).patch("replace", path, value)
	r.body.(map[string]any)["update_existing"] = existing
	return r
}

func TestAttributeChangeUpdatesUsersIfAsked(t *testing.T) {
	t.Run("name", func(t *testing.T) {
		a, attribute, user := deskFour(t)
		require.Equal(t, "seat", a.object("update_user_attribute", changeOf(attribute, true, "/name", "seat"))["name"])
		require.Equal(t, map[string]any{"seat": "4"}, a.object("get_user", at("userId", user))["metadata"])
	})
	t.Run("name without", func(t *testing.T) {
		a, attribute, user := deskFour(t)
		a.ok("update_user_attribute", at("id", attribute).patch("replace", "/name", "seat"))
		require.Equal(t, map[string]any{"desk": "4"}, a.object("get_user", at("userId", user))["metadata"])
	})
	t.Run("type there and back", func(t *testing.T) {
		a, attribute, user := deskFour(t)
		for _, step := range []struct {
			dataType string
			value    any
		}{{"number", 4.0}, {"json", 4.0}, {"string", "4"}} {
			a.ok("update_user_attribute", changeOf(attribute, true, "/data_type", step.dataType))
			require.Equal(t, map[string]any{"desk": step.value}, a.object("get_user", at("userId", user))["metadata"])
		}
	})
	t.Run("type that does not fit", func(t *testing.T) {
		a, attribute, user := deskFour(t)
		a.ok("set_user_attribute", at("userId", user).with(map[string]any{"name": "desk", "value": "by the door"}))
		a.withoutEffect(func() {
			a.fails(http.StatusBadRequest, "update_user_attribute", changeOf(attribute, true, "/data_type", "number"))
		})
		a.ok("update_user_attribute", changeOf(attribute, false, "/data_type", "number"))
		require.Equal(t, map[string]any{"desk": "by the door"}, a.object("get_user", at("userId", user))["metadata"])
	})
}

func TestInvalidAttributesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.define("desk", "string")
	a.define("floor", "number")
	a.withoutEffect(func() {
		a.fails(http.StatusConflict, "update_user_attribute", at("id", id).patch("replace", "/name", "floor"))
		for path, value := range map[string]any{
			"/name": "Desk!", "/label": "x", "/data_type": "date", "/default_value": 4, "/id": "x", "/intercom_attribute_name": "",
		} {
			a.fails(http.StatusBadRequest, "update_user_attribute", at("id", id).patch("replace", path, value))
		}
	})
	out := a.object("update_user_attribute", at("id", id).patch("replace", "/intercom_attribute_name", "desk_no"))
	require.Equal(t, "desk_no", out["intercom_attribute_name"])
}

func TestDeletedAttributeKeepsValuesUnlessAsked(t *testing.T) {
	for _, erase := range []string{"", "false", "true"} {
		t.Run("update_existing_users="+erase, func(t *testing.T) {
			a, attribute, user := deskFour(t)
			a.ok("delete_user_attribute", at("id", attribute).where("update_existing_users", erase))
			a.fails(http.StatusNotFound, "delete_user_attribute", at("id", attribute))
			a.fails(http.StatusBadRequest, "set_user_attribute", at("userId", user).with(map[string]any{"name": "desk", "value": "5"}))
			metadata := a.object("get_user", at("userId", user))["metadata"]
			if erase == "true" {
				require.Empty(t, metadata)
				return
			}
			require.Equal(t, map[string]any{"desk": "4"}, metadata)
			a.ok("clear_user_attribute", at("userId", user, "attributeName", "desk"))
		})
	}
}
