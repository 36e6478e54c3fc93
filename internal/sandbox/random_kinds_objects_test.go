package sandbox_test

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// inFolder is the folder that a member of an item names, if it does.
func inFolder(member string) func(map[string]any) []ref {
	return func(item map[string]any) []ref {
		if id, ok := item[member].(string); ok {
			return []ref{{"folder", id}}
		}
		return nil
	}
}

// byName filters objects by a part of a name.
func byName(kind, member string) func(*randomClient) []string {
	return func(w *randomClient) []string {
		if t := w.any(kind, nil); t != nil {
			name := []rune(text(t.item[member]))
			from := w.random.IntN(len(name))
			return []string{"name_contains", string(name[from:min(len(name), from+2)])}
		}
		return []string{"name_contains", "nothing"}
	}
}

func kindsOfObjects() []*kind {
	const conflict = http.StatusConflict
	return []*kind{
		{
			name: "folder", list: "list_folders", read: "get_folder", param: "folderId", most: 24, order: slices.Sort[[]string],
			in: inFolder("parent_folder_id"),
			create: func(w *randomClient) (string, request, bool) {
				body := map[string]any{"name": w.name(), "folder_type": []string{"app", "workflow", "resource"}[w.random.IntN(3)]}
				if parent := w.any("folder", ofType(body["folder_type"])); w.chance(2) && parent != nil {
					body["parent_folder_id"] = parent.id
				}
				return "create_folder", request{}.with(body), true
			},
			twice: conflict, unique: "name", clash: conflict, remove: "delete_folder",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				if t.item["is_system_folder"] == true {
					return "", request{}, nil
				}
				return renamed("update_folder", "name")(w, t)
			},
			kept: func(w *randomClient, t *thing) int {
				if !addressable(t) {
					return http.StatusBadRequest
				}
				if t.item["is_system_folder"] == true || len(w.inside(t)) > 0 {
					return http.StatusUnprocessableEntity
				}
				return 0
			},
		},
		{
			name: "app", list: "list_apps", pages: true, read: "get_app", param: "appId", most: 12, in: inFolder("folder_id"),
			filter: byName("app", "name"),
			create: func(w *randomClient) (string, request, bool) {
				from := w.any("app", nil)
				if from == nil {
					return "", request{}, false
				}
				body := map[string]any{"app_id": from.id, "new_app_name": w.name()}
				if w.chance(2) {
					body["folder_id"] = w.any("folder", ofType("app")).id
				}
				return "clone_app", request{}.with(body), true
			},
			twice: conflict, remove: "delete_app", fewest: 2, dropped: (*randomClient).unpin, verify: (*randomClient).verifyApp,
		},
		{
			name: "theme", list: "list_app_themes", read: "get_app_theme", param: "id", most: 6,
			create: func(w *randomClient) (string, request, bool) {
				return "create_app_theme", theme(0, w.name(), "#00ff00"), true
			},
			twice: conflict, unique: "name", clash: conflict, remove: "delete_app_theme",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				name := w.name()
				return "replace_app_theme", theme(t.item["id"].(float64), name, "#0000ff"), map[string]any{"name": name}
			},
		},
		{
			name: "library", list: "list_custom_component_libraries", read: "get_custom_component_library", param: "libraryId", most: 5,
			create: func(w *randomClient) (string, request, bool) {
				return "create_custom_component_library", library(nil, w.word()), true
			},
			twice: conflict,
		},
		{
			name: "workflow", list: "list_workflows", pages: true, read: "get_workflow", param: "workflowId", in: inFolder("folder_id"),
			filter: byName("workflow", "name"), remove: "delete_workflow", dropped: (*randomClient).unpin, fewest: 2,
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				limit := float64(256 * (1 + w.random.IntN(8)))
				body := map[string]any{"code_executor_memory_limit_mbs": limit}
				return "update_workflow", at(t.param, t.id).with(body), body
			},
		},
		{
			name: "user_task", list: "list_user_tasks", pages: true,
			in: func(item map[string]any) []ref { return []ref{{"workflow", text(item["workflow_id"])}} },
			filter: func(w *randomClient) []string {
				return []string{"statuses", []string{"submitted", "pending", "cancelled", "expired"}[w.random.IntN(4)]}
			},
		},
	}
}

func ofType(folderType any) func(*thing) bool {
	return func(t *thing) bool { return t.item["folder_type"] == folderType }
}

// inside are the things in a folder.
func (w *randomClient) inside(folder *thing) (out []*thing) {
	for _, kind := range []string{"folder", "app", "workflow", "resource"} {
		for _, t := range w.tracked[kind] {
			if slices.Contains(t.in, folder.ref()) {
				out = append(out, t)
			}
		}
	}
	return out
}

// unpin takes an app or workflow that is gone out of all manifests.
func (w *randomClient) unpin(t *thing) {
	for _, m := range w.tracked["manifest"] {
		delete(m.pinned, t.id)
	}
	delete(w.releases, t.id)
}

// An app runs the release that the manifest of this instance said when it was
// last deployed.
func (w *randomClient) verifyApp(t *thing) {
	w.t.Helper()
	release := cmp.Or(w.live[t.id], "latest")
	require.Equal(w.t, release, t.item["release_version"], "what app %s runs", t.id)
}
