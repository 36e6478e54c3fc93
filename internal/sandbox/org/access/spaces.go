package access

import (
	"encoding/binary"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type spaceBody struct {
	Name    string       `json:"name"`
	Domain  string       `json:"domain"`
	Options spaceOptions `json:"options"`
}

// spaceOptions say what a new space copies.
type spaceOptions struct {
	SSO    bool     `json:"copy_sso_settings"`
	Themes bool     `json:"copy_branding_and_themes_settings"`
	Admins []string `json:"users_to_copy_as_admins"` // email addresses
	Caller bool     `json:"create_admin_user"`
}

func listSpaces(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(o, &o.Spaces, nil, viewSpace)), nil
}

func viewSpace(_ *model.Org, s *model.Space) model.SpaceView { return s.SpaceView }

func spaceInPath(o *model.Org, c *api.Call) (*model.Space, error) {
	return api.InPath(c, &o.Spaces, "spaceId", "Space")
}

// createSpace stores the domain but answers an empty one, as real organizations do.
func createSpace(o *model.Org, c *api.Call, body spaceBody) (api.Answer, error) {
	if o.Nested {
		return api.Answer{}, api.BadRequest("Spaces can be created in the main organization only")
	}
	if domainTaken(o, body.Domain, "") {
		return api.Answer{}, api.Conflict("Space with domain %q already exists", body.Domain)
	}
	seed := o.NewSeed()
	child := model.New(binary.LittleEndian.Uint64(seed[:]), o.Now())
	child.Name, child.Domain, child.Nested = body.Name, body.Domain, true
	copyIntoSpace(o, child, body.Options, c.Caller)
	space := &model.Space{Org: child, SpaceView: model.SpaceView{
		ID: child.ID, Name: body.Name, Domain: body.Domain, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	o.Spaces.Put(space)
	view := space.SpaceView
	view.Domain = ""
	return api.Data(view), nil
}

func replaceSpace(o *model.Org, _ *api.Call, space *model.Space, body spaceBody) (api.Answer, error) {
	if domainTaken(o, body.Domain, space.ID) {
		return api.Answer{}, api.Unprocessable("Space with domain %q already exists", body.Domain)
	}
	space.Name, space.Domain, space.UpdatedAt = body.Name, body.Domain, o.Now()
	space.Org.Name, space.Org.Domain = body.Name, body.Domain
	return api.Data(space.SpaceView), nil
}

func removeSpace(o *model.Org, space *model.Space) { o.Spaces.Delete(space.ID) }

// domainTaken reports whether the organization or a space, except one by id, has
// the domain.
func domainTaken(o *model.Org, domain, except string) bool {
	return strings.EqualFold(o.Domain, domain) ||
		o.Spaces.Any(func(s *model.Space) bool { return s.ID != except && strings.EqualFold(s.Domain, domain) })
}

// copyIntoSpace copies into a new space what the options ask for. The caller
// becomes an admin of the space or is invited. Addresses without an active user
// are skipped.
func copyIntoSpace(o, child *model.Org, options spaceOptions, caller int) {
	if options.SSO {
		child.SSO = o.SSO
	}
	if options.Themes {
		for theme := range o.Themes.All() {
			id := child.Number(model.SequenceTheme)
			child.Themes.Put(&model.Theme{
				ID: id, LegacyID: id, Name: theme.Name, Theme: theme.Theme,
				CreatedAt: child.Now(), UpdatedAt: child.Now(),
			})
		}
	}
	for _, email := range options.Admins {
		if user, ok := o.UserByEmail(email); ok {
			addAdmin(child, user)
		}
	}
	user, ok := o.UserByLegacyID(caller)
	switch {
	case !ok:
	case options.Caller:
		addAdmin(child, user)
	default:
		inviteAdmin(child, user)
	}
}

// addAdmin makes a user of the parent organization an admin of this one.
func addAdmin(o *model.Org, user *model.User) {
	if _, already := o.UserByEmail(user.Email); already || !user.Active {
		return
	}
	u := &model.User{UserView: model.UserView{
		ID: o.UserID(), LegacyID: o.Number(model.SequenceUser), FirstName: user.FirstName, LastName: user.LastName,
		CreatedAt: o.Now(), Email: user.Email, Active: true, Metadata: model.Attributes{}, UserType: user.UserType,
		SeatType: new(model.DefaultSeat),
	}}
	o.Users.Put(u)
	for _, id := range []int{model.GroupAdmin, model.GroupAllUsers} {
		if g, ok := o.GroupByID(id); ok {
			o.SetMember(g, model.GroupMember{ID: u.ID})
		}
	}
}

// inviteAdmin invites a user of the parent organization as an admin of this one.
func inviteAdmin(o *model.Org, user *model.User) {
	if _, already := o.UserByEmail(user.Email); already {
		return
	}
	id := o.Number(model.SequenceInvite)
	o.Invites.Put(&model.Invite{
		ID: id, LegacyID: id, InvitedBy: user.ID, InvitedEmail: user.Email, ExpiresAt: o.Now().Add(model.InviteLasts),
		UserType: new("default"), Metadata: model.Attributes{}, CreatedAt: o.Now(), InviteLink: "https://" + o.Domain + "/auth/signup?token=" + o.UUID(),
	})
	if g, ok := o.GroupByID(model.GroupAdmin); ok {
		g.AddInvite(id)
	}
}
