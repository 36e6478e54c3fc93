package tools_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func ours(t *testing.T) *tools.Catalog {
	t.Helper()
	c := *embedded.Catalog()
	return &c
}

func namesOf(c *tools.Catalog) (names []string) {
	for _, t := range c.Tools {
		names = append(names, t.Name)
	}
	return names
}

// Every tool, under every combination of the parts, is there or not by the one
// order.
func TestEverySelection(t *testing.T) {
	c := ours(t)
	choices := struct{ toolsets, tools, exclude, scopes [][]string }{
		toolsets: [][]string{nil, {"users"}, {"core"}, {"groups", "apps"}},
		tools:    [][]string{nil, {"list_*"}, {"disable_user", "get_s*"}, {"create_group_*"}},
		exclude:  [][]string{nil, {"delete_*"}, {"*_user", "list_groups"}, {"delete_group_member"}},
		scopes:   [][]string{nil, {"users:read"}, {"users:write", "groups:read", "usage"}, {}},
	}
	for _, toolsets := range choices.toolsets {
		for _, named := range choices.tools {
			for _, exclude := range choices.exclude {
				for _, scopes := range choices.scopes {
					for _, readOnly := range []bool{false, true} {
						got, err := c.Select(tools.Selection{Toolsets: toolsets, Tools: named, Exclude: exclude, Scopes: scopes, ReadOnly: readOnly})
						require.NoError(t, err)
						served := namesOf(got)
						for _, tool := range c.Tools {
							in := toolsets == nil && named == nil || slices.Contains(toolsets, tool.Toolset) || tool.Core && slices.Contains(toolsets, "core") || matches(named, tool.Name) || matches(named, tool.Former)
							want := in && !matches(exclude, tool.Name) && !matches(exclude, tool.Former) && may(scopes, tool.Scopes.String()) && (!readOnly || tool.Hints.ReadOnly)
							require.Equal(t, want, slices.Contains(served, tool.Name), "%s %v %v %v %v %v", tool.Name, toolsets, named, exclude, scopes, readOnly)
						}
					}
				}
			}
		}
	}
}

func matches(patterns []string, name string) bool {
	return name != "" && slices.ContainsFunc(patterns, func(pattern string) bool {
		before, after, open := strings.Cut(pattern, "*")
		return pattern == name || open && len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
	})
}

// In a selection, the former name of a tool means the tool.
func TestFormerNamesSelect(t *testing.T) {
	c := ours(t)
	renamed := 0
	for _, tool := range c.Tools {
		if tool.Former == "" {
			require.Nil(t, c.Current(tool.Name+"_"))
			continue
		}
		renamed++
		require.Equal(t, tool.Name, c.Current(tool.Former).Name)
		require.Equal(t, tool.Name, c.Current(tool.Name).Name)
		require.Nil(t, c.Find(tool.Former))
		verb, _, _ := strings.Cut(tool.Former, "_")
		for _, pattern := range []string{tool.Former, verb + "_*", tool.Former[:len(tool.Former)-1] + "?"} {
			got, err := c.Select(tools.Selection{Tools: []string{pattern}})
			require.NoError(t, err)
			require.NotNil(t, got.Find(tool.Name), pattern)
			got, err = c.Select(tools.Selection{Exclude: []string{pattern}})
			require.NoError(t, err)
			require.Nil(t, got.Current(tool.Former), pattern)
			require.Nil(t, got.Find(tool.Name), pattern)
		}
	}
	require.Equal(t, 14, renamed)
	require.Nil(t, c.Current(""))
}

func may(scopes []string, needs string) bool {
	if scopes == nil || needs == "" {
		return true
	}
	for need := range strings.SplitSeq(needs, " or ") {
		if slices.Contains(scopes, need) || slices.Contains(scopes, strings.Replace(need, ":read", ":write", 1)) {
			return true
		}
	}
	return false
}

func TestInvalidSelections(t *testing.T) {
	c := ours(t)
	for _, x := range []struct {
		s    tools.Selection
		part string
		says string
	}{
		{tools.Selection{Toolsets: []string{"user"}}, "toolsets", `there is no toolset "user" (did you mean users?)`},
		{tools.Selection{Tools: []string{"list_user"}}, "tools", `no tool matches "list_user" (did you mean list_users?)`},
		{tools.Selection{Tools: []string{"list_*", "nothing_*"}}, "tools", `no tool matches "nothing_*"`},
		{tools.Selection{Exclude: []string{"[x"}}, "exclude", `"[x" is not a valid pattern`},
		{tools.Selection{Exclude: []string{"drop_*"}}, "exclude", `no tool matches "drop_*"`},
		{tools.Selection{Scopes: []string{"user:read"}}, "scopes", `no tool needs the scope "user:read" (did you mean users:read?)`},
	} {
		_, err := c.Select(x.s)
		var wrong *tools.SelectionError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, x.part, wrong.Part)
		require.ErrorContains(t, err, x.says)
	}
}
