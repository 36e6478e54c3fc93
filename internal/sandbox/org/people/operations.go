// Package people has the operations on users, groups, invites, user attributes
// and access requests.
package people

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_users":     listUsers,
		"create_user":    createUser,
		"get_user":       api.On(userInPath, getUser),
		"update_user":    api.Patch(userInPath, fieldsOfUser, updateUser),
		"disable_user":   api.On(userInPath, deleteUser),
		"logout_user":    api.OnWith(userInPath, logoutUser),
		"reset_user_2fa": api.On(userInPath, resetUser2FA),

		"list_groups":              listGroups,
		"create_group":             createGroup,
		"get_group":                api.On(groupInPath, getGroup),
		"update_group":             api.Patch(groupInPath, fieldsOfGroup, updateGroup),
		"replace_group":            api.On(groupInPath, replaceGroup),
		"delete_group":             api.On(groupInPath, deleteGroup),
		"add_group_members":        api.OnWith(groupInPath, createGroupMember),
		"remove_group_member":      api.On(groupInPath, deleteGroupMember),
		"add_group_user_invites":   api.OnWith(groupInPath, createGroupUserInvite),
		"remove_group_user_invite": api.On(groupInPath, deleteGroupUserInvite),

		"list_user_invites":  listUserInvites,
		"create_user_invite": api.With(createUserInvite),
		"get_user_invite":    api.Get(inviteInPath, viewInvite),
		"delete_user_invite": api.Remove(inviteInPath, removeInvite),

		"list_user_attributes":        listUserAttributes,
		"create_user_attribute":       api.With(createUserAttribute),
		"update_user_attribute":       api.Patch(attributeInPath, fieldsOfAttribute, updateUserAttribute),
		"delete_user_attribute":       api.On(attributeInPath, deleteUserAttribute),
		"set_user_attribute":          api.OnWith(metadataOfUser, setAttribute),
		"clear_user_attribute":        api.On(metadataOfUser, clearAttribute),
		"set_user_invite_attribute":   api.OnWith(metadataOfInvite, setAttribute),
		"clear_user_invite_attribute": api.On(metadataOfInvite, clearAttribute),

		"list_access_requests":  listAccessRequests,
		"get_access_request":    api.Get(accessRequestInPath, api.Itself),
		"update_access_request": api.Patch(accessRequestInPath, fieldsOfAccessRequest, updateAccessRequest),
	}
}
