package people

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// listUsers filters by the whole email address or name and ignores case.
func listUsers(o *model.Org, c *api.Call) (api.Answer, error) {
	email, first, last := c.Query.Get("email"), c.Query.Get("first_name"), c.Query.Get("last_name")
	fits := func(asked string, is *string) bool {
		return asked == "" || is != nil && strings.EqualFold(asked, *is)
	}
	keep := func(u *model.User) bool {
		return fits(email, &u.Email) && fits(first, u.FirstName) && fits(last, u.LastName)
	}
	return api.Page(o, c, &o.Users, keep, viewUser)
}

func viewUser(_ *model.Org, u *model.User) *model.UserView { return &u.UserView }

type userWithGroups struct {
	*model.UserView
	Groups []groupRef `json:"groups,omitzero"` // nil unless asked for
}

// groupRef names a group where it is not the subject.
type groupRef struct {
	LegacyID int    `json:"legacy_id"`
	ID       int    `json:"id"`
	Name     string `json:"name"`
}

func refOf(_ *model.Org, g *model.Group) groupRef { return groupRef{g.ID, g.ID, g.Name} }

func getUser(o *model.Org, c *api.Call, u *model.User) (api.Answer, error) {
	view := userWithGroups{UserView: &u.UserView}
	if c.Flag("includeGroups") {
		view.Groups = api.Views(o, &o.Groups, func(g *model.Group) bool { return isAmong(g.Members, u.ID) }, refOf)
	}
	return api.Data(view), nil
}

func userInPath(o *model.Org, c *api.Call) (*model.User, error) {
	return api.InPath(c, &o.Users, "userId", "User")
}

// createUser creates an account. An open invite for the address stays as it is.
func createUser(o *model.Org, c *api.Call) (api.Answer, error) {
	body := struct {
		Email     string           `json:"email"`
		FirstName *string          `json:"first_name"`
		LastName  *string          `json:"last_name"`
		Active    bool             `json:"active"`
		Metadata  model.Attributes `json:"metadata"`
		UserType  string           `json:"user_type"`
		SeatType  string           `json:"seat_type"`
	}{Active: true, UserType: "default", SeatType: model.DefaultSeat}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkNames(body.FirstName, body.LastName); err != nil {
		return api.Answer{}, err
	}
	if _, taken := o.UserByEmail(body.Email); taken {
		return api.Answer{}, emailTaken(body.Email)
	}
	u := &model.User{UserView: model.UserView{
		ID: o.UserID(), LegacyID: o.Number(model.SequenceUser), Email: body.Email, FirstName: body.FirstName, LastName: body.LastName,
		CreatedAt: o.Now(), Active: body.Active, Metadata: body.Metadata, UserType: body.UserType,
		SeatType: &body.SeatType,
	}}
	o.Users.Put(u)
	if everybody, ok := o.GroupByID(model.GroupAllUsers); ok {
		o.SetMember(everybody, model.GroupMember{ID: u.ID})
	}
	return api.Data(&u.UserView), nil
}

// emailTaken is the failure for the address of a user, active or disabled.
func emailTaken(email string) error { return api.Conflict("User with email %q already exists", email) }

// checkNames refuses names that do not fit into answers. A name may be null.
func checkNames(first, last *string) error {
	for _, name := range []struct {
		field string
		value *string
	}{{"first_name", first}, {"last_name", last}} {
		if name.value == nil {
			continue
		}
		if n := utf8.RuneCountInString(*name.value); n < 1 || n > 36 {
			return api.BadRequest("Invalid value for %s: between 1 and 36 characters are allowed", name.field)
		}
	}
	return nil
}

type userFields struct {
	FirstName *string          `json:"first_name"`
	LastName  *string          `json:"last_name"`
	Active    *bool            `json:"active"`
	Metadata  model.Attributes `json:"metadata"`
	UserType  string           `json:"user_type"`
	SeatType  *string          `json:"seat_type"`
}

