package org

import (
	"slices"
	"strconv"
)

func checkMembers(o *Org, members []GroupMember) error {
	for _, m := range members {
		if !o.Users.Has(m.ID) {
			return Missing("User", m.ID)
		}
	}
	return nil
}

func checkInvites(o *Org, ids []int) error {
	for _, id := range ids {
		if key := strconv.Itoa(id); !o.Invites.Has(key) {
			return Missing("User invite", key)
		}
	}
	return nil
}

// checkLeaving refuses to leave only the next members in a GroupByID that cannot do
// with them: somebody must administer, and everybody is in All Users.
func checkLeaving(o *Org, g *Group, next []GroupMember) error {
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
func replaceMembers(o *Org, g *Group, members []GroupMember) error {
	if err := checkLeaving(o, g, members); err != nil {
		return err
	}
	for _, m := range slices.Clone(g.Members) {
		if !isAmong(members, m.ID) {
			o.RemoveMember(g, m.ID)
		}
	}
	for _, m := range members {
		o.SetMember(g, m)
	}
	return nil
}

func createGroupMember(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		Members []GroupMember `json:"members"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if err := checkMembers(o, body.Members); err != nil {
		return Answer{}, err
	}
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	g.UpdatedAt = o.Now()
	return Data(viewGroup(o, g, false)), nil
}

func deleteGroupMember(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	u, err := userOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	others := slices.DeleteFunc(slices.Clone(g.Members), func(m GroupMember) bool { return m.ID == u.ID })
	if err := checkLeaving(o, g, others); err != nil {
		return Answer{}, err
	}
	if !o.RemoveMember(g, u.ID) {
		return Answer{}, NotFound("Group member", u.ID)
	}
	g.UpdatedAt = o.Now()
	return Data(viewGroup(o, g, false)), nil
}

func createGroupUserInvite(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		Invites []int `json:"userInviteIds"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if err := checkInvites(o, body.Invites); err != nil {
		return Answer{}, err
	}
	for _, id := range body.Invites {
		g.AddInvite(id)
	}
	g.UpdatedAt = o.Now()
	return Data(viewGroup(o, g, false)), nil
}

func deleteGroupUserInvite(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	i, err := inviteOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	if !g.RemoveInvite(i.ID) {
		return Answer{}, NotFound("User invite", i.Key())
	}
	g.UpdatedAt = o.Now()
	return Empty(), nil
}
