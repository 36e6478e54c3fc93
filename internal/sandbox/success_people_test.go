package sandbox_test

import "maps"

func successPeople() map[string]row {
	out := map[string]row{}
	for _, area := range []map[string]row{successUsers(), successGroups(), successInvites(), successAttributes()} {
		maps.Copy(out, area)
	}
	out["list_access_requests"] = func(*api) request { return request{}.where("status", "PENDING", "limit", "1") }
	out["get_access_request"] = func(a *api) request { return at("accessRequestId", a.pendingAccessRequest()) }
	out["update_access_request"] = func(a *api) request {
		return at("accessRequestId", a.pendingAccessRequest()).patch("replace", "/status", "APPROVED")
	}
	out["list_access_tokens"] = func(*api) request { return request{} }
	out["create_access_token"] = func(*api) request { return tokenBody("users:read") }
	out["get_access_token"] = func(a *api) request {
		return at("accessTokenId", text(a.object("create_access_token", tokenBody("users:read"))["id"]))
	}
	return out
}

func successUsers() map[string]row {
	return map[string]row{
		"list_users":   func(*api) request { return request{} },
		"create_user":  func(*api) request { return userBody("new@newcomers.example") },
		"get_user":     func(a *api) request { return at("userId", a.newcomer()).where("includeGroups", "true") },
		"update_user":  func(a *api) request { return at("userId", a.newcomer()).patch("replace", "/first_name", "Nell") },
		"disable_user": func(a *api) request { return at("userId", a.newcomer()) },
		"logout_user": func(a *api) request {
			return at("userId", a.newcomer()).with(map[string]any{"sso_logout": true, "post_logout_redirect_uri": "https://northwind.example/bye"})
		},
		"reset_user_2fa": func(a *api) request { return at("userId", a.newcomer()) },
		"set_user_attribute": func(a *api) request {
			a.define("shift", "string")
			return at("userId", a.newcomer()).with(map[string]any{"name": "shift", "value": "night"})
		},
		"clear_user_attribute": func(a *api) request {
			a.define("shift", "string")
			user := a.newcomer()
			a.ok("set_user_attribute", at("userId", user).with(map[string]any{"name": "shift", "value": "night"}))
			return at("userId", user, "attributeName", "shift")
		},
	}
}

func successGroups() map[string]row {
	return map[string]row{
		"list_groups":  func(*api) request { return request{}.where("name_contains", "ed") },
		"create_group": func(*api) request { return groupBody("Night shift") },
		"get_group":    func(a *api) request { return at("groupId", a.nightShift()).where("excludeDisabledUsers", "true") },
		"update_group": func(a *api) request { return at("groupId", a.nightShift()).patch("replace", "/theme_access", true) },
		"replace_group": func(a *api) request {
			return at("groupId", a.nightShift()).with(map[string]any{
				"name": "Day shift", "members": []any{memberBody(a.newcomer(), true)}, "universal_app_access": "use",
				"user_invites": []any{a.object("create_user_invite", inviteBody("night@newcomers.example"))},
			})
		},
		"delete_group": func(a *api) request { return at("groupId", a.nightShift()) },
		"add_group_members": func(a *api) request {
			return at("groupId", a.nightShift()).with(map[string]any{"members": []any{memberBody(a.newcomer(), false)}})
		},
		"remove_group_member": func(a *api) request {
			group, user := a.nightShift(), a.newcomer()
			a.ok("add_group_members", at("groupId", group).with(map[string]any{"members": []any{memberBody(user, false)}}))
			return at("groupId", group, "userId", user)
		},
		"add_group_user_invites": func(a *api) request {
			invite := a.object("create_user_invite", inviteBody("night@newcomers.example"))
			return at("groupId", a.nightShift()).with(map[string]any{"userInviteIds": []any{invite["id"]}})
		},
		"remove_group_user_invite": func(a *api) request {
			invite := a.object("create_user_invite", inviteBody("night@newcomers.example", 3))
			return at("groupId", "3", "userInviteId", text(invite["id"]))
		},
	}
}

func successInvites() map[string]row {
	invite := func(a *api) string {
		return text(a.object("create_user_invite", inviteBody("night@newcomers.example", 2))["id"])
	}
	return map[string]row{
		"list_user_invites":  func(*api) request { return request{} },
		"create_user_invite": func(*api) request { return inviteBody("night@newcomers.example", 2, 3) },
		"get_user_invite":    func(a *api) request { return at("userInviteId", invite(a)) },
		"delete_user_invite": func(a *api) request { return at("userInviteId", invite(a)) },
		"set_user_invite_attribute": func(a *api) request {
			a.define("shift", "string")
			return at("userInviteId", invite(a)).with(map[string]any{"name": "shift", "value": "night"})
		},
		"clear_user_invite_attribute": func(a *api) request {
			a.define("shift", "string")
			id := invite(a)
			a.ok("set_user_invite_attribute", at("userInviteId", id).with(map[string]any{"name": "shift", "value": nil}))
			return at("userInviteId", id, "attributeName", "shift")
		},
	}
}

func successAttributes() map[string]row {
	return map[string]row{
		"list_user_attributes":  func(*api) request { return request{} },
		"create_user_attribute": func(*api) request { return attributeBody("shift", "string") },
		"update_user_attribute": func(a *api) request {
			return at("id", a.define("shift", "string")).patch("replace", "/label", "Working hours")
		},
		"delete_user_attribute": func(a *api) request {
			return at("id", a.define("shift", "string")).where("update_existing_users", "true")
		},
	}
}
