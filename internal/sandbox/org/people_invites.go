package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type inviteView struct {
	*Invite
	Groups []groupRef `json:"groups"`
}

func viewInvite(o *Org, i *Invite) inviteView {
	leadsInto := func(g *Group) bool { return slices.Contains(g.Invites, i.ID) }
	return inviteView{i, Views(&o.Groups, leadsInto, refOf)}
}

// inviteOf is the invite whose id stands in the path.
func inviteOf(o *Org, c *Call) (*Invite, error) {
	return InPath(c, &o.Invites, "userInviteId", "User invite")
}

func listUserInvites(o *Org, _ *Call) (Answer, error) {
	return List(Views(&o.Invites, nil, func(i *Invite) inviteView { return viewInvite(o, i) })), nil
}

func getUserInvite(o *Org, c *Call) (Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(viewInvite(o, i)), nil
}

func createUserInvite(o *Org, c *Call) (Answer, error) {
	var body struct {
		Email    string     `json:"email"`
		Groups   []int      `json:"defaultGroupIds"`
		Metadata Attributes `json:"metadata"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if _, taken := o.UserByEmail(body.Email); taken {
		return Answer{}, emailTaken(body.Email)
	}
	if invited(o, body.Email) {
		return Answer{}, Conflict("User invite for email %q already exists", body.Email)
	}
	groups := make([]*Group, len(body.Groups))
	for at, id := range body.Groups {
		g, ok := o.GroupByID(id)
		if !ok {
			return Answer{}, Missing("Group", strconv.Itoa(id))
		}
		groups[at] = g
	}
	i := invite(o, c, body.Email, body.Metadata)
	for _, g := range groups {
		g.AddInvite(i.ID)
	}
	return Data(viewInvite(o, i)), nil
}

// invited tells whether somebody can still sign up with an invite: one that was
// used or has expired stays listed, but is in nobody's way.
func invited(o *Org, email string) bool {
	_, found := o.Invites.Find(func(i *Invite) bool {
		return i.ClaimedAt == nil && i.ExpiresAt > o.Now() && strings.EqualFold(i.InvitedEmail, email)
	})
	return found
}

// invite adds an invite from the caller.
func invite(o *Org, c *Call, email string, metadata Attributes) *Invite {
	id := o.Number(SequenceInvite)
	i := &Invite{
		ID: id, LegacyID: id, InvitedBy: onBehalf(o, c), InvitedEmail: email, ExpiresAt: o.Now().Add(InviteLasts),
		UserType: new("default"), Metadata: metadata, CreatedAt: o.Now(),
		InviteLink: fmt.Sprintf("https://%s/auth/signup?token=%s", o.Domain, o.UUID()),
	}
	o.Invites.Put(i)
	return i
}

// onBehalf is the id of the user to whom a change is put down: the owner of the
// NextToken, or some admin where the owner is not among the users.
func onBehalf(o *Org, c *Call) string {
	if u, ok := o.UserByLegacyID(c.Caller); ok {
		return u.ID
	}
	if u, ok := o.Users.Find(func(u *User) bool { return u.IsAdmin }); ok {
		return u.ID
	}
	return ""
}

func deleteUserInvite(o *Org, c *Call) (Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	for g := range o.Groups.All() {
		g.RemoveInvite(i.ID)
	}
	o.Invites.Delete(i.Key())
	return Empty(), nil
}
