package seed

import (
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) roles() {
	for i, r := range plan().Roles {
		r.ID, r.OrganizationID, r.CreatedAt = b.UUID(), b.ID, b.founded
		if !r.IsDefault {
			r.CreatedAt = b.spread(i, len(plan().Roles))
		}
		r.UpdatedAt = b.since(r.CreatedAt)
		for _, scopes := range []*[]string{&r.ObjectScopes, &r.OrgScopes, &r.AddedScopes} {
			*scopes = append([]string{}, *scopes...)
		}
		b.Roles.Put(&r)
	}
}

// roleGrants hands roles out, some of them on one object only.
func (b *builder) roleGrants() {
	byName := map[string]string{}
	for r := range b.Roles.All() {
		byName[r.Name] = r.ID
	}
	for i, p := range []struct{ role, group, person, objectType, object string }{
		{role: "Admin", group: "admin"},
		{role: "Editor", group: "editor"},
		{role: "Viewer", group: "viewer"},
		{role: "Release Manager", group: "Engineering"},
		{role: "Auditor", group: "Finance"},
		{role: "Auditor", person: "sinead.obrien@northwind.example"},
		{role: "Release Manager", person: "priya.raman@northwind.example"},
		{role: "Editor", group: "Operations", objectType: "app", object: "Orders"},
		{role: "Viewer", group: "Contractors", objectType: "app", object: "Ticket Triage"},
		{role: "Editor", person: "jane@northwind.example", objectType: "app", object: "Customer 360"},
		{role: "Viewer", group: "Store Managers", objectType: "folder", object: "Stores"},
		{role: "Auditor", person: "kwame.mensah@brightcode.test", objectType: "folder", object: "Engineering"},
	} {
		g := &model.RoleGrant{RoleID: byName[p.role], SubjectType: "group"}
		if p.group != "" {
			g.SubjectID = b.groupID(p.group)
		} else {
			g.SubjectType, g.SubjectID = "user", b.personID(p.person)
		}
		if p.objectType != "" {
			object := b.folderNamed["app"+below+p.object]
			if p.objectType == "app" {
				object = b.appID(p.object)
			}
			g.ObjectType, g.ObjectID = new(p.objectType), new(object)
			if object == "" {
				continue
			}
		}
		if g.SubjectID == "" {
			continue
		}
		g.ID = b.UUID()
		g.CreatedAt = b.spread(i, 12)
		g.UpdatedAt = g.CreatedAt
		b.RoleGrants.Put(g)
	}
}

// groupID is a group's number as text, "" where there is no such group.
func (b *builder) groupID(name string) string {
	if g, ok := b.groupNamed[name]; ok {
		return strconv.Itoa(g.ID)
	}
	return ""
}

// personID is the id of one of the well-known people, "" where they are not here.
func (b *builder) personID(email string) string {
	some := b.people[:min(len(b.people), len(plan().Known))]
	if at := slices.IndexFunc(some, func(u employee) bool { return u.Email == email }); at >= 0 {
		return some[at].ID
	}
	return ""
}

func (b *builder) appID(name string) string {
	if a := b.appNamed(name); a != nil {
		return a.ID
	}
	return ""
}
