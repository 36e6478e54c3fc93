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
	role := &model.Role{ID: o.UUID(), OrganizationID: o.ID, CreatedAt: o.Now()}
	o.Roles.Put(role)
	err := changeRole(o, c, role, api.Conflict, api.Unprocessable)
	return api.Bare(http.StatusCreated, role), err
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

// Roles are made of the scopes that tokens have. Those of apps, folders,
// resources and workflows are about objects, so that a role can be granted on
// one object alone; all others are about the organization.
var objectScopes = []string{"apps:", "folders:", "resources:", "workflows:"}

// scopeNeeds are the scopes that others are of no use without, beside that to
// write needs to read.
var scopeNeeds = map[string][]string{
	"apps:read":                     {"folders:read"},
	"resources:read":                {"folders:read"},
	"workflows:read":                {"folders:read"},
	"source_control:deploy":         {"source_control:read", "environments:read"},
	"source_control:test_deploy":    {"source_control:read"},
	"source_control:releases_write": {"source_control:releases_read"},
}

// unknownScope returns the first scope that a role cannot have in one of its lists,
// "" if there is none.
func unknownScope(scopes []string, aboutObjects bool) string {
	for _, scope := range scopes {
		is := slices.ContainsFunc(objectScopes, func(thing string) bool { return strings.HasPrefix(scope, thing) })
		if is != aboutObjects || !slices.Contains(tokenScopes, scope) {
			return scope
		}
	}
	return ""
}

// dependentScopes returns the scopes that the given ones need and that are missing.
func dependentScopes(scopes []string) []string {
	all := slices.Clone(scopes)
	for i := 0; i < len(all); i++ { // those that are added need others in turn
		needed := scopeNeeds[all[i]]
		if thing, ok := strings.CutSuffix(all[i], ":write"); ok {
			needed = append(needed, thing+":read")
		}
		for _, scope := range needed {
			if !slices.Contains(all, scope) {
				all = append(all, scope)
			}
		}
	}
	return all[len(scopes):]
}
