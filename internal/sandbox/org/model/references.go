package model

import (
	"slices"
	"strconv"
	"strings"
)

// DropSubject removes the grants and roles of a group or user. The id of a group is
// its number as text.
func (o *Org) DropSubject(subjectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
}

// DropObject removes the grants and roles on an object, and on the screens of an
// app.
func (o *Org) DropObject(objectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool {
		return g.ObjectType == objectType && g.ObjectID == id || objectType == "app" && g.AppID == id
	})
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool {
		return g.ObjectType != nil && *g.ObjectType == objectType && g.ObjectID != nil && *g.ObjectID == id
	})
}

// UserByLegacyID returns the user with a numeric id.
func (o *Org) UserByLegacyID(id int) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return u.LegacyID == id })
}

// UserByEmail returns the user with an email address, regardless of case.
func (o *Org) UserByEmail(email string) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return strings.EqualFold(u.Email, email) })
}

// ResourceByIDOrName returns the resource with an id or name.
func (o *Org) ResourceByIDOrName(id string) (*Resource, bool) {
	if r, ok := o.Resources.Get(id); ok {
		return r, true
	}
	return o.Resources.Find(func(r *Resource) bool { return r.DisplayName == id })
}

// SetMember adds a member to a group or changes it.
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

// RemoveMember removes a user from a group and reports whether the user was in it.
func (o *Org) RemoveMember(g *Group, user string) bool {
	before := len(g.Members)
	g.Members = Without(g.Members, func(m GroupMember) bool { return m.ID == user })
	if u, ok := o.Users.Get(user); ok && g.ID == GroupAdmin {
		u.IsAdmin = false
	}
	return len(g.Members) < before
}

// GroupByID returns the group with a number.
func (o *Org) GroupByID(id int) (*Group, bool) { return o.Groups.Get(strconv.Itoa(id)) }
