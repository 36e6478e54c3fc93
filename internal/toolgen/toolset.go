package toolgen

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// sections group the first path segments of Retool's API into toolsets, in the
// order in which they are listed. Core marks what administrators use daily.
var sections = []struct {
	segment, toolset string
	core             bool
}{
	{"users", "users", true},
	{"user_attributes", "users", false},
	{"user_invites", "users", true},
	{"access_requests", "users", true},
	{"groups", "groups", true},
	{"permissions", "permissions", true},
	{"role_permissions", "permissions", true},
	{"apps", "apps", true},
	{"folders", "apps", true},
	{"app_themes", "apps", false},
	{"custom_component_libraries", "apps", false},
	{"resources", "resources", true},
	{"resource_configurations", "resources", true},
	{"environments", "environments", true},
	{"configuration_variables", "environments", true},
	{"workflows", "workflows", true},
	{"workflow_run", "workflows", true},
	{"user_tasks", "workflows", false},
	{"source_control", "source_control", false},
	{"source_control/manifests", "releases", false},
	{"source_control/releases", "releases", false},
	{"spaces", "spaces", false},
	{"organization", "organization", false},
	{"info", "organization", false},
	{"sso", "organization", false},
	{"access_tokens", "organization", false},
	{"usage", "monitoring", false},
	{"observability", "monitoring", false},
}

// MaxCoreTools is the maximum size of the core toolset: the smallest limit of
// any client.
const MaxCoreTools = 80

// toolsetOf groups tools by path. Tags are unsuitable: releases rename them,
// and some operations have two. Another API is grouped by its first segment.
func toolsetOf(path string) (name string, core bool) {
	var static []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(segment, "{") && segment != "api" && !isVersion(segment) {
			static = append(static, strings.Join(text.Words(segment), "_"))
		}
	}
	if len(static) == 0 || static[0] == "" {
		return "root", false
	}
	for n := min(2, len(static)); n > 0; n-- {
		for _, s := range sections {
			if s.segment == strings.Join(static[:n], "/") {
				return s.toolset, s.core
			}
		}
	}
	return static[0], false
}

// toolsetOrder lists the toolsets of the table.
func toolsetOrder() (names []string) {
	for _, s := range sections {
		if !slices.Contains(names, s.toolset) {
			names = append(names, s.toolset)
		}
	}
	return names
}
