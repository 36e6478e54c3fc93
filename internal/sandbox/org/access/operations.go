// Package access has the operations that say who may do what: permissions,
// roles, access tokens, spaces and SSO.
package access

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"grant_permissions":   api.On(grantInBody(api.Missing), grantPermissions),
		"revoke_permissions":  api.On(grantInBody(api.NotFound), revokePermissions),
		"list_subject_access": api.With(listPermissionObjects),
		"list_object_access":  getPermissionAccessListForObject,

		"list_roles":  listRoles,
		"create_role": createRole,
		"update_role": api.On(ownRole("changed"), updateRole),
		"delete_role": api.Remove(ownRole("deleted"), removeRole),

		"list_role_grants":             listRoleGrants,
		"list_role_grants_for_subject": listRoleGrantsForSubject,
		"create_role_grant":            api.On(readRoleGrant, createRoleGrant),
		"delete_role_grant":            api.Remove(roleGrantInPath, removeRoleGrant),
		"remove_role_from_subject":     api.On(readRoleGrant, removeRoleGrantsForSubject),

		"list_spaces":         listSpaces,
		"create_space":        api.With(createSpace),
		"get_space":           api.Get(spaceInPath, viewSpace),
		"replace_space":       api.OnWith(spaceInPath, replaceSpace),
		"delete_space":        api.Remove(spaceInPath, removeSpace),
		"copy_space_elements": api.With(copySpaceElements),

		"get_sso_config":    getSSOConfig,
		"create_sso_config": api.With(createSSOConfig),
		"delete_sso_config": deleteSSOConfig,

		"list_access_tokens":  listAccessTokens,
		"create_access_token": api.With(createAccessToken),
		"get_access_token":    api.Get(tokenInPath, viewToken),
	}
}
