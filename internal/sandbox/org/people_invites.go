package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const inviteLasts = 7 * 24 * time.Hour

type inviteView struct {
	*Invite
	Groups []groupRef `json:"groups"`
}

func (o *Org) viewInvite(i *Invite) inviteView {
	leadsInto := func(g *Group) bool { return slices.Contains(g.Invites, i.ID) }
	return inviteView{i, views(&o.Groups, leadsInto, refOf)}
}

// inviteOf is the invite whose id stands in the path.
func (o *Org) inviteOf(c *Call) (*Invite, error) {
	return inPath(c, &o.Invites, "userInviteId", "User invite")
}

func listUserInvites(o *Org, _ *Call) (Answer, error) {
	return everything(views(&o.Invites, nil, o.viewInvite)), nil
}

func getUserInvite(o *Org, c *Call) (Answer, error) {
	i, err := o.inviteOf(c)
	if err != nil {
		return Answer{}, err
	}
	return Data(o.viewInvite(i)), nil
}

func createUserInvite(o *Org, c *Call) (Answer, error) {
	var body struct {
		Email    string     `json:"email"`
		Groups   []int      `json:"defaultGroupIds"`
		Metadata Attributes `json:"metadata"`
	}
	if err := c.decode(&body); err != nil {
		return Answer{}, err
	}
	if _, taken := o.userByEmail(body.Email); taken {
		return Answer{}, emailTaken(body.Email)
	}
	if o.invited(body.Email) {
		return Answer{}, Conflict("User invite for email %q already exists", body.Email)
	}
	groups := make([]*Group, len(body.Groups))
	for at, id := range body.Groups {
		g, ok := o.group(id)
		if !ok {
			return Answer{}, Missing("Group", strconv.Itoa(id))
		}
		groups[at] = g
	}
	i := o.invite(c, body.Email, body.Metadata)
	for _, g := range groups {
		g.addInvite(i.ID)
	}
	return Data(o.viewInvite(i)), nil
}

// invited tells whether somebody can still sign up with an invite: one that was
// used or has expired stays listed, but is in nobody's way.
func (o *Org) invited(email string) bool {
	_, found := o.Invites.Find(func(i *Invite) bool {
		return i.ClaimedAt == nil && i.ExpiresAt > o.Now() && strings.EqualFold(i.InvitedEmail, email)
	})
	return found
}

// invite adds an invite from the caller.
func (o *Org) invite(c *Call, email string, metadata Attributes) *Invite {
	id := o.Number(SequenceInvite)
	i := &Invite{
		ID: id, LegacyID: id, InvitedBy: o.onBehalf(c), InvitedEmail: email, ExpiresAt: o.Now().Add(inviteLasts),
		UserType: new("default"), Metadata: metadata, CreatedAt: o.Now(),
		InviteLink: fmt.Sprintf("https://%s/auth/signup?token=%s", o.Domain, o.UUID()),
	}
	o.Invites.Put(i)
	return i
}

// onBehalf is the id of the user to whom a change is put down: the owner of the
// token, or some admin where the owner is not among the users.
func (o *Org) onBehalf(c *Call) string {
	if u, ok := o.userByLegacyID(c.Caller); ok {
		return u.ID
	}
	if u, ok := o.Users.Find(func(u *User) bool { return u.IsAdmin }); ok {
		return u.ID
	}
	return ""
}

func deleteUserInvite(o *Org, c *Call) (Answer, error) {
	i, err := o.inviteOf(c)
	if err != nil {
		return Answer{}, err
	}
	for g := range o.Groups.All() {
		g.dropInvite(i.ID)
	}
	o.Invites.Delete(i.Key())
	return Empty(), nil
}
