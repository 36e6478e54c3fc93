package org

import (
	"slices"
	"strings"
)

// The scopes that roles are made of, as "thing:action". Whatever may be changed
// or used must be seen, too: every other action of a thing needs its "read".
var (
	// objectScopes are about objects, so that a role can be granted on one of
	// them alone.
	objectScopes = []string{
		"apps:read", "apps:write", "apps:own",
		"folders:read", "folders:write",
		"query_library:read", "query_library:write",
		"resources:read", "resources:use", "resources:write",
		"workflows:read", "workflows:run", "workflows:write",
	}
	// organizationScopes are about the organisation as a whole.
	organizationScopes = []string{
		"access_tokens:read", "access_tokens:write",
		"app_themes:read", "app_themes:write",
		"audit_logs:read",
		"config_vars:read", "config_vars:write",
		"custom_components:read", "custom_components:write",
		"environments:read", "environments:write",
		"groups:read", "groups:write",
		"observability:read", "observability:write",
		"organization:read", "organization:write",
		"permissions:read", "permissions:write",
		"source_control:read", "source_control:write", "source_control:deploy",
		"spaces:read", "spaces:write",
		"usage:read",
		"user_attributes:read", "user_attributes:write",
		"users:read", "users:write",
	}
)

// unknownScope is the first scope that is not among the known, "" for none.
func unknownScope(scopes, known []string) string {
	for _, scope := range scopes {
		if !slices.Contains(known, scope) {
			return scope
		}
	}
	return ""
}

// dependentScopes are those that known scopes need and that are not with them.
func dependentScopes(scopes ...string) []string {
	added := []string{}
	for _, scope := range scopes {
		thing, _, _ := strings.Cut(scope, ":")
		needed := thing + ":read"
		if !slices.Contains(scopes, needed) && !slices.Contains(added, needed) {
			added = append(added, needed)
		}
	}
	return added
}
