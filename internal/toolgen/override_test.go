package toolgen_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// formerNames are the names that were served before, by those of today.
var formerNames = map[string]string{
	"disable_user":                 "delete_user",
	"list_source_control_releases": "get_source_control_release",
	"list_observability_configs":   "get_observability_config",
	"add_group_members":            "create_group_member",
	"remove_group_member":          "delete_group_member",
	"add_group_user_invites":       "create_group_user_invite",
	"remove_group_user_invite":     "delete_group_user_invite",
	"remove_role_from_subject":     "remove_role_grants_for_subject",
	"list_subject_access":          "list_permission_objects",
	"list_object_access":           "get_permission_access_list_for_object",
	"set_user_attribute":           "create_user_user_attribute",
	"clear_user_attribute":         "delete_user_user_attribute",
	"set_user_invite_attribute":    "create_user_invite_user_attribute",
	"clear_user_invite_attribute":  "delete_user_invite_user_attribute",
}

// Every catalog knows the former names of its tools and of those that it lacks.
func TestFormerNames(t *testing.T) {
	catalogs := map[string]*tools.Catalog{"embedded": embedded.Catalog()}
	for _, document := range referencedata.Documents {
		catalogs[document] = realCatalog(t, document)
	}
	empty, err := toolgen.New(&openapi.Document{}, embedded.Catalog())
	require.NoError(t, err)
	catalogs["a document without operations"] = empty
	for name, c := range catalogs {
		for _, prefix := range []string{"", "sixteen_letters_"} {
			c := toolgen.WithPrefix(c, prefix)
			former := 0
			for i := range c.Tools {
				tool := &c.Tools[i]
				if tool.Former != "" {
					former++
					require.Equal(t, tool, c.Current(tool.Former), name)
					require.Regexp(t, `^[a-z][a-z0-9_]{0,46}$`, tool.Former)
				}
				if prefix == "" {
					require.Equal(t, formerNames[tool.Name], tool.Former, name)
				}
			}
			for _, lacking := range c.Unavailable {
				if lacking.Former != "" {
					former++
					reason, ok := c.WhyUnavailable(lacking.Former)
					require.True(t, ok, name)
					require.Contains(t, reason, lacking.Name+" ")
				}
			}
			require.Len(t, formerNames, former, name)
		}
	}
}

// A former name that belongs to another tool by now is that tool's.
func TestFormerNameOfAnotherTool(t *testing.T) {
	doc := &openapi.Document{Operations: []openapi.Operation{
		{Method: "DELETE", Path: "/users/{userId}"},
		{Method: "DELETE", Path: "/user/{userId}"},
	}}
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	require.Equal(t, "/user/{userId}", c.Current("delete_user").Path)
	require.Empty(t, c.Find("disable_user").Former)
}
