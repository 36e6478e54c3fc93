package toolgen_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// What the ids of an argument identify, and the tool that lists them.
func TestArgumentsKnowTheirLists(t *testing.T) {
	for _, x := range []struct{ tool, argument, ids, list string }{
		{"get_user", "userId", "user", "list_users"},
		{"create_user_invite", "defaultGroupIds", "group", "list_groups"},
		{"create_group", "landing_page_app_id", "app", "list_apps"},
		{"create_folder", "parent_folder_id", "folder", "list_folders"},
		{"create_source_control_release_app", "appUuid", "app", "list_apps"},
		{"list_resource_configurations", "environment_id", "environment", "list_environments"},
		{"add_group_user_invites", "userInviteIds", "user invite", "list_user_invites"},
		{"delete_configuration_variable", "id", "configuration variable", "list_configuration_variables"},
		{"list_custom_component_library_revision_files", "revisionId", "revision", "list_custom_component_library_revisions"},
		{"list_role_grants_for_subject", "subjectType", "", ""},
		{"create_app_theme", "legacy_id", "", ""},
		{"list_users", "limit", "", ""},
	} {
		found := false
		for _, a := range embedded.Catalog().Find(x.tool).Args {
			if a.Name == x.argument {
				found = true
				require.Equal(t, [2]string{x.ids, x.list}, [2]string{a.IDs, a.ListTool}, "%s.%s", x.tool, x.argument)
			}
		}
		require.True(t, found, "%s.%s", x.tool, x.argument)
	}
}
