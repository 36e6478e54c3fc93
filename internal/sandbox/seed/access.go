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

// roleGrants creates grants of roles, some for one object.
func (b *builder) roleGrants() {
	byName := map[string]string{}
	for r := range b.Roles.All() {
		byName[r.Name] = r.ID
	}
	for i, p := range plan().RoleGrants {
		g := &model.RoleGrant{RoleID: byName[p.Role], SubjectType: "group"}
		if p.Group != "" {
			g.SubjectID = b.groupID(p.Group)
		} else {
			g.SubjectType, g.SubjectID = "user", b.personID(p.Person)
		}
		if p.ObjectType != "" {
			object := b.folderNamed["app"+below+p.Object]
			if p.ObjectType == "app" {
				object = b.appID(p.Object)
			}
			g.ObjectType, g.ObjectID = new(p.ObjectType), new(object)
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

// groupID returns a group's number as text, "" if there is no such group.
func (b *builder) groupID(name string) string {
	if g, ok := b.groupNamed[name]; ok {
		return strconv.Itoa(g.ID)
	}
	return ""
}

// personID returns the id of a known person, "" if there is none.
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
