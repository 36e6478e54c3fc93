package model

import (
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Attributes are custom attributes of a user or invite, by name.
type Attributes = map[string]jsontext.Value

// User is an account. Only its UserView is in answers.
type User struct {
	UserView `json:",inline"`
	Sessions int `json:"sessions"` // number of browsers with a session
}

// UserView is a user as the API answers it.
type UserView struct {
	ID            string     `json:"id"`
	LegacyID      int        `json:"legacy_id"`
	FirstName     *string    `json:"first_name"`
	LastName      *string    `json:"last_name"`
	CreatedAt     Time       `json:"created_at"`
	LastActive    *Time      `json:"last_active"`
	Email         string     `json:"email"`
	Active        bool       `json:"active"`
	Metadata      Attributes `json:"metadata"`
	IsAdmin       bool       `json:"is_admin"` // is in group 1
	TwoFactorAuth bool       `json:"two_factor_auth_enabled"`
	UserType      string     `json:"user_type"` // default, mobile or embed
	SeatType      *string    `json:"seat_type"` // builder, internalUser or externalUser; null in state files of before 4.0.0
}

// Key is the user's id.
func (u *User) Key() string { return u.ID }

// Groups that every organization has.
const (
	GroupAdmin = iota + 1
	GroupEditor
	GroupViewer
	GroupAllUsers
)

// Group is a permission group, with its members and invites by id.
type Group struct {
	ID      int           `json:"id"`
	Members []GroupMember `json:"members"`
	Invites []int         `json:"invites"`
	GroupFields
	CreatedAt Time `json:"created_at"`
	UpdatedAt Time `json:"updated_at"`
}

// GroupMember is a member of a group.
type GroupMember struct {
	ID           string `json:"id"` // of the user
	IsGroupAdmin bool   `json:"is_group_admin"`
}

// GroupFields are the fields of a group that can be changed.
type GroupFields struct {
	Name              string  `json:"name"`
	AppAccess         string  `json:"universal_app_access"` // none, use, edit or own
	ResourceAccess    string  `json:"universal_resource_access"`
	WorkflowAccess    string  `json:"universal_workflow_access"`
	QueryAccess       string  `json:"universal_query_library_access"` // none, use or edit
	UserListAccess    bool    `json:"user_list_access"`
	AuditLogAccess    bool    `json:"audit_log_access"`
	UnpublishedAccess bool    `json:"unpublished_release_access"`
	UsageAccess       bool    `json:"usage_analytics_access"`
	ThemeAccess       bool    `json:"theme_access"`
	AccountAccess     bool    `json:"account_details_access"`
	LandingPage       *string `json:"landing_page_app_id"`
}

// Key is the group's id.
func (g *Group) Key() string { return strconv.Itoa(g.ID) }

// BuiltIn reports whether every organization has the group.
func (g *Group) BuiltIn() bool { return g.ID <= GroupAllUsers }

// AddInvite adds an invite to the group.
func (g *Group) AddInvite(id int) {
	if !slices.Contains(g.Invites, id) {
		g.Invites = append(g.Invites, id)
	}
}

// RemoveInvite removes an invite and reports whether the group had it.
func (g *Group) RemoveInvite(id int) bool {
	before := len(g.Invites)
	g.Invites = Without(g.Invites, func(other int) bool { return other == id })
	return len(g.Invites) < before
}

// InviteLasts is how long an invite can be used.
const InviteLasts = 7 * 24 * time.Hour

// Invite is an invitation to join. Its groups list it.
type Invite struct {
	ID           int        `json:"id"`
	LegacyID     int        `json:"legacy_id"`
	InvitedBy    string     `json:"invited_by"` // id of a user
	InvitedEmail string     `json:"invited_email"`
	ExpiresAt    Time       `json:"expires_at"`
	ClaimedBy    *string    `json:"claimed_by"`
	ClaimedAt    *Time      `json:"claimed_at"`
	UserType     *string    `json:"user_type"`
	Metadata     Attributes `json:"metadata"`
	CreatedAt    Time       `json:"created_at"`
	InviteLink   string     `json:"invite_link"`
}

// Key is the invite's id.
func (i *Invite) Key() string { return strconv.Itoa(i.ID) }

// Attribute defines a custom attribute of users.
type Attribute struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Label        string  `json:"label"`
	DataType     string  `json:"data_type"` // string, number or json
	DefaultValue *string `json:"default_value"`
	IntercomName *string `json:"intercom_attribute_name"`
}

// Key is the attribute's id.
func (a *Attribute) Key() string { return a.ID }

// AccessRequest is a request to join.
type AccessRequest struct {
	ID              int     `json:"id"`
	LegacyID        int     `json:"legacy_id"`
	Status          string  `json:"status"` // PENDING, APPROVED or DENIED
	RequestingEmail string  `json:"requesting_email"`
	UpdatedByID     *string `json:"updated_by_id"`
	CreatedAt       Time    `json:"created_at"`
	UpdatedAt       Time    `json:"updated_at"`
}

// Key is the request's id.
func (r *AccessRequest) Key() string { return strconv.Itoa(r.ID) }

// AccessToken is a token for the API. It also opens the sandbox.
type AccessToken struct {
	AccessTokenView `json:",inline"`
	Secret          string `json:"secret"` // in the answer of the creation alone
}

// AccessTokenView is an access token as the API answers it.
type AccessTokenView struct {
	ID            string   `json:"id"`
	Label         string   `json:"label"`
	Description   *string  `json:"description"`
	Last4         string   `json:"last4"`
	OwnerLegacyID int      `json:"owner_legacy_id"`
	Scopes        []string `json:"scopes"`
	CreatedAt     Time     `json:"created_at"`
	UpdatedAt     Time     `json:"updated_at"`
}

// Key is the token's id.
func (t *AccessToken) Key() string { return t.ID }
