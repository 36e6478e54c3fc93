package sandbox_test

import (
	"maps"
	"net/http"

	"github.com/stretchr/testify/require"
)

func successSettings() map[string]row {
	out := map[string]row{}
	for _, area := range []map[string]row{successSourceControl(), successManifests(), successOrganization(), successUsage()} {
		maps.Copy(out, area)
	}
	return out
}

// noArguments is the row of an operation that takes nothing.
func noArguments(*api) request { return request{} }

// gitHub is the body of a configuration that can be stored.
func gitHub() map[string]any {
	return map[string]any{"config": map[string]any{
		"provider": "GitHub", "org": "northwind", "repo": "retool", "default_branch": "main", "repo_version": "1.0.0",
		"config": map[string]any{"type": "Personal", "personal_access_token": "ghp_not_a_real_one"},
	}}
}

// connect sees to it that there is a repository.
func connect(a *api) {
	a.ok("replace_source_control_config", request{}.with(gitHub()))
}

// connected is a row that needs a repository and whose request comes after.
func connected(next row) row {
	return func(a *api) request {
		connect(a)
		return next(a)
	}
}

func disconnected(a *api) request {
	status := a.call("delete_source_control_config", request{}).status
	require.Contains(a.t, []int{http.StatusNoContent, http.StatusNotFound}, status)
	return request{}.with(gitHub())
}

func successSourceControl() map[string]row {
	return map[string]row{
		"get_source_control_config":      connected(noArguments),
		"create_source_control_config":   disconnected,
		"replace_source_control_config":  func(*api) request { return request{}.with(gitHub()) },
		"delete_source_control_config":   connected(noArguments),
		"test_source_control_connection": connected(noArguments),

		"get_source_control_settings": noArguments,
		"replace_source_control_settings": func(*api) request {
			return request{}.with(map[string]any{"settings": map[string]any{"version_control_locked": true}})
		},

		"test_source_control_deploy": connected(func(*api) request {
			return request{}.with(map[string]any{"deploy_params": map[string]any{"commit_sha": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}})
		}),
		"deploy_source_control": connected(noArguments),
		"get_source_control_deployment": connected(func(a *api) request {
			return at("id", text(a.object("deploy_source_control", request{})["id"]))
		}),
		"list_source_control_deployments": connected(noArguments),

		"create_source_control_branch": connected(func(*api) request {
			return request{}.with(map[string]any{"branch_name": "rework-the-refunds"})
		}),
		"reset_source_control_branches": connected(func(a *api) request {
			body := map[string]any{"branch_name": "rework-the-refunds"}
			a.ok("create_source_control_branch", request{}.with(body))
			return request{}.with(body)
		}),
	}
}

// firstListed is the id of the first item that a list has.
func firstListed(a *api, list string) string {
	items := a.items(list, request{}.where("limit", "1"))
	require.NotEmpty(a.t, items, list)
	return text(items[0]["id"])
}

func successManifests() map[string]row {
	release := map[string]any{"release_version": "91.4.0", "release_description": "Faster", "commit_message": "Release it"}
	entry := map[string]any{"release": "latest", "commit_message": "Pin it"}
	message := map[string]any{"commit_message": "Out"}
	const manifest = "berlin"
	// entered makes a manifest with one app and one workflow.
	entered := func(a *api) (app, workflow string) {
		connect(a)
		app, workflow = firstListed(a, "list_apps"), firstListed(a, "list_workflows")
		a.ok("replace_source_control_manifest", at("manifestName", manifest).with(map[string]any{"manifest": map[string]any{
			"apps":      []any{map[string]any{"uuid": app, "release": "latest"}},
			"workflows": []any{map[string]any{"uuid": workflow, "release": "latest"}},
		}}))
		return app, workflow
	}
	element := func(body any) row {
		return func(a *api) request {
			_, workflow := entered(a)
			return at("manifestName", manifest, "elementUuid", workflow).where("elementType", "WORKFLOW").with(body)
		}
	}
	app := func(body any) row {
		return func(a *api) request {
			app, _ := entered(a)
			return at("manifestName", manifest, "appUuid", app).with(body)
		}
	}
	whole := func(body any) row {
		return func(a *api) request {
			entered(a)
			return at("manifestName", manifest).with(body)
		}
	}
	elementRelease := func(body any) row {
		return connected(func(a *api) request {
			return at("elementUuid", firstListed(a, "list_apps")).where("elementType", "PAGE").with(body)
		})
	}
	appRelease := func(body any) row {
		return connected(func(a *api) request { return at("appUuid", firstListed(a, "list_apps")).with(body) })
	}
	return map[string]row{
		"list_source_control_manifests": func(a *api) request {
			entered(a)
			return request{}
		},
		"get_source_control_manifest":             whole(nil),
		"replace_source_control_manifest":         whole(map[string]any{"manifest": map[string]any{"apps": []any{}}}),
		"delete_source_control_manifest":          whole(message),
		"replace_source_control_manifest_element": element(entry),
		"delete_source_control_manifest_element":  element(message),
		"replace_source_control_manifest_app":     app(entry),
		"delete_source_control_manifest_app":      app(message),
		"list_source_control_releases":            elementRelease(nil),
		"create_source_control_release":           elementRelease(release),
		"get_source_control_release_app":          appRelease(nil),
		"create_source_control_release_app":       appRelease(release),
	}
}

func successOrganization() map[string]row {
	return map[string]row{
		"get_organization": noArguments,
		"update_organization": func(*api) request {
			return request{}.patch("replace", "/two_factor_auth_required", true)
		},
		"invalidate_organization_sessions": noArguments,
		"get_organization_ai_settings":     noArguments,
		"replace_organization_ai_settings": func(*api) request {
			return request{}.with(map[string]any{"retoolAI": false, "retoolAIActions": true, "retoolVector": false, "retoolAskAI": true})
		},
		"list_organization_analytics_integrations": noArguments,
		"get_organization_code_executor_settings":  noArguments,
		"replace_organization_code_executor_settings": func(*api) request {
			return request{}.with(map[string]any{"memoryLimitMbs": 2048, "maxConcurrentProcesses": nil, "circuitBreakerEnabled": true})
		},
		"get_info_ip_allowlist": noArguments,
	}
}

func successUsage() map[string]row {
	// In the month before the organization's clock begins, people were at work.
	const first, last = "2026-10-01", "2026-11-01"
	period := func(*api) request { return request{}.where("start_date", first, "end_date", last) }
	return map[string]row{
		"list_usage_organizations": noArguments,
		"get_usage":                period,
		"get_usage_app_summary":    period,
		"get_usage_user_summary":   period,
		"get_usage_app_details": func(a *api) request {
			apps := a.items("get_usage_app_summary", period(a))
			require.NotEmpty(a.t, apps)
			return request{}.where("start_date", first, "end_date", last, "app_name", text(apps[0]["app_name"]), "limit", "2")
		},
		"get_usage_user_details": func(a *api) request {
			users := a.items("get_usage_user_summary", period(a))
			require.NotEmpty(a.t, users)
			return request{}.where("start_date", first, "end_date", last, "email", text(users[0]["email"]))
		},
	}
}
