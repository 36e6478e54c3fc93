package objects

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// deleteFolder deletes a folder that is empty. "recursive" takes along what is
// in it, but for folders of apps alone, as the API has it.
func deleteFolder(o *model.Org, c *api.Call) (api.Answer, error) {
	f, err := folderOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	if f.IsSystemFolder {
		return api.Answer{}, systemFolder(f)
	}
	if recursive := c.Flag("recursive") && f.FolderType == "app"; !recursive && occupied(o, f.ID) {
		return api.Answer{}, api.Unprocessable("Folder with id %q is not empty", f.ID)
	}
	dropFolder(o, f.ID)
	return api.Empty(), nil
}

// occupied tells whether anything is in a folder.
func occupied(o *model.Org, folder string) bool {
	_, folders := o.Folders.Find(func(f *model.Folder) bool { return f.ParentFolderID != nil && *f.ParentFolderID == folder })
	_, apps := o.Apps.Find(func(a *model.App) bool { return a.FolderID == folder })
	_, workflows := o.Workflows.Find(func(w *model.Workflow) bool { return w.FolderID == folder })
	_, resources := o.Resources.Find(func(r *model.Resource) bool { return r.FolderID != nil && *r.FolderID == folder })
	return folders || apps || workflows || resources
}

// dropFolder removes a folder with the folders and apps in it, however deep.
func dropFolder(o *model.Org, id string) {
	gone := []string{id}
	for i := 0; i < len(gone); i++ {
		for f := range o.Folders.All() {
			if f.ParentFolderID != nil && *f.ParentFolderID == gone[i] {
				gone = append(gone, f.ID)
			}
		}
	}
	var apps []string
	for a := range o.Apps.All() {
		if slices.Contains(gone, a.FolderID) {
			apps = append(apps, a.ID)
		}
	}
	for _, app := range apps {
		dropApp(o, app)
	}
	for _, folder := range gone {
		o.Folders.Delete(folder)
		o.DropObject("folder", folder)
	}
}

// dropApp removes an app and all that refers to it. What was counted of its
// usage stays.
func dropApp(o *model.Org, id string) {
	o.Apps.Delete(id)
	o.DropObject("app", id)
	dropElement(o, id)
	for g := range o.Groups.All() {
		if g.LandingPage != nil && *g.LandingPage == id {
			g.LandingPage = nil
		}
	}
}

// dropWorkflow removes a workflow and all that refers to it: its runs, and the
// tasks in which they wait, too.
func dropWorkflow(o *model.Org, id string) {
	o.Workflows.Delete(id)
	o.DropObject("workflow", id)
	dropElement(o, id)
	o.Runs.DeleteFunc(func(r *model.Run) bool { return r.WorkflowID == id })
	o.Tasks.DeleteFunc(func(t *model.Task) bool { return t.WorkflowID == id })
}

// dropElement takes an app or workflow out of source control. A branch that was
// made for it stays in the repository, for nothing in particular.
func dropElement(o *model.Org, id string) {
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
