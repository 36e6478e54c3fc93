package sandbox_test

import (
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// moveFolder moves a folder into another one, where that makes sense.
func (w *randomClient) moveFolder() {
	w.t.Helper()
	f := w.any("folder", func(t *thing) bool { return t.item["is_system_folder"] == false })
	if f == nil {
		return
	}
	to := w.any("folder", ofType(f.item["folder_type"]))
	clash := func(t *thing) bool {
		return t != f && t.item["name"] == f.item["name"] && slices.Contains(t.in, to.ref())
	}
	status := 0
	switch {
	case slices.Contains(f.in, to.ref()): // it is there already
	case w.tree(f)[to]:
		status = http.StatusUnprocessableEntity
	case slices.ContainsFunc(w.tracked["folder"], clash):
		status = http.StatusConflict
	}
	w.do(status, "update_folder", at("folderId", f.id).patch("replace", "/parent_folder_id", to.id))
	if status == 0 {
		f.in = []ref{to.ref()}
	}
	w.check(f.kind)
	if status == 0 {
		require.Equal(w.t, to.id, f.item["parent_folder_id"])
	}
}

// tree is a folder with all folders below.
func (w *randomClient) tree(folder *thing) map[*thing]bool {
	out := map[*thing]bool{folder: true}
	for _, t := range w.inside(folder) {
		if t.name == "folder" {
			for below := range w.tree(t) {
				out[below] = true
			}
		}
	}
	return out
}

// removeTree deletes a folder with all that is in it. That works with folders of
// apps alone, and is not done where it would leave hardly any app.
func (w *randomClient) removeTree() {
	w.t.Helper()
	f := w.any("folder", func(t *thing) bool { return t.item["is_system_folder"] == false && len(w.inside(t)) > 0 })
	if f == nil {
		return
	}
	w.do(http.StatusUnprocessableEntity, "delete_folder", at("folderId", f.id))
	if f.item["folder_type"] != "app" {
		w.do(http.StatusUnprocessableEntity, "delete_folder", at("folderId", f.id).where("recursive", "true"))
		return
	}
	apps := 0
	for below := range w.tree(f) {
		for _, t := range w.inside(below) {
			if t.name == "app" {
				apps++
			}
		}
	}
	if len(w.tracked["app"])-apps < 2 {
		return
	}
	w.do(0, "delete_folder", at("folderId", f.id).where("recursive", "true"))
	w.drop(f)
	w.check(f.kind)
	w.check(w.kind("app"))
}

// revision uploads to a library.
func (w *randomClient) revision() {
	w.t.Helper()
	l := w.any("library", nil)
	if l == nil {
		return
	}
	r := at("libraryId", l.id)
	before := w.items("list_custom_component_library_revisions", r)
	made, _ := w.do(0, "create_custom_component_library_revision", revision(l.id, []string{"minor", "major", "dev"}[w.random.IntN(3)], "")).(map[string]any)
	require.Equal(w.t, append(before, made), w.items("list_custom_component_library_revisions", r), "the revisions of %s", l.id)
	w.do(http.StatusConflict, "create_custom_component_library_revision", revision(l.id, "specify_version", text(made["version"])))
	require.NotEmpty(w.t, w.items("list_custom_component_library_revision_files", at("libraryId", l.id, "revisionId", text(made["id"]))))
}

// task ends a task or gives it to others.
func (w *randomClient) task() {
	w.t.Helper()
	t := w.any("user_task", func(t *thing) bool { return t.item["status"] == "pending" })
	if t == nil || w.chance(4) {
		t = w.any("user_task", nil)
	}
	if t == nil {
		return
	}
	u := w.any("user", func(u *thing) bool { return w.waitsFor(t, u) })
	if u == nil || w.chance(2) {
		u = w.any("user", nil)
	}
	status := 0
	if t.item["status"] != "pending" || u.item["active"] == false {
		status = http.StatusBadRequest
	}
	r := at("taskId", t.id)
	body := map[string]any{"email": u.item["email"], "output": map[string]any{"said": w.name()}}
	switch w.random.IntN(6) {
	case 0:
		w.do(status, "cancel_user_task", r.with(body))
	case 1, 2:
		if status == 0 && !w.waitsFor(t, u) {
			status = http.StatusBadRequest
		}
		w.do(status, "submit_user_task", r.with(body))
	default:
		w.reassign(t, u, w.any([]string{"user", "group"}[w.random.IntN(2)], nil), status)
	}
	w.check(t.kind)
	run := w.object("get_workflow_run", at("id", text(t.item["workflow_run_id"])))
	require.Contains(w.t, idsIn(run["user_tasks"]), t.id, "the tasks of run %s", run["id"])
}

// reassign gives a task to a user or group, in the name of a user.
func (w *randomClient) reassign(task, by, to *thing, status int) {
	w.t.Helper()
	body := map[string]any{"email": by.item["email"], "assignees": []any{to.subject()}}
	w.do(status, "reassign_user_task", at("taskId", task.id).with(body))
	if status == 0 {
		w.check(task.kind)
		require.Equal(w.t, to.item["legacy_id"], listIn(task.item["assignees"])[0]["id"], "whom task %s is for", task.id)
	}
}

// waitsFor reports whether a task waits for a user or for a group of the user.
func (w *randomClient) waitsFor(task, user *thing) bool {
	return slices.ContainsFunc(listIn(task.item["assignees"]), func(a map[string]any) bool {
		if a["type"] == "user" {
			return a["id"] == user.item["legacy_id"]
		}
		g := w.find("group", text(a["id"]))
		return g != nil && (g.id == "4" || slices.Contains(g.members, user.id))
	})
}

// copyToSpace copies some things, which are then there, too.
func (w *randomClient) copyToSpace() {
	w.t.Helper()
	s := w.any("space", nil)
	if s == nil || w.nested {
		return
	}
	out, _ := w.do(0, "copy_space_elements", copyBody(s.id, map[string]any{
		"app_ids": w.some("app", 2), "workflow_ids": w.some("workflow", 2),
		"resource_ids": w.some("resource_configuration", 2),
	})).(map[string]any)
	there := w.space(s.id)
	for _, id := range out["app_ids"].([]any) {
		there.ok("get_app", at("appId", text(id)))
	}
	for _, id := range out["resource_ids"].([]any) {
		there.ok("get_resource_configuration", at("configurationId", text(id)))
	}
	w.do(http.StatusNotFound, "copy_space_elements", copyBody(s.id, map[string]any{"app_ids": []string{uuid(0)}, "workflow_ids": w.some("workflow", 1)}))
}
