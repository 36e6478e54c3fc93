package seed

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) grants() {
	for _, p := range plan().Grants {
		b.grant(p)
	}
	// Departments have their own folders. Editors have all but that of Finance.
	for _, d := range plan().Departments {
		if d.Folder == "" {
			continue
		}
		b.grant(grantPlan{Group: d.Group, ObjectType: "folder", Object: "app" + below + d.Folder, Level: "edit"})
		if d.Name != "Finance" {
			b.grant(grantPlan{Group: "editor", ObjectType: "folder", Object: "app" + below + d.Folder, Level: "edit"})
		}
	}
	for _, folder := range []string{"Support", "Operations", "Stores"} {
		b.grant(grantPlan{Group: "viewer", ObjectType: "folder", Object: "app" + below + folder, Level: "use"})
	}
	b.teamGrants()
}

// teamGrants gives each further group an app or two.
func (b *builder) teamGrants() {
	open := make([]*built, 0, len(b.appList))
	for _, a := range b.appList {
		if a.department != departmentNamed("Finance") {
			open = append(open, a)
		}
	}
	for i := range b.sizes.Groups - 4 - len(plan().Groups) {
		if len(open) == 0 {
			return
		}
		for range 1 + b.random.IntN(2) {
			b.Grants.Put(&model.Grant{
				SubjectType: "group", SubjectID: b.groupID(extraGroup(i)), ObjectType: "app", ObjectID: pick(b, open).ID,
				Level: pick(b, []string{"use", "use", "edit"}),
			})
		}
	}
}

// grant creates a grant, if the organization has its subject and object.
func (b *builder) grant(p grantPlan) {
	subjectType, subject := "group", b.groupID(p.Group)
	if p.Person != "" {
		subjectType, subject = "user", b.personID(p.Person)
	}
	object, app := b.objectID(p.ObjectType, p.Object)
	if subject == "" || object == "" {
		return
	}
	b.Grants.Put(&model.Grant{SubjectType: subjectType, SubjectID: subject, ObjectType: p.ObjectType, ObjectID: object, AppID: app, Level: p.Level})
}

// objectID returns the id of an object in a plan, and the app of a screen.
func (b *builder) objectID(objectType, name string) (id, app string) {
	at := strings.LastIndex(name, below)
	switch objectType {
	case "folder":
		return b.folderNamed[name], ""
	case "resource":
		return b.resourceNamed[name], ""
	case "screen":
		if a := b.appNamed(name[:at]); a != nil {
			for _, s := range a.Screens {
				if s.Name == name[at+len(below):] {
					return s.ID, a.ID
				}
			}
		}
	case "resource_configuration":
		for _, e := range b.stages {
			if e.Name == name[at+len(below):] {
				return b.configurationID(b.resourceNamed[name[:at]], e.ID), ""
			}
		}
	case "app":
		return b.appID(name), ""
	}
	return "", ""
}

func (b *builder) configurationID(resource, environment string) string {
	c, ok := b.Configurations.Find(func(c *model.Configuration) bool {
		return c.ResourceID == resource && c.EnvironmentID == environment
	})
	if !ok {
		return ""
	}
	return c.ID
}
