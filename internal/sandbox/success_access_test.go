package sandbox_test

import "maps"

func successAccess() map[string]row {
	out := map[string]row{}
	for _, area := range []map[string]row{successPermissions(), successRoles(), successSpaces()} {
		maps.Copy(out, area)
	}
	return out
}

func successPermissions() map[string]row {
	all := func(a *api) (subject, object map[string]any) {
		group := a.object("create_group", request{}.with(map[string]any{"name": "Night watch"}))
		folder := a.object("create_folder", request{}.with(map[string]any{"name": "Night watch", "folder_type": "app"}))
		return map[string]any{"type": "group", "id": group["id"]}, on("folder", text(folder["id"]))
	}
	return map[string]row{
		"list_object_access": func(a *api) request {
			app := a.items("list_apps", request{}.where("limit", "1"))[0]
			return at("objectType", "app", "objectId", text(app["id"]))
		},
		"list_subject_access": func(a *api) request {
			user := a.items("list_users", request{}.where("limit", "1"))[0]
			return request{}.with(map[string]any{
				"subject": on("user", text(user["id"])), "object_type": "app", "include_inherited_access": true,
			})
		},
		"grant_permissions": func(a *api) request {
			subject, folder := all(a)
			return permission(subject, folder, "edit")
		},
		"revoke_permissions": func(a *api) request {
			subject, folder := all(a)
			a.ok("grant_permissions", permission(subject, folder, "edit"))
			return permission(subject, folder, "")
		},
	}
}

func successRoles() map[string]row {
	made := func(a *api) string {
		return text(a.object("create_role", request{}.with(role("Night watch", []string{"apps:write"}, []string{"users:read"})))["id"])
	}
	body := func(a *api) request {
		user := a.items("list_users", request{}.where("limit", "1"))[0]
		folder := map[string]any{"object_type": "folder", "object_id": "app_1"}
		maps.Copy(folder, map[string]any{"role_id": made(a), "subject_type": "user", "subject_id": user["id"]})
		return request{}.with(folder)
	}
	return map[string]row{
		"list_roles":  func(*api) request { return request{} },
		"create_role": func(*api) request { return request{}.with(role("Night watch", []string{"apps:write"}, noScopes)) },
		"update_role": func(a *api) request { return at("roleId", made(a)).with(map[string]any{"name": "Day watch"}) },
		"delete_role": func(a *api) request { return at("roleId", made(a)) },

		"list_role_grants": func(*api) request { return request{} },
		"list_role_grants_for_subject": func(a *api) request {
			b := body(a)
			a.ok("create_role_grant", b)
			return at("subjectType", "user", "subjectId", text(b.body.(map[string]any)["subject_id"]))
		},
		"create_role_grant": body,
		"delete_role_grant": func(a *api) request {
			return at("roleGrantId", text(a.object("create_role_grant", body(a))["id"]))
		},
		"remove_role_from_subject": func(a *api) request {
			b := body(a)
			a.ok("create_role_grant", b)
			return b
		},
	}
}

func successSpaces() map[string]row {
	made := func(a *api) string {
		return text(a.object("create_space", spaceBody("Acme", "acme.example.com", nil))["id"])
	}
	return map[string]row{
		"list_spaces":  func(*api) request { return request{} },
		"create_space": func(*api) request { return spaceBody("Acme", "acme.example.com", nil) },
		"get_space":    func(a *api) request { return at("spaceId", made(a)) },
		"replace_space": func(a *api) request {
			return at("spaceId", made(a)).with(map[string]any{"name": "Acme", "domain": "acme2.example.com"})
		},
		"delete_space": func(a *api) request { return at("spaceId", made(a)) },
		"copy_space_elements": func(a *api) request {
			first := func(id string) []any { return []any{a.items(id, request{}.where("limit", "1"))[0]["id"]} }
			return copyBody(made(a), map[string]any{
				"app_ids": first("list_apps"), "workflow_ids": first("list_workflows"), "resource_ids": first("list_resource_configurations"),
			})
		},
		"get_sso_config": func(a *api) request {
			a.ok("create_sso_config", ssoBody(samlLogin()))
			return request{}
		},
		"create_sso_config": func(*api) request { return ssoBody(googleLogin()) },
		"delete_sso_config": func(*api) request { return request{} },
	}
}
