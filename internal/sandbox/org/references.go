package org

import (
	"slices"
	"strconv"
	"strings"
)

// dropSubject takes everything from a group or user that is no more: grants and
// roles. id is the text of a group's number.
func (o *Org) dropSubject(subjectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool { return g.SubjectType == subjectType && g.SubjectID == id })
}

// dropObject takes what was granted on an object that is no more, or on the
// screens of such an app.
func (o *Org) dropObject(objectType, id string) {
	o.Grants.DeleteFunc(func(g *Grant) bool {
		return g.ObjectType == objectType && g.ObjectID == id || objectType == "app" && g.AppID == id
	})
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool {
		return g.ObjectType != nil && *g.ObjectType == objectType && g.ObjectID != nil && *g.ObjectID == id
	})
}

// userByLegacyID finds a user by the older, numeric id.
func (o *Org) userByLegacyID(id int) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return u.LegacyID == id })
}

// userByEmail finds a user by e-mail, in whatever case.
func (o *Org) userByEmail(email string) (*User, bool) {
	return o.Users.Find(func(u *User) bool { return strings.EqualFold(u.Email, email) })
}

// resourceByIDOrName finds a resource: its id may be its name.
func (o *Org) resourceByIDOrName(id string) (*Resource, bool) {
	if r, ok := o.Resources.Get(id); ok {
		return r, true
	}
	return o.Resources.Find(func(r *Resource) bool { return r.DisplayName == id })
}

// SetMember puts a user into a group, or changes what the member may there.
func (o *Org) SetMember(g *Group, member GroupMember) {
	at := slices.IndexFunc(g.Members, func(m GroupMember) bool { return m.ID == member.ID })
	if at >= 0 {
		g.Members[at] = member
	} else {
		g.Members = append(g.Members, member)
	}
	if u, ok := o.Users.Get(member.ID); ok && g.ID == GroupAdmin {
		u.IsAdmin = true
	}
}

// dropMember takes a user out of a group and tells whether they were in it.
func (o *Org) dropMember(g *Group, user string) bool {
	before := len(g.Members)
	g.Members = slices.DeleteFunc(g.Members, func(m GroupMember) bool { return m.ID == user })
	if u, ok := o.Users.Get(user); ok && g.ID == GroupAdmin {
		u.IsAdmin = false
	}
	return len(g.Members) < before
}

// group finds a group by its number.
func (o *Org) group(id int) (*Group, bool) { return o.Groups.Get(strconv.Itoa(id)) }
