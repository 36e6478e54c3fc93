package access

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type listPermissionObjectsBody struct {
	Subject    permissionSubject `json:"subject"`
	ObjectType string            `json:"object_type"`
	Inherited  bool              `json:"include_inherited_access"`
}

// listPermissionObjects lists the direct grants of a group or user, and with
// include_inherited_access every object that it can access.
func listPermissionObjects(o *model.Org, _ *api.Call, body listPermissionObjectsBody) (api.Answer, error) {
	subject, err := subject(o, body.Subject, api.Missing)
	if err != nil {
		return api.Answer{}, err
	}
	if !body.Inherited {
		return api.List(granted(o, body.Subject.Type, subject, body.ObjectType)), nil
	}
	return api.List(reach(o, body.Subject.Type, subject, body.ObjectType)), nil
}

// reach returns the objects of a type that a subject can access: by grants on them
// or on their parents, by universal access and, for a user, through groups.
func reach(o *model.Org, subjectType, subjectID, objectType string) []permissionAccess {
	groups := groupsBehind(o, subjectType, subjectID)
	subjects := map[objectRef]bool{{subjectID, subjectType}: true}
	for _, g := range groups {
		subjects[objectRef{g.Key(), "group"}] = true
	}
	granted := map[objectRef]string{} // levels
	for g := range o.Grants.All() {
		if subjects[objectRef{g.SubjectID, g.SubjectType}] {
			object := objectRef{g.ObjectID, g.ObjectType}
			granted[object] = higherLevel(granted[object], g.Level)
		}
	}
	out := []permissionAccess{}
	for _, object := range guardedOfType(o, objectType) {
		level := granted[object.objectRef]
		for _, parent := range object.parents {
			level = higherLevel(level, granted[parent])
		}
		for _, g := range groups {
			level = higherLevel(level, universalAccess(g, object.kind))
		}
		if opens(level) {
			out = append(out, permissionAccess{object.Type, object.ID, level})
		}
	}
	return out
}

// groupsBehind returns the groups whose access a subject has: those of a user, or
// the group itself.
func groupsBehind(o *model.Org, subjectType, subjectID string) []*model.Group {
	var groups []*model.Group
	for g := range o.Groups.All() {
		if subjectType == "group" && g.Key() == subjectID || subjectType == "user" && (g.ID == model.GroupAllUsers ||
			slices.ContainsFunc(g.Members, func(m model.GroupMember) bool { return m.ID == subjectID })) {
			groups = append(groups, g)
		}
	}
	return groups
}

// guardedOfType returns the objects of a type.
func guardedOfType(o *model.Org, objectType string) []guarded {
	switch objectType {
	case "folder":
		return api.Views(o, &o.Folders, nil, guardedFolder)
	case "app":
		return api.Views(o, &o.Apps, nil, guardedApp)
	case "resource":
		return api.Views(o, &o.Resources, nil, guardedResource)
	default:
		return api.Views(o, &o.Configurations, nil, guardedConfiguration)
	}
}
