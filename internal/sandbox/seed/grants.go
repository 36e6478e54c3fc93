package seed

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// grantPlan says who may do what; objects are named, configurations as
// "resource>environment" and screens as "app>screen".
type grantPlan struct{ group, person, objectType, object, level string }

// plannedGrants have the peculiar ones. Payroll is open to nobody else: what
// Finance may there comes from its folder.
var plannedGrants = []grantPlan{
	{group: "Payroll Admins", objectType: "app", object: "Payroll", level: "own"},
	{person: "mia.chen@northwind.example", objectType: "app", object: "Payroll", level: "use"},
	{group: "Payroll Admins", objectType: "resource", object: "Payroll DB", level: "use"},
	{group: "Finance", objectType: "folder", object: "resource>Finance", level: "use"},
	{group: "Operations", objectType: "app", object: "Orders", level: "own"},
	{group: "Support", objectType: "app", object: "Orders", level: "use"},
	{person: "jane@northwind.example", objectType: "app", object: "Ticket Triage", level: "own"},
	{person: "jane@northwind.example", objectType: "app", object: "Ticket Triage (copy)", level: "own"},
	{person: "jane@northwind.example", objectType: "resource", object: "Support Tickets DB", level: "edit"},
	{person: "jane@northwind.example", objectType: "folder", object: "app>Support>VIP", level: "own"},
	{group: "Contractors", objectType: "screen", object: "Orders>Search", level: "use"},
	{group: "Contractors", objectType: "screen", object: "Ticket Triage>Inbox", level: "use"},
	{group: "Contractors", objectType: "resource_configuration", object: "Orders DB>development", level: "use"},
	{group: "Contractors", objectType: "resource_configuration", object: "Inventory DB>development", level: "edit"},
	{person: "kwame.mensah@brightcode.test", objectType: "resource_configuration", object: "Shipping API>staging", level: "own"},
	{person: "kwame.mensah@brightcode.test", objectType: "folder", object: "app>Engineering>Prototypes", level: "edit"},
	{group: "Engineering", objectType: "folder", object: "resource>Databases", level: "own"},
	{group: "Engineering", objectType: "folder", object: "resource>APIs", level: "own"},
	{group: "Analytics", objectType: "folder", object: "resource>Warehouses & lakes", level: "own"},
	{group: "Analytics", objectType: "resource", object: "Analytics Warehouse", level: "own"},
	{group: "Support", objectType: "resource", object: "Support Tickets DB", level: "use"},
	{group: "Support", objectType: "folder", object: "resource>Messaging", level: "use"},
	{group: "Operations", objectType: "resource", object: "Shipping API", level: "edit"},
	{group: "Warehouse", objectType: "resource_configuration", object: "Warehouse Robots>production", level: "use"},
	{group: "Warehouse", objectType: "app", object: "Store Stock Count", level: "use"},
	{person: "yuki.tanaka@northwind.example", objectType: "folder", object: "app>Stores>日本", level: "own"},
	{person: "layla.haddad@northwind.example", objectType: "folder", object: "app>Stores>الشرق الأوسط", level: "edit"},
	{person: "noam.bendavid@northwind.example", objectType: "folder", object: "app>Stores>ישראל", level: "edit"},
	{person: "olga.petrenko@northwind.example", objectType: "app", object: "Feature Flags", level: "own"},
	{person: "henrik.sorensen@northwind.example", objectType: "app", object: "Release Train", level: "own"},
	{person: "jonas.weiss@northwind.example", objectType: "app", object: "Month End Close", level: "edit"},
	{group: "viewer", objectType: "app", object: "Gear Finder 🏔️", level: "use"},
	{group: "editor", objectType: "folder", object: "app>Templates", level: "edit"},
	{group: "All Users", objectType: "folder", object: "app>Company", level: "use"},
}

func (b *builder) grants() {
	for _, p := range plannedGrants {
		b.grant(p)
	}
	// Departments have their own folders, and editors all but that of Finance.
	for _, d := range departments {
		if d.folder == "" {
			continue
		}
		b.grant(grantPlan{group: d.group, objectType: "folder", object: "app" + below + d.folder, level: "edit"})
		if d.name != "Finance" {
			b.grant(grantPlan{group: "editor", objectType: "folder", object: "app" + below + d.folder, level: "edit"})
		}
	}
	for _, folder := range []string{"Support", "Operations", "Stores"} {
		b.grant(grantPlan{group: "viewer", objectType: "folder", object: "app" + below + folder, level: "use"})
	}
	b.teamGrants()
}

// teamGrants gives each group beyond the well-known ones an app or two.
func (b *builder) teamGrants() {
	open := make([]*built, 0, len(b.appList))
	for _, a := range b.appList {
		if a.department != departmentNamed("Finance") {
			open = append(open, a)
		}
	}
	for i := range b.sizes.Groups - 4 - len(ownGroups) {
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

// grant finds subject and object; it does nothing where the organization is too
// small to have them.
func (b *builder) grant(p grantPlan) {
	subjectType, subject := "group", b.groupID(p.group)
	if p.person != "" {
		subjectType, subject = "user", b.personID(p.person)
	}
	object, app := b.objectID(p.objectType, p.object)
	if subject == "" || object == "" {
		return
	}
	b.Grants.Put(&model.Grant{SubjectType: subjectType, SubjectID: subject, ObjectType: p.objectType, ObjectID: object, AppID: app, Level: p.level})
}

// objectID finds an object as plans name them, and the app of a screen.
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
