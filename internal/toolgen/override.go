package toolgen

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// overrides names the operations whose rule-made name says something else than
// what they do: a DELETE that disables, a "get" that lists, a "create" that sets.
// It is reviewed by hand; every other operation keeps the name of the rules.
var overrides = byKey(map[string]string{
	"DELETE /users/{id}":                                     "disable_user",
	"GET /source_control/releases/{element}":                 "list_source_control_releases",
	"GET /observability/config":                              "list_observability_configs",
	"POST /groups/{id}/members":                              "add_group_members",
	"DELETE /groups/{id}/members/{user}":                     "remove_group_member",
	"POST /groups/{id}/user_invites":                         "add_group_user_invites",
	"DELETE /groups/{id}/user_invites/{invite}":              "remove_group_user_invite",
	"POST /role_permissions/remove_role_grants_for_subject/": "remove_role_from_subject",
	"POST /permissions/listObjects":                          "list_subject_access",
	"GET /permissions/accessList/{type}/{id}":                "list_object_access",
	"POST /users/{id}/user_attributes":                       "set_user_attribute",
	"DELETE /users/{id}/user_attributes/{name}":              "clear_user_attribute",
	"POST /user_invites/{id}/user_attributes":                "set_user_invite_attribute",
	"DELETE /user_invites/{id}/user_attributes/{name}":       "clear_user_invite_attribute",
})

// formerName is the name that the rules make, which an operation with an override
// had before, "" for others.
func formerName(method, path string) string {
	if overrides[tools.OperationKey(method, path)] == "" {
		return ""
	}
	return ruleName(method, path)
}

// forgetTaken drops former names that are the name of another tool.
func forgetTaken(c *tools.Catalog) {
	for i := range c.Tools {
		if t := &c.Tools[i]; c.Find(t.Former) != nil {
			t.Former = ""
		}
	}
}

func byKey(names map[string]string) map[string]string {
	keyed := make(map[string]string, len(names))
	for operation, name := range names {
		method, path, _ := strings.Cut(operation, " ")
		keyed[tools.OperationKey(method, path)] = name
	}
	return keyed
}
