package toolgen_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/tools"
)

func TestHints(t *testing.T) {
	c := realCatalog(t, referencedata.Documents[1])
	for name, want := range map[string]tools.Hints{
		"list_users":                       {ReadOnly: true, Idempotent: true},
		"list_subject_access":              {ReadOnly: true, Idempotent: true},
		"test_source_control_deploy":       {ReadOnly: true, Idempotent: true, OpenWorld: true},
		"create_user":                      {OpenWorld: true},
		"create_source_control_release":    {OpenWorld: true},
		"create_group":                     {},
		"update_user":                      {},
		"replace_group":                    {Destructive: true, Idempotent: true},
		"disable_user":                     {Destructive: true, Idempotent: true},
		"delete_source_control_manifest":   {OpenWorld: true},
		"replace_source_control_manifest":  {Idempotent: true, OpenWorld: true},
		"create_sso_config":                {Destructive: true},
		"cancel_user_task":                 {Destructive: true},
		"revoke_permissions":               {Destructive: true},
		"grant_permissions":                {},
		"remove_role_from_subject":         {Destructive: true},
		"invalidate_organization_sessions": {Destructive: true},
	} {
		require.Equal(t, want, c.Find(name).Hints, name)
	}
	for _, tool := range c.Tools {
		h := tool.Hints
		require.False(t, h.ReadOnly && h.Destructive, tool.Name)
		require.False(t, h.ReadOnly && !h.Idempotent, tool.Name)
		require.Equal(t, tool.Method == "PUT" || tool.Method == "DELETE" || h.ReadOnly, h.Idempotent, tool.Name)
		if tool.Method == "DELETE" || tool.Method == "PUT" {
			require.Equal(t, !strings.Contains(tool.Name, "_source_control_manifest"), h.Destructive, tool.Name)
		}
	}
	require.True(t, catalogOf(t, "  /apps/toolscript/validate: {post: {responses: {}}}").Tools[0].Hints.ReadOnly)
}

// The documents name scopes in two styles; the list of scopes and plans says
// what they come to.
func TestScopesOfBothReleases(t *testing.T) {
	for _, document := range referencedata.Documents {
		named := 0
		for _, tool := range realCatalog(t, document).Tools {
			if len(tool.Scopes) > 0 {
				require.Regexp(t, `^[a-z_]+(:[a-z_]+)?( or [a-z_]+(:[a-z_]+)?)*$`, tool.Scopes.String(), tool.Name)
				named++
			}
		}
		require.GreaterOrEqual(t, named, 138, document)
	}
	old, current := realCatalog(t, referencedata.Documents[0]), realCatalog(t, referencedata.Documents[1])
	corrected := map[string]bool{} // by the later document, in fact and not in form
	for _, tool := range current.Tools {
		if before := old.Find(tool.Name); before != nil && len(before.Scopes) > 0 && before.Scopes.String() != tool.Scopes.String() {
			corrected[tool.Name] = true
		}
	}
	require.Equal(t, map[string]bool{"create_access_token": true}, corrected)
	require.Equal(t, "users:write or user_attributes:write", old.Find("set_user_attribute").Scopes.String())
	require.Equal(t, "source_control:releases_read", old.Find("list_source_control_releases").Scopes.String())
	require.Equal(t, "Enterprise", current.Find("list_apps").Plan)
}

func TestListToolsOfIDs(t *testing.T) {
	c := realCatalog(t, referencedata.Documents[0])
	for _, x := range []struct{ tool, arg, listTool string }{
		{"get_user", "userId", "list_users"},
		{"remove_group_member", "groupId", "list_groups"},
		{"remove_group_member", "userSid", "list_users"},
		{"get_source_control_manifest", "manifestName", "list_source_control_manifests"},
		{"list_custom_component_library_revision_files", "revisionId", "list_custom_component_library_revisions"},
		{"reset_user_2fa", "userId", "list_users"},
	} {
		for _, a := range c.Find(x.tool).Args {
			if a.Name == x.arg {
				require.Equal(t, x.listTool, a.ListTool, x.tool+" "+x.arg)
			}
		}
	}
}

func TestDescriptions(t *testing.T) {
	c := realCatalog(t, referencedata.Documents[0])
	for name, want := range map[string]string{
		"list_users":       `The document says: "List users" (users:read) → data[]: id, email, active, last_active, first_name, last_name, metadata, is_admin, user_type, two_factor_auth_enabled, legacy_id, created_at`,
		"disable_user":     `The document says: "Delete a user" (users:write)`,
		"get_workflow_run": `The document says: "Get Workflow Run Details" (workflows:read) → status, workflow_id…`,
	} {
		require.Equal(t, want, c.Find(name).Description)
	}
	require.Equal(t, `The document says: "Delete a user"`, c.Find("disable_user").Summary())
	for _, tool := range c.Tools {
		require.NotRegexp(t, `(?i)available (on|from)|on-?prem|https?://|\bscope\b|closed beta|[\x00-\x1f]`, tool.Description, tool.Name)
		require.LessOrEqual(t, len(tool.Description), 600, tool.Name)
	}
	hostile := catalogOf(t, "  /x: {get: {responses: {}, summary: \"A\\u202Eb\\u200Bc\\u0007\", description: \"\"}}")
	require.Equal(t, `The document says: "Abc".`, hostile.Tools[0].Description)
	silent := catalogOf(t, "  /users: {get: {responses: {}}}")
	require.Equal(t, "List users.", silent.Tools[0].Description)
}

// A recorded list of folders holds one that no pattern of the documents fits.
func TestFoldersOfEveryTypeCanBeAddressed(t *testing.T) {
	for _, document := range referencedata.Documents {
		b, err := tools.NewBinder(realCatalog(t, document).Find("get_folder"))
		require.NoError(t, err)
		call, err := b.Bind([]byte(`{"folderId":"file_6"}`))
		require.NoError(t, err)
		require.Equal(t, "/folders/file_6", call.Request.Path)
	}
}
