// Package access has the operations that say who may do what: permissions,
// roles, access tokens, spaces and SSO.
package access

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"grant_permissions":                     grantPermissions,
		"revoke_permissions":                    revokePermissions,
		"list_permission_objects":               listPermissionObjects,
		"get_permission_access_list_for_object": getPermissionAccessListForObject,

		"list_roles":  listRoles,
		"create_role": createRole,
		"update_role": updateRole,
		"delete_role": deleteRole,

		"list_role_grants":               listRoleGrants,
		"list_role_grants_for_subject":   listRoleGrantsForSubject,
		"create_role_grant":              createRoleGrant,
		"delete_role_grant":              deleteRoleGrant,
		"remove_role_grants_for_subject": removeRoleGrantsForSubject,

		"list_spaces":         listSpaces,
		"create_space":        createSpace,
		"get_space":           getSpace,
		"replace_space":       replaceSpace,
		"delete_space":        deleteSpace,
		"copy_space_elements": copySpaceElements,

		"get_sso_config":    getSSOConfig,
		"create_sso_config": createSSOConfig,
		"delete_sso_config": deleteSSOConfig,

		"list_access_tokens":  listAccessTokens,
		"create_access_token": createAccessToken,
		"get_access_token":    getAccessToken,
	}
}
