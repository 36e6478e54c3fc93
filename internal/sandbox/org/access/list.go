package access

import (
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// accessList says who has access to an object. Each list is in the order of
// creation.
type accessList struct {
	Groups  []accessEntry `json:"group"`
	Users   []accessEntry `json:"user"`
	Invites []accessEntry `json:"userInvite"`
}

type accessEntry struct {
	Subject objectRef     `json:"subject"`
	Sources accessSources `json:"sources"`
	Level   string        `json:"accessLevel"` // the highest of all sources
}

// accessSources are the reasons for access. Those that do not apply are left out.
type accessSources struct {
	Direct    bool        `json:"direct,omitzero"`
	Universal bool        `json:"universal,omitzero"`
	Groups    []objectRef `json:"groups,omitzero"`
	Inherited *objectRef  `json:"inherited,omitzero"`
}

// accessors collects entries by subject.
type accessors map[objectRef]*accessEntry

func (a accessors) of(subjectType, id string) *accessEntry {
	subject := objectRef{id, subjectType}
	entry, ok := a[subject]
	if !ok {
		entry = &accessEntry{Subject: subject, Level: "none"}
		a[subject] = entry
	}
	return entry
}

// throughGroup adds the access of a group to one of its members.
func (a accessors) throughGroup(subjectType, id string, group *accessEntry) {
	entry := a.of(subjectType, id)
	entry.Sources.Groups = append(entry.Sources.Groups, group.Subject)
	entry.Level = higherLevel(entry.Level, group.Level)
}

// getPermissionAccessListForObject lists who has access to an object, and why.
// Disabled users, and invites that were used or have expired, have none.
func getPermissionAccessListForObject(o *model.Org, c *api.Call) (api.Answer, error) {
	objectType, id := c.Path["objectType"], c.Path["objectId"]
	object, ok := findGuarded(o, objectType, id)
	if folder, found := folderByIDOrNumber(o, id); found && objectType == "folder" {
		object, ok = guardedFolder(o, folder), true
	}
	if !ok {
		return api.Answer{}, api.NotFound(kindNames[objectType], id)
	}
	return api.Data(whoHasAccess(o, object)), nil
}

// whoHasAccess reads the grants once and the groups once.
func whoHasAccess(o *model.Org, object guarded) accessList {
	found := grantees(o, object)
	list := accessList{Groups: []accessEntry{}, Users: []accessEntry{}, Invites: []accessEntry{}}
	for g := range o.Groups.All() {
		entry := found.of("group", g.Key())
		if level := universalAccess(g, object.kind); opens(level) {
			entry.Sources.Universal = true
			entry.Level = higherLevel(entry.Level, level)
		}
		if opens(entry.Level) {
			list.Groups = append(list.Groups, *entry)
			passOn(o, g, entry, found)
		}
	}
	for u := range o.Users.All() {
		if entry, ok := found[objectRef{u.ID, "user"}]; ok && u.Active {
			list.Users = append(list.Users, *entry)
		}
	}
	for i := range o.Invites.All() {
		entry, ok := found[objectRef{i.Key(), "userInvite"}]
		if ok && i.ClaimedBy == nil && i.ExpiresAt > o.Now() {
			list.Invites = append(list.Invites, *entry)
		}
	}
	return list
}

// grantees returns the subjects of grants on the object or on its parents.
func grantees(o *model.Org, object guarded) accessors {
	found := accessors{}
	for g := range o.Grants.All() {
		on := objectRef{g.ObjectID, g.ObjectType}
		if on == object.objectRef {
			entry := found.of(g.SubjectType, g.SubjectID)
			entry.Sources.Direct = true
			entry.Level = higherLevel(entry.Level, g.Level)
		}
		for _, parent := range object.parents {
			if on == parent {
				entry := found.of(g.SubjectType, g.SubjectID)
				entry.Sources.Inherited = &parent
				entry.Level = higherLevel(entry.Level, g.Level)
			}
		}
	}
	return found
}

// passOn gives the access of a group to its members. All users are in All Users.
func passOn(o *model.Org, g *model.Group, entry *accessEntry, found accessors) {
	if g.ID == model.GroupAllUsers {
		for u := range o.Users.All() {
			found.throughGroup("user", u.ID, entry)
		}
		for i := range o.Invites.All() {
			found.throughGroup("userInvite", i.Key(), entry)
		}
		return
	}
	for _, member := range g.Members {
		found.throughGroup("user", member.ID, entry)
	}
	for _, invite := range g.Invites {
		found.throughGroup("userInvite", strconv.Itoa(invite), entry)
	}
}

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
