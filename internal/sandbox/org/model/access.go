package model

import "strings"

// Grant is the access of a group or user to an object.
type Grant struct {
	SubjectType string `json:"subject_type"` // group or user
	SubjectID   string `json:"subject_id"`   // a group's number as text
	ObjectType  string `json:"object_type"`  // folder, app, screen, resource, resource_configuration
	ObjectID    string `json:"object_id"`
	AppID       string `json:"app_id,omitzero"` // of a screen
	Level       string `json:"level"`           // use, edit or own
}

// Key joins subject and object: there is one grant for both.
func (g *Grant) Key() string {
	return strings.Join([]string{g.SubjectType, g.SubjectID, g.ObjectType, g.ObjectID}, " ")
}

// Role is a named set of scopes.
type Role struct {
	ID             string   `json:"id"`
	OrganizationID string   `json:"organization_id"`
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	IsDefault      bool     `json:"is_default_role"`
	IsLegacy       bool     `json:"is_legacy_role"`
	ObjectScopes   []string `json:"object_scopes"`
	OrgScopes      []string `json:"organization_scopes"`
	AddedScopes    []string `json:"added_dependent_scopes"`
	CreatedAt      Time     `json:"created_at"`
	UpdatedAt      Time     `json:"updated_at"`
}

// Key is the role's id.
func (r *Role) Key() string { return r.ID }

// RoleGrant gives a role to a subject, for the organization or for one object.
type RoleGrant struct {
	ID          string  `json:"id"`
	RoleID      string  `json:"role_id"`
	SubjectType string  `json:"subject_type"`
	SubjectID   string  `json:"subject_id"`
	ObjectType  *string `json:"object_type"`
	ObjectID    *string `json:"object_id"`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
}

// Key is the grant's id.
func (g *RoleGrant) Key() string { return g.ID }

// Space is an organization below this one.
type Space struct {
	SpaceView `json:",inline"`
	Org       *Org `json:"org"` // what is in the space
}

// SpaceView is a space as the API answers it.
type SpaceView struct {
	ID        string `json:"id"` // that of the Org
	Name      string `json:"name"`
	Domain    string `json:"domain"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// Key is the space's id.
func (s *Space) Key() string { return s.ID }
