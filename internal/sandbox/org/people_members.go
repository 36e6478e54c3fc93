package org

import (
	"slices"
	"strconv"
)

func (o *Org) checkMembers(members []GroupMember) error {
	for _, m := range members {
		if !o.Users.Has(m.ID) {
			return Missing("User", m.ID)
		}
	}
	return nil
}

func (o *Org) checkInvites(ids []int) error {
	for _, id := range ids {
		if key := strconv.Itoa(id); !o.Invites.Has(key) {
			return Missing("User invite", key)
		}
	}
	return nil
}

// checkLeaving refuses to leave only the next members in a group that cannot do
// with them: somebody must administer, and everybody is in All Users.
func (o *Org) checkLeaving(g *Group, next []GroupMember) error {
	active := func(m GroupMember) bool {
		u, ok := o.Users.Get(m.ID)
		return ok && u.Active
	}
	switch g.ID {
	case GroupAdmin:
		if slices.ContainsFunc(g.Members, active) && !slices.ContainsFunc(next, active) {
			return BadRequest("The last admin cannot be removed from group %q", g.Name)
		}
	case GroupAllUsers:
		if slices.ContainsFunc(g.Members, func(m GroupMember) bool { return !isAmong(next, m.ID) }) {
			return BadRequest("Users cannot be removed from group %q", g.Name)
		}
	}
	return nil
}

func isAmong(members []GroupMember, user string) bool {
	return slices.ContainsFunc(members, func(m GroupMember) bool { return m.ID == user })
}

// replaceMembers makes members, who exist, the only ones.
func (o *Org) replaceMembers(g *Group, members []GroupMember) error {
	if err := o.checkLeaving(g, members); err != nil {
		return err
	}
	for _, m := range slices.Clone(g.Members) {
		if !isAmong(members, m.ID) {
			o.dropMember(g, m.ID)
		}
	}
	for _, m := range members {
		o.SetMember(g, m)
	}
	return nil
}

func createGroupMember(o *Org, c *Call) (Answer, error) {
	g, err := o.groupOf(c)
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		Members []GroupMember `json:"members"`
	}
	if err := c.decode(&body); err != nil {
		return Answer{}, err
	}
	if err := o.checkMembers(body.Members); err != nil {
		return Answer{}, err
	}
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	g.UpdatedAt = o.Now()
	return Data(o.viewGroup(g, false)), nil
}

func deleteGroupMember(o *Org, c *Call) (Answer, error) {
	g, err := o.groupOf(c)
	if err != nil {
		return Answer{}, err
	}
	u, err := o.userOf(c)
	if err != nil {
		return Answer{}, err
	}
	others := slices.DeleteFunc(slices.Clone(g.Members), func(m GroupMember) bool { return m.ID == u.ID })
	if err := o.checkLeaving(g, others); err != nil {
		return Answer{}, err
	}
	if !o.dropMember(g, u.ID) {
		return Answer{}, NotFound("Group member", u.ID)
	}
	g.UpdatedAt = o.Now()
	return Data(o.viewGroup(g, false)), nil
}

func createGroupUserInvite(o *Org, c *Call) (Answer, error) {
	g, err := o.groupOf(c)
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		Invites []int `json:"userInviteIds"`
	}
	if err := c.decode(&body); err != nil {
		return Answer{}, err
	}
	if err := o.checkInvites(body.Invites); err != nil {
		return Answer{}, err
	}
	for _, id := range body.Invites {
		g.addInvite(id)
	}
	g.UpdatedAt = o.Now()
	return Data(o.viewGroup(g, false)), nil
}

// addInvite makes an invite lead into the group.
func (g *Group) addInvite(id int) {
	if !slices.Contains(g.Invites, id) {
		g.Invites = append(g.Invites, id)
	}
}

// dropInvite undoes addInvite and tells whether there was something to undo.
func (g *Group) dropInvite(id int) bool {
	before := len(g.Invites)
	g.Invites = slices.DeleteFunc(g.Invites, func(other int) bool { return other == id })
	return len(g.Invites) < before
}

func deleteGroupUserInvite(o *Org, c *Call) (Answer, error) {
	g, err := o.groupOf(c)
	if err != nil {
		return Answer{}, err
	}
	i, err := o.inviteOf(c)
	if err != nil {
		return Answer{}, err
	}
	if !g.dropInvite(i.ID) {
		return Answer{}, NotFound("User invite", i.Key())
	}
	g.UpdatedAt = o.Now()
	return Empty(), nil
}
