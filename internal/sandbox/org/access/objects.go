package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// objectRef names an object, or a GroupByID, as answers about access do.
type objectRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// findGuarded is an object with all that access to it can come from.
type guarded struct {
	objectRef
	// kind says which universal access of groups counts.
	kind string
	// parents pass what is granted on them on to the object. A folder does so
	// to what is directly inside, and never to its subfolders.
	parents []objectRef
}

// kindNames are the types of objects as messages write them.
var kindNames = map[string]string{
	"app": "App", "folder": "Folder", "resource": "Resource", "workflow": "Workflow", "agent": "Agent",
	"resource_configuration": "Resource configuration", "screen": "Screen",
}

// findGuarded finds an object of a type. The id of a resource may be its name.
func findGuarded(o *model.Org, objectType, id string) (guarded, bool) {
	switch objectType {
	case "folder":
		if f, ok := o.Folders.Get(id); ok {
			return guardedFolder(f), true
		}
	case "app":
		if a, ok := o.Apps.Get(id); ok {
			return guardedApp(a), true
		}
	case "workflow":
		if w, ok := o.Workflows.Get(id); ok {
			return guarded{objectRef{w.ID, "workflow"}, "workflow", []objectRef{{w.FolderID, "folder"}}}, true
		}
	case "resource":
		if r, ok := o.ResourceByIDOrName(id); ok {
			return guardedResource(r), true
		}
	case "resource_configuration":
		if c, ok := o.Configurations.Get(id); ok {
			return guardedConfiguration(o, c), true
		}
	}
	return guarded{}, false
}

func guardedFolder(f *model.Folder) guarded {
	return guarded{objectRef: objectRef{f.ID, "folder"}, kind: f.FolderType}
}

func guardedApp(a *model.App) guarded {
	return guarded{objectRef{a.ID, "app"}, "app", []objectRef{{a.FolderID, "folder"}}}
}

func guardedResource(r *model.Resource) guarded {
	g := guarded{objectRef: objectRef{r.ID, "resource"}, kind: "resource"}
	if r.FolderID != nil {
		g.parents = []objectRef{{*r.FolderID, "folder"}}
	}
	return g
}

// guardedConfiguration is a configuration, which has the access of its resource.
func guardedConfiguration(o *model.Org, c *model.Configuration) guarded {
	g := guarded{
		objectRef{c.ID, "resource_configuration"}, "resource", []objectRef{{c.ResourceID, "resource"}},
	}
	if r, ok := o.Resources.Get(c.ResourceID); ok {
		g.parents = append(g.parents, guardedResource(r).parents...)
	}
	return g
}

// folderByIDOrNumber finds a folder, also by its bare number: 92 for "app_92".
func folderByIDOrNumber(o *model.Org, id string) (*model.Folder, bool) {
	if f, ok := o.Folders.Get(id); ok {
		return f, true
	}
	if _, err := strconv.ParseUint(id, 10, 63); err != nil {
		return nil, false
	}
	return o.Folders.Find(func(f *model.Folder) bool { return strings.HasSuffix(f.ID, "_"+id) })
}

// accessLevels stand from least to most.
var accessLevels = []string{"none", "use", "edit", "own"}

// higherLevel is the one of two levels that allows more. "" allows nothing.
func higherLevel(a, b string) string {
	if slices.Index(accessLevels, b) > slices.Index(accessLevels, a) {
		return b
	}
	return a
}

// opens tells whether a level allows anything.
func opens(level string) bool { return slices.Index(accessLevels, level) > 0 }

// universalAccess is what a GroupByID may do with all objects of a kind.
func universalAccess(g *model.Group, kind string) string {
	switch kind {
	case "app":
		return g.AppAccess
	case "resource":
		return g.ResourceAccess
	case "workflow":
		return g.WorkflowAccess
	case "library":
		return g.QueryAccess
	default:
		return "none"
	}
}
