package people

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type inviteView struct {
	*model.Invite
	Groups []groupRef `json:"groups"`
}

func viewInvite(o *model.Org, i *model.Invite) inviteView {
	leadsInto := func(g *model.Group) bool { return slices.Contains(g.Invites, i.ID) }
	return inviteView{i, api.Views(&o.Groups, leadsInto, refOf)}
}

// inviteOf is the invite whose id stands in the path.
func inviteOf(o *model.Org, c *api.Call) (*model.Invite, error) {
	return api.InPath(c, &o.Invites, "userInviteId", "User invite")
}

func listUserInvites(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(&o.Invites, nil, func(i *model.Invite) inviteView { return viewInvite(o, i) })), nil
}

func getUserInvite(o *model.Org, c *api.Call) (api.Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewInvite(o, i)), nil
}

func createUserInvite(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Email    string           `json:"email"`
		Groups   []int            `json:"defaultGroupIds"`
		Metadata model.Attributes `json:"metadata"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if _, taken := o.UserByEmail(body.Email); taken {
		return api.Answer{}, emailTaken(body.Email)
	}
	if invited(o, body.Email) {
		return api.Answer{}, api.Conflict("User invite for email %q already exists", body.Email)
	}
	groups := make([]*model.Group, len(body.Groups))
	for at, id := range body.Groups {
		g, ok := o.GroupByID(id)
		if !ok {
			return api.Answer{}, api.Missing("Group", strconv.Itoa(id))
		}
		groups[at] = g
	}
	i := invite(o, c, body.Email, body.Metadata)
	for _, g := range groups {
		g.AddInvite(i.ID)
	}
	return api.Data(viewInvite(o, i)), nil
}

// invited tells whether somebody can still sign up with an invite: one that was
// used or has expired stays listed, but is in nobody's way.
func invited(o *model.Org, email string) bool {
	_, found := o.Invites.Find(func(i *model.Invite) bool {
		return i.ClaimedAt == nil && i.ExpiresAt > o.Now() && strings.EqualFold(i.InvitedEmail, email)
	})
	return found
}

// invite adds an invite from the caller.
func invite(o *model.Org, c *api.Call, email string, metadata model.Attributes) *model.Invite {
	id := o.Number(model.SequenceInvite)
	i := &model.Invite{
		ID: id, LegacyID: id, InvitedBy: onBehalf(o, c), InvitedEmail: email, ExpiresAt: o.Now().Add(model.InviteLasts),
		UserType: new("default"), Metadata: metadata, CreatedAt: o.Now(),
		InviteLink: fmt.Sprintf("https://%s/auth/signup?token=%s", o.Domain, o.UUID()),
	}
	o.Invites.Put(i)
	return i
}

// onBehalf is the id of the user to whom a change is put down: the owner of the
// NextToken, or some admin where the owner is not among the users.
func onBehalf(o *model.Org, c *api.Call) string {
	if u, ok := o.UserByLegacyID(c.Caller); ok {
		return u.ID
	}
	if u, ok := o.Users.Find(func(u *model.User) bool { return u.IsAdmin }); ok {
		return u.ID
	}
	return ""
}

func deleteUserInvite(o *model.Org, c *api.Call) (api.Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	for g := range o.Groups.All() {
		g.RemoveInvite(i.ID)
	}
	o.Invites.Delete(i.Key())
	return api.Empty(), nil
}
