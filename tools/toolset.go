package tools

import (
	"fmt"
	"slices"
	"strings"
)

// sections are the first path segments of Retool's API, grouped into toolsets
// as an administrator would look for them, in the order in which they are
// listed. Core marks what is used from day to day.
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

// Names of toolsets that are not a group of their own.
const (
	ToolsetAll  = "all"
	ToolsetCore = "core"
)

// MaxCoreTools is how many tools the core toolset may have: the fewest that any
// client takes without complaint.
const MaxCoreTools = 80

// toolsetOf groups tools by where they stand in the API. Tags will not do: the
// document renames them from release to release and gives some operations two.
// A path that Retool's API has not is a group by its first segment.
func toolsetOf(path string) (name string, core bool) {
	var static []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(segment, "{") && segment != "api" && !version().MatchString(segment) {
			static = append(static, strings.Join(words(segment), "_"))
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

// Toolsets lists the catalog's toolsets, Retool's in the order of the table,
// others after them in that of their names.
func (c *Catalog) Toolsets() []string {
	var known, others []string
	for _, s := range sections {
		if !slices.Contains(known, s.toolset) && slices.ContainsFunc(c.Tools, func(t Tool) bool { return t.Toolset == s.toolset }) {
			known = append(known, s.toolset)
		}
	}
	for _, t := range c.Tools {
		if !slices.Contains(known, t.Toolset) && !slices.Contains(others, t.Toolset) {
			others = append(others, t.Toolset)
		}
	}
	slices.Sort(others)
	return append(known, others...)
}

// WithToolsets returns the catalog with the tools of the named toolsets: any of
// Toolsets, "core", or "all". No name means all. A name that is none of these is
// an error that lists them.
func (c *Catalog) WithToolsets(names []string) (*Catalog, error) {
	valid := append([]string{ToolsetAll, ToolsetCore}, c.Toolsets()...)
	for _, name := range names {
		if !slices.Contains(valid, name) {
			return nil, fmt.Errorf("there is no toolset %q%s: the toolsets are %s", name, DidYouMean(name, valid), strings.Join(valid, ", "))
		}
	}
	if len(names) == 0 || slices.Contains(names, ToolsetAll) {
		return c, nil
	}
	only := *c
	only.Tools = nil
	for _, t := range c.Tools {
		if slices.Contains(names, t.Toolset) || t.Core && slices.Contains(names, ToolsetCore) {
			only.Tools = append(only.Tools, t)
		}
	}
	return &only, nil
}
