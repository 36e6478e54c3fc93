package objects

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// deleteFolder deletes an empty folder. With "recursive" it deletes a folder of
// apps with its contents; the API does so for no other type.
func deleteFolder(o *model.Org, c *api.Call, f *model.Folder) (api.Answer, error) {
	if f.IsSystemFolder {
		return api.Answer{}, systemFolder(f)
	}
	if recursive := c.Flag("recursive") && f.FolderType == "app"; !recursive && occupied(o, f.ID) {
		return api.Answer{}, api.Unprocessable("Folder with id %q is not empty", f.ID)
	}
	removeFolder(o, f.ID)
	return api.Empty(), nil
}

// occupied reports whether a folder contains anything.
func occupied(o *model.Org, folder string) bool {
	return o.Folders.Any(func(f *model.Folder) bool { return f.ParentFolderID != nil && *f.ParentFolderID == folder }) ||
		o.Apps.Any(func(a *model.App) bool { return a.FolderID == folder }) ||
		o.Workflows.Any(func(w *model.Workflow) bool { return w.FolderID == folder }) ||
		o.Resources.Any(func(r *model.Resource) bool { return r.FolderID != nil && *r.FolderID == folder })
}

// removeFolder removes a folder with all folders and apps in it.
func removeFolder(o *model.Org, id string) {
	gone := []string{id}
	for i := 0; i < len(gone); i++ {
		for f := range o.Folders.All() {
			if f.ParentFolderID != nil && *f.ParentFolderID == gone[i] {
				gone = append(gone, f.ID)
			}
		}
	}
	for _, app := range slices.Collect(o.Apps.All()) {
		if slices.Contains(gone, app.FolderID) {
			removeApp(o, app)
		}
	}
	for _, folder := range gone {
		o.Folders.Delete(folder)
		o.DropObject("folder", folder)
	}
}

// removeApp removes an app and the references to it. Its usage stays.
func removeApp(o *model.Org, app *model.App) {
	o.Apps.Delete(app.ID)
	o.DropObject("app", app.ID)
	removeElement(o, app.ID)
	for g := range o.Groups.All() {
		if g.LandingPage != nil && *g.LandingPage == app.ID {
			g.LandingPage = nil
		}
	}
}

// removeWorkflow removes a workflow and the references to it, with its runs and
// their tasks.
func removeWorkflow(o *model.Org, w *model.Workflow) {
	o.Workflows.Delete(w.ID)
	o.DropObject("workflow", w.ID)
	removeElement(o, w.ID)
	o.Runs.DeleteFunc(func(r *model.Run) bool { return r.WorkflowID == w.ID })
	o.Tasks.DeleteFunc(func(t *model.Task) bool { return t.WorkflowID == w.ID })
}

// removeElement removes an app or workflow from source control. A branch that was
// created for it stays, without an element.
func removeElement(o *model.Org, id string) {
	o.Releases.DeleteFunc(func(r *model.Release) bool { return r.ElementID == id })
	pinned := func(e model.ManifestEntry) bool { return e.UUID == id }
	for m := range o.Manifests.All() {
		m.Apps = model.Without(m.Apps, pinned)
		m.Workflows = model.Without(m.Workflows, pinned)
	}
	for b := range o.Branches.All() {
		if b.ElementID != nil && *b.ElementID == id {
			b.ElementID, b.ElementType = nil, nil
		}
	}
}
