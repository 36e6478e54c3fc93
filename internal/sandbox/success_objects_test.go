package sandbox_test

import (
	"maps"

	"github.com/stretchr/testify/require"
)

func successObjects() map[string]row {
	out := map[string]row{
		// The whole list holds file_6, which is not as the schema has ids.
		"list_folders":  func(*api) request { return request{}.where("name_contains", "archive") },
		"create_folder": func(*api) request { return request{}.with(map[string]any{"name": "Night shift", "folder_type": "app"}) },
		"get_folder":    func(a *api) request { return at("folderId", a.appFolder("Night shift", nil)) },
		"update_folder": func(a *api) request {
			return at("folderId", a.appFolder("Night shift", nil)).patch("replace", "/name", "Day shift")
		},
		"delete_folder": func(a *api) request { return at("folderId", a.appFolder("Night shift", nil)) },

		"list_apps":  func(*api) request { return request{}.where("limit", "5") },
		"get_app":    func(a *api) request { return at("appId", a.first("list_apps")) },
		"delete_app": func(a *api) request { return at("appId", a.first("list_apps")) },
		"clone_app": func(a *api) request {
			return request{}.with(map[string]any{"app_id": a.first("list_apps"), "new_app_name": "Copy for the night shift"})
		},
		"validate_app_toolscript": func(*api) request {
			return request{}.with(map[string]any{"toolscript": []any{map[string]any{"path": "main.rsx", "contents": "<App/>"}}})
		},

		"list_app_themes": func(*api) request { return request{} },
		"get_app_theme": func(a *api) request {
			return at("id", text(a.object("create_app_theme", theme(0, "Neon", "#00ff00"))["id"]))
		},
		"create_app_theme":  func(*api) request { return theme(0, "Neon", "#00ff00") },
		"replace_app_theme": func(*api) request { return theme(0, "Neon", "#00ff00") },
		"delete_app_theme": func(a *api) request {
			return at("id", text(a.object("create_app_theme", theme(0, "Neon", "#00ff00"))["id"]))
		},
	}
	maps.Copy(out, successLibraries())
	maps.Copy(out, successWorkflows())
	return out
}

func successLibraries() map[string]row {
	create := func(a *api) string {
		return text(a.object("create_custom_component_library", library(nil, "nightShift"))["id"])
	}
	return map[string]row{
		"list_custom_component_libraries":         func(*api) request { return request{} },
		"get_custom_component_library":            func(a *api) request { return at("libraryId", create(a)) },
		"create_custom_component_library":         func(*api) request { return library(uuid(1), "nightShift") },
		"list_custom_component_library_revisions": func(a *api) request { return at("libraryId", create(a)) },
		"create_custom_component_library_revision": func(a *api) request {
			return revision(create(a), "minor", "")
		},
		"list_custom_component_library_revision_files": func(a *api) request {
			id := create(a)
			r := a.object("create_custom_component_library_revision", revision(id, "minor", ""))
			return at("libraryId", id, "revisionId", text(r["id"]))
		},
	}
}

func successWorkflows() map[string]row {
	return map[string]row{
		"list_workflows": func(*api) request { return request{}.where("limit", "5") },
		"get_workflow":   func(a *api) request { return at("workflowId", a.first("list_workflows")) },
		"update_workflow": func(a *api) request {
			return at("workflowId", a.first("list_workflows")).with(map[string]any{"code_executor_memory_limit_mbs": 512})
		},
		"delete_workflow": func(a *api) request { return at("workflowId", a.first("list_workflows")) },
		"get_workflow_run": func(a *api) request {
			return at("id", text(a.items("list_user_tasks", request{})[0]["workflow_run_id"]))
		},
		"list_user_tasks": func(*api) request { return request{}.where("limit", "5") },
		"submit_user_task": func(a *api) request {
			task, user := a.assigned()
			return at("taskId", task).with(map[string]any{"email": user["email"], "output": map[string]any{"approved": true}})
		},
		"cancel_user_task": func(a *api) request {
			task, user := a.assigned()
			return at("taskId", task).with(map[string]any{"email": user["email"], "output": map[string]any{"reason": "twice"}})
		},
		"reassign_user_task": func(a *api) request {
			task, user := a.assigned()
			return at("taskId", task).with(map[string]any{
				"email": user["email"], "assignees": []any{map[string]any{"type": "group", "id": 1}},
			})
		},
	}
}

// first is the id of the first item of a list.
func (a *api) first(list string) string {
	a.t.Helper()
	items := a.items(list, request{})
	require.NotEmpty(a.t, items, list)
	return text(items[0]["id"])
}

// assigned is a task that waits, for the active user who comes with it.
func (a *api) assigned() (task string, user map[string]any) {
	a.t.Helper()
	tasks := a.items("list_user_tasks", request{}.where("statuses", "pending"))
	require.NotEmpty(a.t, tasks)
	for _, user := range a.items("list_users", request{}) {
		if user["active"] == true {
			task := text(tasks[0]["id"])
			a.ok("reassign_user_task", at("taskId", task).with(map[string]any{
				"email": user["email"], "assignees": []any{map[string]any{"type": "user", "id": user["id"]}},
			}))
			return task, user
		}
	}
	require.Fail(a.t, "nobody is active")
	return "", nil
}
