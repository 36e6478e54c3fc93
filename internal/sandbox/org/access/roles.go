package access

import (
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// roleFields is a role in a request.
type roleFields struct {
	Name         *string   `json:"name"`
	Description  *string   `json:"description"`
	ObjectScopes *[]string `json:"object_scopes"`
	OrgScopes    *[]string `json:"organization_scopes"`
}

func listRoles(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(slices.Collect(o.Roles.All())), nil
}

func createRole(o *model.Org, c *api.Call) (api.Answer, error) {
	role := &model.Role{OrganizationID: o.ID, CreatedAt: o.Now()}
	if err := changeRole(o, c, role, api.Conflict, api.Unprocessable); err != nil {
		return api.Answer{}, err
	}
	role.ID = o.UUID()
	o.Roles.Put(role)
	return api.Bare(http.StatusCreated, role), nil
}

// updateRole changes the fields in the body. A list of scopes replaces the old one.
func updateRole(o *model.Org, c *api.Call, role *model.Role) (api.Answer, error) {
	err := changeRole(o, c, role, api.BadRequest, api.BadRequest)
	return api.Bare(http.StatusOK, role), err
}

// removeRole removes a role and its grants.
func removeRole(o *model.Org, role *model.Role) {
	o.RoleGrants.DeleteFunc(func(g *model.RoleGrant) bool { return g.RoleID == role.ID })
	o.Roles.Delete(role.ID)
}

// ownRole finds the role in the path and refuses default roles.
func ownRole(change string) api.Finder[*model.Role] {
	return func(o *model.Org, c *api.Call) (*model.Role, error) {
		role, err := api.InPath(c, &o.Roles, "roleId", "Role")
		if err == nil && role.IsDefault {
			err = api.BadRequest("Default roles cannot be %s", change)
		}
		return role, err
	}
}

// changeRole sets the fields in the body. The failures for a name that is taken and
// a scope that is unknown differ between the operations.
func changeRole(o *model.Org, c *api.Call, role *model.Role, taken, unknown func(format string, args ...any) error) error {
	var fields roleFields
	if err := c.Decode(&fields); err != nil {
		return err
	}
	if fields.Name != nil {
		if o.Roles.Any(func(r *model.Role) bool { return r.ID != role.ID && strings.EqualFold(r.Name, *fields.Name) }) {
			return taken("Role with name %q already exists", *fields.Name)
		}
		role.Name = *fields.Name
	}
	if fields.Description != nil {
		role.Description = *fields.Description
	}
	for _, list := range []struct {
		field        string
		aboutObjects bool
		sent         *[]string
		destination  *[]string
	}{
		{"object_scopes", true, fields.ObjectScopes, &role.ObjectScopes},
		{"organization_scopes", false, fields.OrgScopes, &role.OrgScopes},
	} {
		if list.sent == nil {
			continue
		}
		if scope := unknownScope(*list.sent, list.aboutObjects); scope != "" {
			return unknown("Unknown scope in %s: %s", list.field, scope)
		}
		*list.destination = *list.sent
	}
	role.AddedScopes = dependentScopes(slices.Concat(role.ObjectScopes, role.OrgScopes))
	role.UpdatedAt = o.Now()
	return nil
}