func fieldsOfUser(u *model.User) userFields {
	return userFields{u.FirstName, u.LastName, &u.Active, u.Metadata, u.UserType, u.SeatType}
}

func updateUser(o *model.Org, _ *api.Call, u *model.User, fields userFields) (api.Answer, error) {
	if err := checkNames(fields.FirstName, fields.LastName); err != nil {
		return api.Answer{}, err
	}
	if !slices.Contains([]string{"default", "mobile", "embed"}, fields.UserType) {
		return api.Answer{}, api.BadRequest("Invalid value for user_type")
	}
	if seat := fields.SeatType; seat != nil && !slices.Contains([]string{"builder", "internalUser", "externalUser"}, *seat) {
		return api.Answer{}, api.BadRequest("Invalid value for seat_type")
	}
	switch {
	case fields.Active == nil:
		return api.Answer{}, api.BadRequest("Invalid value for active")
	case *fields.Active:
		u.Active = true
	default:
		if err := disable(o, u); err != nil {
			return api.Answer{}, err
		}
	}
	u.FirstName, u.LastName, u.Metadata = fields.FirstName, fields.LastName, fields.Metadata
	u.UserType, u.SeatType = fields.UserType, fields.SeatType
	return api.Data(&u.UserView), nil
}

// deleteUser disables the account, which keeps its email address and groups. A
// user can be disabled twice.
func deleteUser(o *model.Org, _ *api.Call, u *model.User) (api.Answer, error) {
	if err := disable(o, u); err != nil {
		return api.Answer{}, err
	}
	return api.Empty(), nil
}

func disable(o *model.Org, u *model.User) error {
	if isLastAdmin(o, u) {
		return api.BadRequest("The last admin cannot be disabled")
	}
	u.Active, u.Sessions = false, 0
	return nil
}

// isLastAdmin reports whether u is the only active admin.
func isLastAdmin(o *model.Org, u *model.User) bool {
	if !u.IsAdmin || !u.Active {
		return false
	}
	return !o.Users.Any(func(other *model.User) bool { return other != u && other.IsAdmin && other.Active })
}

type logoutUserBody struct {
	SSO    bool    `json:"sso_logout"`
	Return *string `json:"post_logout_redirect_uri"`
}

// logoutUser ends all sessions. The identity provider takes part only if the
// organization signs in over OIDC with an end session URL.
func logoutUser(o *model.Org, _ *api.Call, u *model.User, body logoutUserBody) (api.Answer, error) {
	if body.Return != nil && !body.SSO {
		return api.Answer{}, api.BadRequest("post_logout_redirect_uri needs sso_logout")
	}
	var out struct {
		SSO     bool   `json:"sso_logout"`
		URL     string `json:"sso_logout_url,omitzero"`
		Warning string `json:"warning,omitzero"`
	}
	if body.SSO {
		if out.URL, out.SSO = endSession(o, body.Return); !out.SSO {
			out.Warning = "No OIDC provider with an end session URL is configured: only Retool sessions were ended"
		}
	}
	u.Sessions = 0
	return api.Data(out), nil
}

// endSession returns the URL where a browser signs out at the OIDC provider.
func endSession(o *model.Org, back *string) (address string, ok bool) {
	var sso struct {
		EndSession string `json:"oidc_end_session_url"`
	}
	if model.IsNull(o.SSO) || json.Unmarshal(o.SSO, &sso) != nil || sso.EndSession == "" {
		return "", false
	}
	at, err := url.Parse(sso.EndSession)
	if err != nil {
		return "", false
	}
	if back != nil {
		query := at.Query()
		query.Set("post_logout_redirect_uri", *back)
		at.RawQuery = query.Encode()
	}
	return at.String(), true
}

func resetUser2FA(_ *model.Org, _ *api.Call, u *model.User) (api.Answer, error) {
	u.TwoFactorAuth = false
	return api.Empty(), nil
}
