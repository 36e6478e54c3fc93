package access

import (
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// roleFields is what a role can be created and changed with.
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

// updateRole changes what is sent; a list of scopes takes the place of the old.
func updateRole(o *model.Org, c *api.Call) (api.Answer, error) {
	stored, err := ownRole(o, c, "changed")
	if err != nil {
		return api.Answer{}, err
	}
	role := *stored
	if err := changeRole(o, c, &role, api.BadRequest, api.BadRequest); err != nil {
		return api.Answer{}, err
	}
	*stored = role
	return api.Bare(http.StatusOK, stored), nil
}

// deleteRole takes the role from everybody who has it.
func deleteRole(o *model.Org, c *api.Call) (api.Answer, error) {
	role, err := ownRole(o, c, "deleted")
	if err != nil {
		return api.Answer{}, err
	}
	o.RoleGrants.DeleteFunc(func(g *model.RoleGrant) bool { return g.RoleID == role.ID })
	o.Roles.Delete(role.ID)
	return api.Empty(), nil
}

// ownRole is the role of the path, which must not be one that came with the
// organization.
func ownRole(o *model.Org, c *api.Call, change string) (*model.Role, error) {
	role, err := api.InPath(c, &o.Roles, "roleId", "Role")
	if err != nil {
		return nil, err
	}
	if role.IsDefault {
		return nil, api.BadRequest("Default roles cannot be %s", change)
	}
	return role, nil
}

// changeRole sets the fields that the body has. A name that is taken and a scope
// that is unknown are reported by taken and unknown: the operations declare
// different statuses for them.
func changeRole(o *model.Org, c *api.Call, role *model.Role, taken, unknown func(format string, args ...any) error) error {
	var fields roleFields
	if err := c.Decode(&fields); err != nil {
		return err
	}
	if fields.Name != nil {
		if _, ok := o.Roles.Find(func(r *model.Role) bool {
			return r.ID != role.ID && strings.EqualFold(r.Name, *fields.Name)
		}); ok {
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
