package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// mostInCore is what the client with the least patience takes.
const mostInCore = 80

// toolsetsOf reads the toolset of each operation off the command "tools", which lists one
// toolset after the other.
func toolsetsOf(t testing.TB, env []string) (order []string, members map[string][]string) {
	t.Helper()
	members = map[string][]string{}
	for line := range strings.Lines(run(t, env, "", "tools").stdout) {
		if isLocal(line) {
			continue
		}
		row := toolRow.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, row, line)
		name, toolset := row[1], row[2]
		if len(order) == 0 || order[len(order)-1] != toolset {
			require.NotContains(t, order, toolset, "one toolset in two places")
			order = append(order, toolset)
		}
		members[toolset] = append(members[toolset], name)
	}
	return order, members
}

// A client that asks for some toolsets gets their tools, as they are in the
// whole list, and no others.
func TestToolsets(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			env := environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, name))
			whole := map[string]any{}
			for _, tool := range decodeJSON(t, []byte(listed(t, env))).(object)["tools"].([]any) {
				whole[tool.(object)["name"].(string)] = tool
			}
			require.Len(t, whole, operationsIn[name]+len(localTools))
			toolsets, members := toolsetsOf(t, env)
			require.Greater(t, len(toolsets), 1)

			served := 0
			for _, toolset := range toolsets {
				requireServed(t, env, whole, toolset, members[toolset])
				served += len(members[toolset])
			}
			require.Equal(t, operationsIn[name], served)
			first, last := toolsets[0], toolsets[len(toolsets)-1]
			requireServed(t, env, whole, last+","+first, slices.Concat(members[first], members[last]))
			requireServed(t, env, whole, "all", slices.Collect(maps.Keys(whole)))
			requireServed(t, env, whole, last+",all", slices.Collect(maps.Keys(whole)))

			core := decodeJSON(t, []byte(listed(t, env, "--toolsets=core"))).(object)
			require.NotEmpty(t, namesIn(core))
			require.LessOrEqual(t, len(namesIn(core)), mostInCore)
			requireUsage(t, run(t, env, "", "--toolsets="+first+"x", "tools"), first+"x", "RETOOL_MCP_TOOLSETS", "did you mean "+first, strings.Join(toolsets, ", "))
		})
	}
}

// requireServed asks for toolsets by flag on the command line and by variable as
// a client.
func requireServed(t *testing.T, env []string, whole map[string]any, toolsets string, names []string) {
	t.Helper()
	names = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(names), "describe_tools"))))
	printed := decodeJSON(t, []byte(listed(t, env, "--toolsets="+toolsets))).(object)
	require.Equal(t, names, namesIn(printed), toolsets)
	for _, tool := range printed["tools"].([]any) {
		require.Equal(t, whole[tool.(object)["name"].(string)], tool)
	}
	served := run(t, append(slices.Clone(env), "RETOOL_MCP_TOOLSETS="+toolsets), listLine+"\n")
	require.Zero(t, served.code, served.stderr)
	replies, err := readReplies(served.stdout)
	require.NoError(t, err)
	require.Len(t, replies["list"].Result.Tools, len(names))
}

// A tool that is not served is not there.
func TestToolOutsideItsToolset(t *testing.T) {
	u := newUpstream(t, answering(200, jsonType, `{"success":true}`))
	env := serving(t, smallDocument(t), u, "RETOOL_MCP_TOOLSETS=users")
	s := connect(t, modern, env)
	_, err := s.try(t.Context(), "get_settings", nil)
	require.Error(t, err)
	requireUsage(t, run(t, env, "", "call", "get_settings"), "get_settings")
	require.Empty(t, u.take())
	s.succeed("list_users", nil)
}
