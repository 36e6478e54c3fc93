package toolgen_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

func TestToolsets(t *testing.T) {
	for _, document := range referencedata.Documents {
		c := realCatalog(t, document)
		require.Equal(t, []string{
			"users", "groups", "permissions", "apps", "resources", "environments", "workflows", "source_control", "releases",
			"spaces", "organization", "monitoring",
		}, c.Toolsets(), "a dozen, none of them unknown to the table")

		total := 0
		for _, name := range c.Toolsets() {
			only, err := c.WithToolsets([]string{name})
			require.NoError(t, err)
			require.NotEmpty(t, only.Tools, name)
			total += len(only.Tools)
		}
		require.Equal(t, len(c.Tools), total, "every tool is in one toolset")

		core, err := c.WithToolsets([]string{tools.ToolsetCore})
		require.NoError(t, err)
		require.LessOrEqual(t, len(core.Tools), toolgen.MaxCoreTools)
		require.Greater(t, len(core.Tools), 50)
		for _, name := range []string{"list_users", "disable_user", "create_user_invite", "grant_permissions", "list_apps", "update_resource_configuration"} {
			require.NotNil(t, core.Find(name), name)
		}
		both, err := c.WithToolsets([]string{"core", "users"})
		require.NoError(t, err)
		require.NotNil(t, both.Find("list_user_attributes"), "names add up")
		require.NotNil(t, both.Find("list_groups"))
		require.True(t, slices.IsSortedFunc(both.Tools, func(a, b tools.Tool) int { return slices.Compare([]byte(a.Name), []byte(b.Name)) }))

		all, err := c.WithToolsets(nil)
		require.NoError(t, err)
		require.Len(t, all.Tools, len(c.Tools))
		_, err = c.WithToolsets([]string{"users", "grups"})
		require.ErrorContains(t, err, `there is no toolset "grups" (did you mean groups?): the toolsets are all, core, users, groups`)
	}
	strange := catalogOf(t, "  /petStore/{id}: {get: {responses: {}}}\n  /{id}: {get: {responses: {}}}")
	require.Equal(t, []string{"pet_store", "root"}, strange.Toolsets())
}
