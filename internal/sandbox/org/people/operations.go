// Package people has the operations on users, groups, invites, user attributes
// and access requests.
package people

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_users":     listUsers,
		"create_user":    createUser,
		"get_user":       getUser,
		"update_user":    updateUser,
		"delete_user":    deleteUser,
		"logout_user":    logoutUser,
		"reset_user_2fa": resetUser2FA,

		"list_groups":              listGroups,
		"create_group":             createGroup,
		"get_group":                getGroup,
		"update_group":             updateGroup,
		"replace_group":            replaceGroup,
		"delete_group":             deleteGroup,
		"create_group_member":      createGroupMember,
		"delete_group_member":      deleteGroupMember,
		"create_group_user_invite": createGroupUserInvite,
		"delete_group_user_invite": deleteGroupUserInvite,

		"list_user_invites":  listUserInvites,
		"create_user_invite": createUserInvite,
		"get_user_invite":    getUserInvite,
		"delete_user_invite": deleteUserInvite,

		"list_user_attributes":              listUserAttributes,
		"create_user_attribute":             createUserAttribute,
		"update_user_attribute":             updateUserAttribute,
		"delete_user_attribute":             deleteUserAttribute,
		"create_user_user_attribute":        createUserUserAttribute,
		"delete_user_user_attribute":        deleteUserUserAttribute,
		"create_user_invite_user_attribute": createUserInviteUserAttribute,
		"delete_user_invite_user_attribute": deleteUserInviteUserAttribute,

		"list_access_requests":  listAccessRequests,
		"get_access_request":    getAccessRequest,
		"update_access_request": updateAccessRequest,
	}
}
