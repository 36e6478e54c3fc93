package tools_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// What the fields of an object identify, and where the name goes.
func TestReferences(t *testing.T) {
	ref := func(field, kind, name string) []tools.Reference {
		return []tools.Reference{{Field: field, Kind: kind, NameField: name}}
	}
	typed := func(field, typeField, name string) []tools.Reference {
		return []tools.Reference{{Field: field, TypeField: typeField, NameField: name}}
	}
	for _, x := range []struct {
		name   string
		fields []string
		within string
		want   []tools.Reference
	}{
		{"an id", []string{"id", "name", "folder_id"}, "", ref("folder_id", "folder", "folder_name")},
		{"the last words count", []string{"parent_folder_id"}, "", ref("parent_folder_id", "folder", "parent_folder_name")},
		{"the longest kind", []string{"user_invite_id"}, "", ref("user_invite_id", "user invite", "user_invite_name")},
		{"ids", []string{"group_ids"}, "", ref("group_ids", "group", "group_names")},
		{"camel case", []string{"defaultGroupIds"}, "", ref("defaultGroupIds", "group", "defaultGroupNames")},
		{"camel case, one", []string{"userId"}, "", ref("userId", "user", "userName")},
		{"an app's uuid", []string{"app_uuid"}, "", ref("app_uuid", "app", "app_name")},
		{"an actor", []string{"created_by"}, "", ref("created_by", "user", "created_by_name")},
		{"an actor's id", []string{"updated_by_id"}, "", ref("updated_by_id", "user", "updated_by_name")},
		{"an actor in camel case", []string{"createdBy"}, "", ref("createdBy", "user", "createdByName")},
		{"an owner's older id", []string{"owner_legacy_id"}, "", ref("owner_legacy_id", "user", "owner_name")},
		{"a typed id", []string{"subject_type", "subject_id"}, "", typed("subject_id", "subject_type", "subject_name")},
		{"a typed id in camel case", []string{"objectType", "objectId"}, "", typed("objectId", "objectType", "objectName")},
		{"type and id", []string{"type", "id"}, "subject", typed("id", "type", "name")},
		{"in a list of its kind", []string{"uuid", "release"}, "apps", ref("uuid", "app", "name")},
		{"in a list of another kind", []string{"id", "status"}, "deployments", nil},
		{"the name is there", []string{"workflow_id", "workflow_name"}, "", nil},
		{"the address is there", []string{"user_id", "email"}, "", nil},
		{"its own id", []string{"id", "legacy_id", "type", "display_name"}, "resource", nil},
		{"no kind with names", []string{"organization_id", "client_id", "workflow_run_id", "commit_sha"}, "", nil},
		{"no ids", []string{"paid", "standby", "by", "user", "user_name", "valid", ""}, "", nil},
	} {
		require.Equal(t, x.want, tools.References(x.fields, x.within), x.name)
	}
	for value, kind := range map[string]string{"group": "group", "userInvite": "user invite", "resource_configuration": "resource configuration", "screen": "", "postgresql": "", "": ""} {
		require.Equal(t, kind, tools.KindOfType(value), value)
	}
}

// Every kind has a list that takes no arguments.
func TestReferenceKindsHaveLists(t *testing.T) {
	lists := map[string]bool{}
	for _, tool := range embedded.Catalog().Tools {
		if tool.Method == "GET" && tool.Answer.List {
			lists[tool.IDs] = true
		}
	}
	for _, kind := range tools.ReferenceKinds {
		require.True(t, lists[kind], kind)
	}
}
