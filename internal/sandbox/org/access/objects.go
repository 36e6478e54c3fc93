package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// objectRef is an object or group in an answer about access.
type objectRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// guarded is an object with everything that access to it can come from.
type guarded struct {
	objectRef
	// kind selects the universal access of groups.
	kind string
	// parents are objects whose grants apply to this one: a folder's grants apply
	// to the objects directly inside, never to subfolders.
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
			return guardedFolder(o, f), true
		}
	case "app":
		if a, ok := o.Apps.Get(id); ok {
			return guardedApp(o, a), true
		}
	case "workflow":
		if w, ok := o.Workflows.Get(id); ok {
			return guarded{objectRef{w.ID, "workflow"}, "workflow", []objectRef{{w.FolderID, "folder"}}}, true
		}
	case "resource":
		if r, ok := o.ResourceByIDOrName(id); ok {
			return guardedResource(o, r), true
		}
	case "resource_configuration":
		if c, ok := o.Configurations.Get(id); ok {
			return guardedConfiguration(o, c), true
		}
	}
	return guarded{}, false
}

func guardedFolder(_ *model.Org, f *model.Folder) guarded {
	return guarded{objectRef: objectRef{f.ID, "folder"}, kind: f.FolderType}
}

func guardedApp(_ *model.Org, a *model.App) guarded {
	return guarded{objectRef{a.ID, "app"}, "app", []objectRef{{a.FolderID, "folder"}}}
}

func guardedResource(_ *model.Org, r *model.Resource) guarded {
	g := guarded{objectRef: objectRef{r.ID, "resource"}, kind: "resource"}
	if r.FolderID != nil {
		g.parents = []objectRef{{*r.FolderID, "folder"}}
	}
	return g
}

// guardedConfiguration is a configuration, which inherits the access to its resource.
func guardedConfiguration(o *model.Org, c *model.Configuration) guarded {
	g := guarded{
		objectRef{c.ID, "resource_configuration"}, "resource", []objectRef{{c.ResourceID, "resource"}},
	}
	if r, ok := o.Resources.Get(c.ResourceID); ok {
		g.parents = append(g.parents, guardedResource(o, r).parents...)
	}
	return g
}

// folderByIDOrNumber finds a folder by its id or its number: "app_92" or 92.
func folderByIDOrNumber(o *model.Org, id string) (*model.Folder, bool) {
	if f, ok := o.Folders.Get(id); ok {
		return f, true
	}
	if _, err := strconv.ParseUint(id, 10, 63); err != nil {
		return nil, false
	}
	return o.Folders.Find(func(f *model.Folder) bool { return strings.HasSuffix(f.ID, "_"+id) })
}

// accessLevels are in ascending order.
var accessLevels = []string{"none", "use", "edit", "own"}

// higherLevel returns the higher of two levels. "" is the lowest.
func higherLevel(a, b string) string {
	if slices.Index(accessLevels, b) > slices.Index(accessLevels, a) {
		return b
	}
	return a
}

// opens reports whether a level allows anything.
func opens(level string) bool { return slices.Index(accessLevels, level) > 0 }

// universalAccess returns the access of a group to all objects of a kind.
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
