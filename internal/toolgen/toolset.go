package toolgen

import (
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// sections group the first path segments of Retool's API into toolsets, in the
// order in which they are listed. Core are those that administrators use daily.
var sections = []struct {
	toolset      string
	core, others []string
}{
	{"users", []string{"users", "user_invites", "access_requests"}, []string{"user_attributes"}},
	{"groups", []string{"groups"}, nil},
	{"permissions", []string{"permissions", "role_permissions"}, nil},
	{"apps", []string{"apps", "folders"}, []string{"app_themes", "custom_component_libraries"}},
	{"resources", []string{"resources", "resource_configurations"}, nil},
	{"environments", []string{"environments", "configuration_variables"}, nil},
	{"workflows", []string{"workflows", "workflow_run"}, []string{"user_tasks"}},
	{"source_control", nil, []string{"source_control"}},
	{"releases", nil, []string{"source_control/manifests", "source_control/releases"}},
	{"spaces", nil, []string{"spaces"}},
	{"organization", nil, []string{"organization", "info", "sso", "access_tokens"}},
	{"monitoring", nil, []string{"usage", "observability"}},
}

// MaxCoreTools is the maximum size of the core toolset: the smallest limit of
// any client.
const MaxCoreTools = 80

// toolsetOf groups tools by path. Tags are unsuitable: releases rename them,
// and some operations have two. Another API is grouped by its first segment.
func toolsetOf(path string) (name string, core bool) {
	var static []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if decoded, err := url.PathUnescape(segment); err == nil {
			segment = decoded
		}
		if !strings.HasPrefix(segment, "{") && segment != "api" && !isVersion(segment) {
			static = append(static, strings.Join(text.Words(segment), "_"))
		}
	}
	if len(static) == 0 || static[0] == "" {
		return "root", false
	}
	for n := min(2, len(static)); n > 0; n-- {
		segment := strings.Join(static[:n], "/")
		for _, s := range sections {
			if core := slices.Contains(s.core, segment); core || slices.Contains(s.others, segment) {
				return s.toolset, core
			}
		}
	}
	return static[0][:min(len(static[0]), MaxNameLength)], false
}

// toolsetOrder lists the toolsets of the table.
func toolsetOrder() (names []string) {
	for _, s := range sections {
		names = append(names, s.toolset)
	}
	return names
}
