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

// withScripts is a catalog with two local tools that run scripts, one that does not and
// one of no toolset.
func withScripts(t *testing.T) *tools.Catalog {
	c := ours(t)
	code := []tools.Arg{{Name: tools.ArgCode, In: tools.NotSent}}
	c.Tools = append(slices.Clone(c.Tools),
		tools.Tool{Name: "describe_tools", Hints: tools.Hints{ReadOnly: true}},
		tools.Tool{Name: "query_script", Toolset: tools.ToolsetScripts, Core: true, Hints: tools.Hints{ReadOnly: true}, Args: code},
		tools.Tool{Name: "run_script", Toolset: tools.ToolsetScripts, Core: true, Hints: tools.Hints{Destructive: true}, Args: code},
		tools.Tool{Name: "search_tools", Toolset: tools.ToolsetScripts, Core: true, Hints: tools.Hints{ReadOnly: true}})
	slices.SortFunc(c.Tools, func(a, b tools.Tool) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// What scripts reach beyond the list is what the settings leave, unless the toolset of
// scripts is named beside toolsets of operations.
func TestReachOfScripts(t *testing.T) {
	c := withScripts(t)
	const every, reading, none = "every", "reading", "none"
	for name, x := range map[string]struct {
		s      tools.Selection
		beyond string   // of the operations that are not listed, those reached
		local  []string // those listed
	}{
		"nothing selected":            {tools.Selection{}, none, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"scripts":                     {tools.Selection{Toolsets: []string{"scripts"}}, every, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"core":                        {tools.Selection{Toolsets: []string{"core"}}, every, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"scripts and core":            {tools.Selection{Toolsets: []string{"scripts", "core"}}, every, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"scripts and all":             {tools.Selection{Toolsets: []string{"scripts", "all"}}, none, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"scripts and users":           {tools.Selection{Toolsets: []string{"scripts", "users"}}, none, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"core and users":              {tools.Selection{Toolsets: []string{"core", "users"}}, none, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"users":                       {tools.Selection{Toolsets: []string{"users"}}, none, []string{"describe_tools"}},
		"scripts and a pattern":       {tools.Selection{Toolsets: []string{"scripts"}, Tools: []string{"get_user"}}, every, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"patterns of scripts":         {tools.Selection{Tools: []string{"*_script"}}, every, []string{"describe_tools", "query_script", "run_script"}},
		"patterns with operations":    {tools.Selection{Tools: []string{"*_script", "list_*"}}, none, []string{"describe_tools", "query_script", "run_script"}},
		"a query":                     {tools.Selection{Tools: []string{"query_script"}}, reading, []string{"describe_tools", "query_script"}},
		"read-only":                   {tools.Selection{Toolsets: []string{"scripts"}, ReadOnly: true}, reading, []string{"describe_tools", "query_script", "search_tools"}},
		"without run_script":          {tools.Selection{Toolsets: []string{"core"}, Exclude: []string{"run_script"}}, reading, []string{"describe_tools", "query_script", "search_tools"}},
		"without scripts":             {tools.Selection{Toolsets: []string{"core"}, Exclude: []string{"*_script"}}, none, []string{"describe_tools", "search_tools"}},
		"without some":                {tools.Selection{Toolsets: []string{"scripts"}, Exclude: []string{"delete_*", "search_tools"}}, every, []string{"describe_tools", "query_script", "run_script"}},
		"scopes":                      {tools.Selection{Toolsets: []string{"scripts"}, Scopes: []string{"users:read"}}, every, []string{"describe_tools", "query_script", "run_script", "search_tools"}},
		"scopes, read-only, patterns": {tools.Selection{Toolsets: []string{"scripts"}, Tools: []string{"list_*"}, Scopes: []string{"users:write"}, ReadOnly: true}, reading, []string{"describe_tools", "query_script", "search_tools"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Select(x.s)
			require.NoError(t, err)
			listed := got.Listed()
			var local []string
			for _, tool := range listed.Tools {
				require.False(t, tool.Unlisted)
				if tool.IsLocal() {
					local = append(local, tool.Name)
				}
			}
			require.Equal(t, x.local, local)
			for _, tool := range c.Tools {
				if tool.IsLocal() || listed.Find(tool.Name) != nil {
					continue
				}
				left := !matches(x.s.Exclude, tool.Name) && !matches(x.s.Exclude, tool.Former) && may(x.s.Scopes, tool.Scopes.String())
				want := left && (x.beyond == every || x.beyond == reading && tool.Hints.ReadOnly)
				reached := got.Find(tool.Name)
				require.Equal(t, want, reached != nil, tool.Name)
				require.False(t, reached != nil && !reached.Unlisted)
			}
		})
	}
}

// A tool for scripts alone names the tool that runs them.
func TestCallsOfUnlistedTools(t *testing.T) {
	c, err := withScripts(t).Select(tools.Selection{Toolsets: []string{"scripts"}})
	require.NoError(t, err)
	require.Equal(t, `Not sent: get_user is served to scripts only. Call it in one: query_script {"code":"return await retool.get_user({…})"}.`, c.OnlyInScripts(c.Find("get_user")))
	require.Contains(t, c.OnlyInScripts(c.Find("disable_user")), `run_script {"code"`)
}

// With several instances a tool is listed if it is for any.
func TestListedForAnyInstance(t *testing.T) {
	c := withScripts(t)
	scripts, err := c.Select(tools.Selection{Toolsets: []string{"scripts"}})
	require.NoError(t, err)
	users, err := c.Select(tools.Selection{Toolsets: []string{"users"}})
	require.NoError(t, err)
	for _, order := range [][]*tools.Catalog{{scripts, users}, {users, scripts}} {
		joined, each, err := tools.JoinInstances([]string{"a", "b"}, order)
		require.NoError(t, err)
		require.False(t, joined.Find("get_user").Unlisted)
		require.True(t, joined.Find("get_group").Unlisted)
		require.Equal(t, order[0] == scripts, each[0].Find("get_user").Unlisted)
	}
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
