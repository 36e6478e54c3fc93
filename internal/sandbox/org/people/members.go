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

// checkLeaving checks that a group may have only the next members: one active
// admin must stay, and all users are in All Users.
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

// replaceMembers makes members, which exist, the only ones.
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

type createGroupMemberBody struct {
	Members []model.GroupMember `json:"members"`
}

func createGroupMember(o *model.Org, _ *api.Call, g *model.Group, body createGroupMemberBody) (api.Answer, error) {
	if err := checkMembers(o, body.Members); err != nil {
		return api.Answer{}, err
	}
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	g.UpdatedAt = o.Now()
	return api.Data(viewGroup(o, g)), nil
}

func deleteGroupMember(o *model.Org, c *api.Call, g *model.Group) (api.Answer, error) {
	u, err := userInPath(o, c)
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
	return api.Data(viewGroup(o, g)), nil
}

type createGroupUserInviteBody struct {
	Invites []int `json:"userInviteIds"`
}

func createGroupUserInvite(o *model.Org, _ *api.Call, g *model.Group, body createGroupUserInviteBody) (api.Answer, error) {
	if err := checkInvites(o, body.Invites); err != nil {
		return api.Answer{}, err
	}
	for _, id := range body.Invites {
		g.AddInvite(id)
	}
	g.UpdatedAt = o.Now()
	return api.Data(viewGroup(o, g)), nil
}

func deleteGroupUserInvite(o *model.Org, c *api.Call, g *model.Group) (api.Answer, error) {
	i, err := inviteInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	if !g.RemoveInvite(i.ID) {
		return api.Answer{}, api.NotFound("User invite", i.Key())
	}
	g.UpdatedAt = o.Now()
	return api.Empty(), nil
}
