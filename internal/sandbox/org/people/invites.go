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
	return inviteView{i, api.Views(o, &o.Groups, leadsInto, refOf)}
}

func inviteInPath(o *model.Org, c *api.Call) (*model.Invite, error) {
	return api.InPath(c, &o.Invites, "userInviteId", "User invite")
}

func listUserInvites(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(o, &o.Invites, nil, viewInvite)), nil
}

type createUserInviteBody struct {
	Email    string           `json:"email"`
	Groups   []int            `json:"defaultGroupIds"`
	Metadata model.Attributes `json:"metadata"`
}

func createUserInvite(o *model.Org, c *api.Call, body createUserInviteBody) (api.Answer, error) {
	if _, taken := o.UserByEmail(body.Email); taken {
		return api.Answer{}, emailTaken(body.Email)
	}
	if invited(o, body.Email) {
		return api.Answer{}, api.Conflict("User invite for email %q already exists", body.Email)
	}
	i := invite(o, c, body.Email, body.Metadata)
	for _, id := range body.Groups {
		g, ok := o.GroupByID(id)
		if !ok {
			return api.Answer{}, api.Missing("Group", strconv.Itoa(id))
		}
		g.AddInvite(i.ID)
	}
	return api.Data(viewInvite(o, i)), nil
}

// invited reports whether there is an invite for the address that can still be
// used.
func invited(o *model.Org, email string) bool {
	return o.Invites.Any(func(i *model.Invite) bool {
		return i.ClaimedAt == nil && i.ExpiresAt > o.Now() && strings.EqualFold(i.InvitedEmail, email)
	})
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

// onBehalf returns the id of the user who made a change: the owner of the token,
// or an admin if the owner is not a user.
func onBehalf(o *model.Org, c *api.Call) string {
	if u, ok := o.UserByLegacyID(c.Caller); ok {
		return u.ID
	}
	if u, ok := o.Users.Find(func(u *model.User) bool { return u.IsAdmin }); ok {
		return u.ID
	}
	return ""
}

func removeInvite(o *model.Org, i *model.Invite) {
	for g := range o.Groups.All() {
		g.RemoveInvite(i.ID)
	}
	o.Invites.Delete(i.Key())
}

func listAccessRequests(o *model.Org, c *api.Call) (api.Answer, error) {
	status := c.Query.Get("status")
	keep := func(r *model.AccessRequest) bool { return status == "" || r.Status == status }
	return api.Page(o, c, &o.AccessRequests, keep, api.Itself)
}

func accessRequestInPath(o *model.Org, c *api.Call) (*model.AccessRequest, error) {
	return api.InPath(c, &o.AccessRequests, "accessRequestId", "Access request")
}

type accessRequestFields struct {
	Status string `json:"status"`
}

func fieldsOfAccessRequest(r *model.AccessRequest) accessRequestFields {
	return accessRequestFields{r.Status}
}

// updateAccessRequest decides a pending request. Approval creates an invite unless
// the address has an invite or an account.
func updateAccessRequest(o *model.Org, c *api.Call, r *model.AccessRequest, fields accessRequestFields) (api.Answer, error) {
	if fields.Status != "APPROVED" && fields.Status != "DENIED" {
		return api.Answer{}, api.BadRequest("Invalid value for status: it must be APPROVED or DENIED")
	}
	if r.Status != "PENDING" {
		return api.Answer{}, api.BadRequest("Access request with id %q is %s already", r.Key(), r.Status)
	}
	if fields.Status == "APPROVED" {
		if _, member := o.UserByEmail(r.RequestingEmail); !member && !invited(o, r.RequestingEmail) {
			invite(o, c, r.RequestingEmail, nil)
		}
	}
	r.Status, r.UpdatedAt, r.UpdatedByID = fields.Status, o.Now(), new(onBehalf(o, c))
	return api.Data(r), nil
}
