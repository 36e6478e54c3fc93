package access

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type spaceBody struct {
	Name    string       `json:"name"`
	Domain  string       `json:"domain"`
	Options spaceOptions `json:"options"`
}

// spaceOptions is what a new space takes over.
type spaceOptions struct {
	SSO    bool     `json:"copy_sso_settings"`
	Themes bool     `json:"copy_branding_and_themes_settings"`
	Admins []string `json:"users_to_copy_as_admins"` // e-mail addresses
	Caller bool     `json:"create_admin_user"`
}

func listSpaces(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(&o.Spaces, nil, func(s *model.Space) model.SpaceView { return s.SpaceView })), nil
}

func getSpace(o *model.Org, c *api.Call) (api.Answer, error) {
	space, err := api.InPath(c, &o.Spaces, "spaceId", "Space")
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(space.SpaceView), nil
}

// createSpace answers with an empty domain, as real organizations do, though
// the domain is stored.
func createSpace(o *model.Org, c *api.Call) (api.Answer, error) {
	var body spaceBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if o.Nested {
		return api.Answer{}, api.BadRequest("Spaces can be created in the main organization only")
	}
	if domainTaken(o, body.Domain, "") {
		return api.Answer{}, api.Conflict("Space with domain %q already exists", body.Domain)
	}
	seed := o.NewSeed()
	child := model.New(binary.LittleEndian.Uint64(seed[:]), o.Now())
	child.Name, child.Domain, child.Nested = body.Name, body.Domain, true
	handDown(o, child, body.Options, c.Caller)
	space := &model.Space{Org: child, SpaceView: model.SpaceView{
		ID: child.ID, Name: body.Name, Domain: body.Domain, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	o.Spaces.Put(space)
	view := space.SpaceView
	view.Domain = ""
	return api.Data(view), nil
}

func replaceSpace(o *model.Org, c *api.Call) (api.Answer, error) {
	space, err := api.InPath(c, &o.Spaces, "spaceId", "Space")
	if err != nil {
		return api.Answer{}, err
	}
	var body spaceBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if domainTaken(o, body.Domain, space.ID) {
		return api.Answer{}, api.Unprocessable("Space with domain %q already exists", body.Domain)
	}
	space.Name, space.Domain, space.UpdatedAt = body.Name, body.Domain, o.Now()
	space.Org.Name, space.Org.Domain = body.Name, body.Domain
	return api.Data(space.SpaceView), nil
}

func deleteSpace(o *model.Org, c *api.Call) (api.Answer, error) {
	if !o.Spaces.Delete(c.Path["spaceId"]) {
		return api.Answer{}, api.NotFound("Space", c.Path["spaceId"])
	}
	return api.Empty(), nil
}

// domainTaken tells whether the organization or another space than the one of
// the id has the domain.
func domainTaken(o *model.Org, domain, except string) bool {
	_, taken := o.Spaces.Find(func(s *model.Space) bool { return s.ID != except && strings.EqualFold(s.Domain, domain) })
	return taken || strings.EqualFold(o.Domain, domain)
}

// handDown gives a new space what the options ask for. The caller becomes an
// admin there, or is invited to. Addresses that no active user has are passed
// over.
func handDown(o *model.Org, child *model.Org, options spaceOptions, caller int) {
	if options.SSO {
		child.SSO = slices.Clone(o.SSO)
	}
	if options.Themes {
		for theme := range o.Themes.All() {
			id := child.Number(model.SequenceTheme)
			child.Themes.Put(&model.Theme{
				ID: id, LegacyID: id, Name: theme.Name, Theme: slices.Clone(theme.Theme),
				CreatedAt: child.Now(), UpdatedAt: child.Now(),
			})
		}
	}
	for _, email := range options.Admins {
		if user, ok := o.UserByEmail(email); ok {
			admit(child, user)
		}
	}
	user, ok := o.UserByLegacyID(caller)
	switch {
	case !ok:
	case options.Caller:
		admit(child, user)
	default:
		inviteAdmin(child, user)
	}
}

// admit makes a user of the organization above an admin here.
func admit(o *model.Org, user *model.User) {
	if _, already := o.UserByEmail(user.Email); already || !user.Active {
		return
	}
	u := &model.User{UserView: model.UserView{
		ID: o.UserID(), LegacyID: o.Number(model.SequenceUser), FirstName: user.FirstName, LastName: user.LastName,
		CreatedAt: o.Now(), Email: user.Email, Active: true, Metadata: model.Attributes{}, UserType: user.UserType,
	}}
	o.Users.Put(u)
	for _, id := range []int{model.GroupAdmin, model.GroupAllUsers} {
		if g, ok := o.GroupByID(id); ok {
			o.SetMember(g, model.GroupMember{ID: u.ID})
		}
	}
}

// inviteAdmin invites a user of the organization above to be an admin here.
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
