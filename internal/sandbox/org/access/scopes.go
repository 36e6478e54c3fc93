package access

import (
	"slices"
	"strings"
)

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
