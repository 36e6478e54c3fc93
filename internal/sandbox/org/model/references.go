package model

import (
	"slices"
	"strconv"
	"strings"
)

// DropSubject takes everything from a group or user that is no more: grants and
// roles. id is the text of a group's number.
func (o *Org) DropSubject(subjectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
}

// DropObject takes what was granted on an object that is no more, or on the
// screens of such an app.
func (o *Org) DropObject(objectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool {
		return g.ObjectType == objectType && g.ObjectID == id || objectType == "app" && g.AppID == id
	})
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool {
		return g.ObjectType != nil && *g.ObjectType == objectType && g.ObjectID != nil && *g.ObjectID == id
	})
}

// UserByLegacyID finds a user by the older, numeric id.
func (o *Org) UserByLegacyID(id int) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return u.LegacyID == id })
}

// UserByEmail finds a user by e-mail, in whatever case.
func (o *Org) UserByEmail(email string) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return strings.EqualFold(u.Email, email) })
}

// ResourceByIDOrName finds a resource: its id may be its name.
func (o *Org) ResourceByIDOrName(id string) (*Resource, bool) {
	if r, ok := o.Resources.Get(id); ok {
		return r, true
	}
	return o.Resources.Find(func(r *Resource) bool { return r.DisplayName == id })
}

// SetMember puts a user into a group, or changes what the member may there.
func (o *Org) SetMember(g *Group, member GroupMember) {
	at := slices.IndexFunc(g.Members, func(m GroupMember) bool { return m.ID == member.ID })
	if at >= 0 {
		g.Members = slices.Clone(g.Members)
		g.Members[at] = member
	} else {
		g.Members = append(g.Members, member)
	}
	if u, ok := o.Users.Get(member.ID); ok && g.ID == GroupAdmin {
		u.IsAdmin = true
	}
}

// RemoveMember takes a user out of a group and tells whether they were in it.
func (o *Org) RemoveMember(g *Group, user string) bool {
	before := len(g.Members)
	g.Members = Without(g.Members, func(m GroupMember) bool { return m.ID == user })
	if u, ok := o.Users.Get(user); ok && g.ID == GroupAdmin {
		u.IsAdmin = false
	}
	return len(g.Members) < before
}

// GroupByID finds a GroupByID by its number.
func (o *Org) GroupByID(id int) (*Group, bool) { return o.Groups.Get(strconv.Itoa(id)) }
