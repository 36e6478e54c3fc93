package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// dangling are references to folders, apps and workflows that there are not.
func dangling(o *model.Org) (out []string) {
	element := func(where, id string) {
		if !o.Apps.Has(id) && !o.Workflows.Has(id) {
			out = append(out, where+" "+id)
		}
	}
	folder := func(where, id string) {
		if !o.Folders.Has(id) {
			out = append(out, where+" "+id)
		}
	}
	for f := range o.Folders.All() {
		if f.ParentFolderID != nil {
			folder("parent of "+f.ID, *f.ParentFolderID)
		}
	}
	for a := range o.Apps.All() {
		folder("folder of "+a.ID, a.FolderID)
	}
	for w := range o.Workflows.All() {
		folder("folder of "+w.ID, w.FolderID)
	}
	for g := range o.Grants.All() {
		switch g.ObjectType {
		case "folder":
			folder("grant", g.ObjectID)
		case "app":
			element("grant", g.ObjectID)
		case "screen":
			element("grant on screen", g.AppID)
		}
	}
	for r := range o.Runs.All() {
		element("run", r.WorkflowID)
	}
	for t := range o.Tasks.All() {
		element("task", t.WorkflowID)
		if !o.Runs.Has(t.RunID) {
			out = append(out, "run of task "+t.ID)
		}
	}
	for r := range o.Releases.All() {
		element("release", r.ElementID)
	}
	for m := range o.Manifests.All() {
		for _, e := range append(append([]model.ManifestEntry{}, m.Apps...), m.Workflows...) {
			element("manifest "+m.Name, e.UUID)
		}
	}
	for b := range o.Branches.All() {
		if b.ElementID != nil {
			element("branch "+b.Name, *b.ElementID)
		}
	}
	for g := range o.Groups.All() {
		if g.LandingPage != nil {
			element("landing page of "+g.Name, *g.LandingPage)
		}
	}
	return out
}

func TestDeletingEverythingLeavesNoReferences(t *testing.T) {
	a := start(t, sandbox.Options{})
	require.Empty(t, dangling(a.organization()))
	usage := len(a.organization().VisitedApps)
	for _, f := range a.folders("") {
		if f["folder_type"] == "app" && f["is_system_folder"] == false && f["parent_folder_id"] == model.FolderApps {
			a.ok("delete_folder", at("folderId", text(f["id"])).where("recursive", "true"))
		}
	}
	require.Empty(t, dangling(a.organization()))
	for _, app := range a.items("list_apps", request{}) {
		a.ok("delete_app", at("appId", text(app["id"])))
	}
	for _, workflow := range a.items("list_workflows", request{}) {
		a.ok("delete_workflow", at("workflowId", text(workflow["id"])))
	}
	for _, f := range a.folders("") {
		if f["folder_type"] == "app" {
			require.True(t, f["is_system_folder"].(bool), f["name"])
		}
	}
	o := a.organization()
	require.Empty(t, dangling(o))
	require.Zero(t, o.Apps.Len()+o.Workflows.Len()+o.Runs.Len()+o.Tasks.Len()+o.Releases.Len())
	require.Len(t, o.VisitedApps, usage)
}
