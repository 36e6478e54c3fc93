package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/tools"
	ours "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// renamed are the tools that had another name.
func renamed() (all []tools.Tool) {
	for _, tool := range ours.Catalog().Tools {
		if tool.Former != "" {
			all = append(all, tool)
		}
	}
	return all
}

// A former name sends nothing and says the name of today: in both eras, with a
// prefix, with a document of the instance's release, from the cache, and on the
// command line.
func TestFormerNamesSendNothing(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	for name, c := range map[string]struct{ protocol, document, prefix string }{
		"legacy":              {legacy, "embedded", ""},
		"modern":              {modern, "embedded", ""},
		"prefixed":            {modern, "embedded", "acme_"},
		"an older document":   {legacy, referencedata.Path(t, referencedata.Documents[0]), ""},
		"and with the prefix": {legacy, referencedata.Path(t, referencedata.Documents[0]), "acme_"},
	} {
		t.Run(name, func(t *testing.T) {
			env := serving(t, c.document, u)
			for range 2 { // the second start reads the cache
				s := connect(t, c.protocol, env, "--tool-prefix="+c.prefix)
				for _, tool := range renamed() {
					got := s.call(c.prefix+tool.Former, []byte(`{"userId":"user_1"}`))
					require.True(t, got.isError)
					require.Contains(t, got.text, c.prefix+tool.Former+" is now "+c.prefix+tool.Name+" (")
				}
				require.NotContains(t, string(s.list()), `"`+c.prefix+`delete_user"`)
			}
			for _, command := range []string{"call", "tools"} {
				o := run(t, env, "", "--tool-prefix="+c.prefix, command, c.prefix+"delete_user")
				require.Equal(t, 2, o.code)
				require.Empty(t, o.stdout)
				require.Contains(t, o.stderr, c.prefix+"delete_user is now "+c.prefix+"disable_user (Disable a user).")
			}
			require.Empty(t, u.take())
		})
	}
}

// An exclusion by a former name or a pattern of them still holds, wherever it is
// written, and a selection by one still selects.
func TestFormerNamesInSettings(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	env := serving(t, "embedded", u)
	file := configured(t, "exclude_tools: [delete_*, create_group_member]")
	for name, excluded := range map[string]string{
		"a flag":     listed(t, env, "--exclude-tools=delete_*,create_group_member"),
		"a variable": listed(t, append(env, "RETOOL_MCP_EXCLUDE_TOOLS=delete_*,create_group_member")),
		"a file":     listed(t, env, "--config="+file),
		"a prefix":   listed(t, env, "--config="+file, "--tool-prefix=acme_"),
	} {
		for _, gone := range []string{"disable_user", "remove_group_member", "remove_group_user_invite", "clear_user_attribute", "add_group_members"} {
			require.NotContains(t, excluded, gone+`"`, name)
		}
		require.Contains(t, excluded, `update_user"`, name)
	}
	for _, tool := range renamed() {
		require.ElementsMatch(t, []string{tool.Name, "describe_tools"}, namesIn(decodeJSON(t, []byte(listed(t, env, "--tools="+tool.Former))).(object)))
	}
	o := run(t, env, "", "--exclude-tools=delete_user", "call", "delete_user", "userId=user_1")
	require.Equal(t, 2, o.code)
	require.Contains(t, o.stderr, "disable_user is not served: ")

	pair := newInstancePair(t, "", "exclude_tools: delete_user")
	s := connect(t, legacy, environment(t, "RETOOL_MCP_CONFIG="+pair.file, "RETOOL_MCP_CONFIRM=never"))
	require.Contains(t, s.call("disable_user", []byte(`{"instance":"east","userId":"user_1"}`)).text, "not available on the instance east")
	require.Contains(t, s.call("delete_user", []byte(`{"instance":"west-1","userId":"user_1"}`)).text, "delete_user is now disable_user")
	pair.requireNothing(t)
	require.False(t, s.call("disable_user", []byte(`{"instance":"west-1","userId":"user_1"}`)).isError)
	require.True(t, strings.HasPrefix(pair.west.only(t).method, "DELETE"))
}
