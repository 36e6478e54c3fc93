package people

import (
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func checkMembers(o *model.Org, members []model.GroupMember) error {
	for _, m := range members {
		if !o.Users.Has(m.ID) {
			return api.Missing("User", m.ID)
		}
	}
	return nil
}

func checkInvites(o *model.Org, ids []int) error {
	for _, id := range ids {
		if key := strconv.Itoa(id); !o.Invites.Has(key) {
			return api.Missing("User invite", key)
		}
	}
	return nil
}

// checkLeaving refuses to leave only the next members in a GroupByID that cannot do
// with them: somebody must administer, and everybody is in All Users.
func checkLeaving(o *model.Org, g *model.Group, next []model.GroupMember) error {
	active := func(m model.GroupMember) bool {
		u, ok := o.Users.Get(m.ID)
		return ok && u.Active
	}
	switch g.ID {
	case model.GroupAdmin:
		if slices.ContainsFunc(g.Members, active) && !slices.ContainsFunc(next, active) {
			return api.BadRequest("The last admin cannot be removed from group %q", g.Name)
		}
	case model.GroupAllUsers:
		if slices.ContainsFunc(g.Members, func(m model.GroupMember) bool { return !isAmong(next, m.ID) }) {
			return api.BadRequest("Users cannot be removed from group %q", g.Name)
		}
	}
	return nil
}

func isAmong(members []model.GroupMember, user string) bool {
	return slices.ContainsFunc(members, func(m model.GroupMember) bool { return m.ID == user })
}

// replaceMembers makes members, who exist, the only ones.
func replaceMembers(o *model.Org, g *model.Group, members []model.GroupMember) error {
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

func createGroupMember(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	var body struct {
		Members []model.GroupMember `json:"members"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkMembers(o, body.Members); err != nil {
		return api.Answer{}, err
	}
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	g.UpdatedAt = o.Now()
	return api.Data(viewGroup(o, g, false)), nil
}

func deleteGroupMember(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	u, err := userOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	others := model.Without(g.Members, func(m model.GroupMember) bool { return m.ID == u.ID })
	if err := checkLeaving(o, g, others); err != nil {
		return api.Answer{}, err
	}
	if !o.RemoveMember(g, u.ID) {
		return api.Answer{}, api.NotFound("Group member", u.ID)
	}
	g.UpdatedAt = o.Now()
	return api.Data(viewGroup(o, g, false)), nil
}

func createGroupUserInvite(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	var body struct {
		Invites []int `json:"userInviteIds"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkInvites(o, body.Invites); err != nil {
		return api.Answer{}, err
	}
	for _, id := range body.Invites {
		g.AddInvite(id)
	}
	g.UpdatedAt = o.Now()
	return api.Data(viewGroup(o, g, false)), nil
}

func deleteGroupUserInvite(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	i, err := inviteOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	if !g.RemoveInvite(i.ID) {
		return api.Answer{}, api.NotFound("User invite", i.Key())
	}
	g.UpdatedAt = o.Now()
	return api.Empty(), nil
}
