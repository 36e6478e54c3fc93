package call_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

const ava, avaID = "ava.lindqvist@northwind.example", "user_7488f10f594343e48f4da9965adac6fd"

// An e-mail address or a name where an id belongs is taken if exactly one object has
// it, and the result says which id was used.
func TestNamesForIDs(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	for _, x := range []struct {
		tool, note string
		arguments  object
	}{
		{"get_user", `userId: "` + ava + `" is ` + avaID + ".", object{"userId": ava}},
		{"get_user", `userId: "Ava Lindqvist" is ` + avaID + ".", object{"user_id": "Ava Lindqvist"}},
		{"get_group", `groupId: "operations" is 9.`, object{"groupId": "operations"}},
		{"get_app", `appId: "Payroll" is c373d850-c6ff-454b-a76e-3737cbd57c47.`, object{"appId": "Payroll"}},
		{"get_folder", `folderId: "Customer care" is agent_80.`, object{"folderId": "Customer care"}},
		{"get_environment", `environmentId: "production" is 10f5ee56-86a5-45c4-acec-7d07adc3ce9d.`, object{"environmentId": "production"}},
		{"list_object_access", `objectId: "Payroll" is c373d850-c6ff-454b-a76e-3737cbd57c47.`, object{"objectType": "App", "objectId": "Payroll"}},
		{"list_subject_access", `subject.id: "Operations" is 9.`, object{"subject": object{"type": "group", "id": "Operations"}, "object_type": "app"}},
		{"disable_user", `userId: "AVA.lindqvist@northwind.example" is ` + avaID + ".", object{"userId": "AVA.lindqvist@northwind.example", "dry_run": true}},
		{"add_group_members", `members.0.id: "` + ava + `" is ` + avaID + ".", object{"groupId": 9, "members": []any{object{"id": ava, "is_group_admin": false}}, "dry_run": true}},
		{"grant_permissions", `subject.id: "` + ava + `" is ` + avaID + ".", object{
			"subject": object{"type": "user", "id": ava}, "object": object{"type": "app", "id": "c373d850-c6ff-454b-a76e-3737cbd57c47"}, "access_level": "use", "dry_run": true,
		}},
		{"create_user_invite", `defaultGroupIds.0: "Operations" is 9.`, object{"email": "a@b.example", "defaultGroupIds": []any{"Operations", "5"}, "dry_run": true}},
	} {
		got := run(t, r, x.tool, x.arguments)
		require.False(t, got.IsError, got.Text)
		require.Contains(t, got.Text, x.note, x.tool)
	}
}

// Where none or several have a name, or a write has it in another case, nothing is
// sent but reads, and the refusal names the list with the name filled in.
func TestNamesThatAreNoIDs(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	for _, x := range []struct {
		tool, says string
		arguments  object
	}{
		{"get_user", `userId: must be the id of a user, not "nobody@x.example"; none has that name: see list_users {"email":"nobody@x.example"}`, object{"userId": "nobody@x.example"}},
		{"delete_group", `groupId: must be the id of a group, not "operations"; only "Operations" is like it (9): see list_groups {"name_contains":"operations"}`, object{"groupId": "operations"}},
		{"get_app", `appId: must be the id of an app, not "Payrol"; none has that name: see list_apps {"name_contains":"Payrol"}`, object{"appId": "Payrol"}},
		{"get_folder", `; 4 have that name (`, object{"folderId": "root"}},
	} {
		got := run(t, r, x.tool, x.arguments)
		require.True(t, got.IsError, got.Text)
		require.Contains(t, got.Text, x.says)
		for _, request := range u.take() {
			require.Regexp(t, "^GET ", request)
		}
	}
}

// What is no name of an object stays as it is: other texts, ids of a form that we do
// not know, and names that nobody can look up.
func TestTextsThatStayAsTheyAre(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	for tool, arguments := range map[string]object{
		"get_resource":   {"resourceId": "orders_db"},
		"get_folder":     {"folderId": "file_6"},
		"create_group":   {"name": ava, "dry_run": true},
		"update_user":    {"userId": avaID, "operations": []any{object{"op": "replace", "path": "/metadata", "value": object{"manager_user_id": ava}}}, "dry_run": true},
		"get_app":        {"appId": "C373D850-c6ff-454b-a76e-3737cbd57c47"},
		"list_workflows": {"created_by": ava},
	} {
		got := run(t, r, tool, arguments)
		require.NotContains(t, got.Text, `" is `, tool)
		require.NotContains(t, u.take(), "GET /users", tool)
	}
	denied := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v2/apps" {
			respond(http.StatusForbidden, `{"success":false,"message":"Forbidden"}`)(w, r)
			return
		}
		respond(http.StatusOK, `{"success":true,"data":{"id":"app_9"}}`)(w, r)
	})}
	got := run(t, serve(t, denied, "retool_x", call.Options{}), "get_app", object{"appId": "app_9"})
	require.False(t, got.IsError, got.Text)
	require.Contains(t, denied.take(), "GET /apps/app_9")
}
