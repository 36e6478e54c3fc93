// Package seed fills an organisation with data like a company's.
package seed

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org"

// Sizes says how much of each there is.
type Sizes struct{ Users, Groups, Folders, Apps, Resources, Environments, Workflows, Spaces int }

// Organisation makes an organisation.
func Organisation(seed uint64, now org.Time, _ Sizes) *org.Org {
	o := org.New(seed, now)
	u := &org.User{UserView: org.UserView{
		ID: o.UserID(), LegacyID: o.Number(org.SequenceUser), FirstName: new("Ava"), LastName: new("Lindqvist"), CreatedAt: now,
		Email: "ava.lindqvist@northwind.example", Active: true, UserType: "default",
	}}
	o.Users.Put(u)
	admins, _ := o.Groups.Get("1")
	o.SetMember(admins, org.GroupMember{ID: u.ID})
	return o
}
