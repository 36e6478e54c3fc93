package result_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// written renders the answer to a write of the embedded catalog as a server does.
func written(t *testing.T, tool, arguments, body string, o result.Options) result.Result {
	t.Helper()
	c := embedded.Catalog()
	b, err := tools.NewBinder(c.Find(tool))
	require.NoError(t, err)
	bound, err := b.Bind([]byte(arguments))
	require.NoError(t, err)
	o.Reader = c.ReaderOf(bound.Tool)
	return result.Render(bound, answer(body), o)
}

// groupOf is the answer that describes a group with so many members.
func groupOf(members int) string {
	list := strings.TrimSuffix(strings.Repeat(`{"id":"user_1","email":"ada@example.com","is_group_admin":false},`, members), ",")
	return `{"success":true,"data":{"id":5,"legacy_id":5,"name":"Support","members":[` + list + `],"user_invites":[{"id":7}],` +
		`"universal_app_access":"use","universal_resource_access":"use","universal_workflow_access":"none","universal_query_library_access":"none",` +
		`"user_list_access":true,"audit_log_access":false,"unpublished_release_access":true,"usage_analytics_access":true,"theme_access":false,` +
		`"account_details_access":true,"landing_page_app_id":null,"created_at":"2026-01-02T03:04:05.000Z","updated_at":"2026-01-02T03:04:05.000Z"}}`
}

const task = `{"success":true,"data":{"user_task":{"id":"t1","workflow_id":"w1","workflow_name":"Refunds","workflow_run_id":"r1","task_name":"Approve","status":"completed",` +
	`"context":{"order":{"id":5,"lines":["a long text about it","and another one","and so on, up to the end of the order"]},"more":"and more of it, in many words, which whoever completed it knows"},` +
	`"created_at":"2026-01-02T03:04:05.000Z","completed_at":"2026-01-02T03:04:05.000Z","task_url":"https://x/t1","assignees":["a","b"],"workflow_release":"1.0.0","expires_at":null,"output":{"approved":true,"note":"fine"}}}}`

func TestWritesAnswerInBrief(t *testing.T) {
	for _, x := range []struct{ name, tool, arguments, body, want string }{
		{
			"ids, names and counts", "remove_group_member", `{"groupId":"5","userId":"user_2"}`, groupOf(41),
			`{"data":{"id":5,"legacy_id":5,"name":"Support","members":41,"user_invites":1,"landing_page_app_id":null}}`,
		},
		{
			"what a patch set", "update_group", `{"groupId":"5","operations":[{"op":"replace","path":"/theme_access","value":false},{"op":"replace","path":"/universal_app_access","value":"use"}]}`, groupOf(3),
			`{"data":{"id":5,"legacy_id":5,"name":"Support","members":3,"user_invites":1,"universal_app_access":"use","theme_access":false,"landing_page_app_id":null}}`,
		},
		{
			"what a body set", "create_group", `{"name":"Support","members":[{"id":"user_1","is_group_admin":false}],"universal_app_access":"use"}`, groupOf(1),
			`{"data":{"id":5,"legacy_id":5,"name":"Support","members":1,"user_invites":1,"universal_app_access":"use","landing_page_app_id":null}}`,
		},
		{
			"the one object in an envelope", "submit_user_task", `{"taskId":"t1","email":"ada@example.com","output":{"approved":true}}`, task,
			`{"data":{"user_task":{"id":"t1","workflow_id":"w1","workflow_name":"Refunds","workflow_run_id":"r1","task_name":"Approve","status":"completed","task_url":"https://x/t1","assignees":2,"expires_at":null,"output":{"approved":true,"note":"fine"}}}}`,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := embedded.Catalog().Find(x.tool)
			require.NotNil(t, c)
			r := written(t, x.tool, x.arguments, x.body, result.Options{})
			require.False(t, r.IsError, r.Text)
			short, note, _ := strings.Cut(r.Text, "\n\n")
			require.Equal(t, x.want, short)
			require.Regexp(t, `^In brief: lists are counts; left out: \S+, .*(get_group|list_user_tasks) shows all; fields chooses what a write shows\.`, note)

			// A program gets the whole answer, and so does whoever names fields.
			whole := strings.Replace(x.body, `"success":true,`, "", 1)
			require.Equal(t, whole, written(t, x.tool, x.arguments, x.body, result.Options{JSON: true}).Data)
			named := written(t, x.tool, strings.TrimSuffix(x.arguments, "}")+`,"fields":["created_at","user_task.created_at"]}`, x.body, result.Options{}).Text
			require.Contains(t, named, `"created_at":"2026-01-02T03:04:05.000Z"`)
			require.NotContains(t, named, "In brief")
		})
	}
}

// What no tool reads, and what is short, is not shortened.
func TestAnswersThatStayWhole(t *testing.T) {
	long := strings.Repeat("many words ", 60)
	for _, x := range []struct{ name, tool, arguments, data string }{
		{"a pushed branch", "create_source_control_release", `{"elementUuid":"3f0e3e3e-0000-4000-8000-000000000000"}`, `{"commit_sha":"f08acb33","url":"https://github.com/` + long + `","branch_name":"release-1","conflicts":["` + long + `"]}`},
		{"ids of copies", "copy_space_elements", `{"destinationSpaceId":"org_1","appIds":["3f0e3e3e-0000-4000-8000-000000000000"]}`, `{"resource_ids":["` + long + `"],"query_library_query_ids":[],"app_ids":["a","b"],"workflow_ids":[]}`},
		{"a warning", "logout_user", `{"userId":"user_1"}`, `{"sso_logout":true,"sso_logout_url":"https://x","warning":"` + long + `","sessions":["` + long + `"]}`},
		{"a test", "test_observability_provider", `{"id":"3f0e3e3e-0000-4000-8000-000000000000"}`, `{"message":"` + long + `","attempts":["` + long + `"]}`},
		{"a validation", "validate_app_toolscript", `{"appToolscript":"x"}`, `{"valid":false,"diagnostics":[{"line":1,"message":"` + long + `"}],"error":null}`},
		{"a short one", "update_folder", `{"folderId":"app_1","operations":[{"op":"replace","path":"/name","value":"F"}]}`, `{"id":"app_1","name":"F","parent_folder_id":null,"tags":["x"],"created_at":"2026-01-02T03:04:05.000Z"}`},
		{"a name and its value", "set_user_attribute", `{"userId":"user_1","name":"team","value":"ops"}`, `{"metadata":{"team":"ops","note":"` + long + `"}}`},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := embedded.Catalog()
			tool := c.Find(x.tool)
			require.NotNil(t, tool)
			bound := &tools.Call{Tool: tool, Request: tools.Request{Method: tool.Method, Body: []byte(x.arguments)}}
			r := result.Render(bound, answer(`{"data":`+x.data+`}`), result.Options{Reader: c.ReaderOf(tool)})
			require.Equal(t, `{"data":`+x.data+`}`, strings.Split(r.Text, "\n\n")[0])
		})
	}
}

// A write that answers with a list shows the items that it named.
func TestListsOfWritesShowWhatTheyNamed(t *testing.T) {
	grants := func(n int) string {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"type":"app","id":"3f0e3e3e-0000-4000-8000-%012d","access_level":"use"}`, i))
		}
		return `{"data":[` + strings.Join(items, ",") + `]}`
	}
	granted := func(n int, more string, o result.Options) result.Result {
		return written(t, "grant_permissions", `{"subject":{"type":"group","id":5},"object":{"type":"app","id":"3f0e3e3e-0000-4000-8000-000000000007"},"access_level":"use"`+more+`}`, grants(n), o)
	}
	require.Equal(t, "# 1 of 300 rows: those that the call names. list_subject_access lists all.\ntype,id,access_level\napp,3f0e3e3e-0000-4000-8000-000000000007,use", granted(300, "", result.Options{}).Text)
	require.Contains(t, granted(8, "", result.Options{}).Text, "# 8 rows; no more")
	require.Contains(t, granted(300, `,"fields":["id"]`, result.Options{}).Text, "# 300 rows; no more")
	require.Equal(t, strings.TrimSpace(grants(300)), granted(300, "", result.Options{JSON: true}).Data)
}

// However brief an answer is, it says how the write went.
func TestBriefAnswersKeepOutcomes(t *testing.T) {
	for name, outcome := range map[string]string{
		"success":           `"success":false`,
		"ok":                `"ok":false`,
		"errors by field":   `"errors":{"user_9":"unknown"}`,
		"a list of errors":  `"errors":["user_9 is unknown"]`,
		"no errors":         `"errors":[]`,
		"of a source":       `"validationErrors":[{"field":"x"}]`,
		"warnings":          `"warnings":[{"text":"user_9 is disabled"}]`,
		"failed":            `"failed":["user_9"]`,
		"failures":          `"import_failures":{"user_9":1}`,
		"skipped":           `"skipped_users":["user_9"]`,
		"partial":           `"is_partial":true`,
		"rejected":          `"rejected":["user_9"]`,
		"invalid":           `"invalid_ids":["user_9"]`,
		"missing":           `"missing":["user_9"]`,
		"a note":            `"note":"user_9 was left out"`,
		"messages":          `"messages":["user_9 was left out"]`,
		"status in parts":   `"status":{"users":"incomplete"}`,
		"reason":            `"reason":["unknown"]`,
		"diagnostics":       `"diagnostics":[{"line":1}]`,
		"nested":            `"summary":{"failed":["user_9"]}`,
		"nested remark":     `"summary":{"message":"user_9 was left out"}`,
		"nested deeper":     `"summary":{"users":{"errors":["user_9"]}}`,
		"in items":          `"results":[{"id":"user_1","success":true},{"id":"user_9","success":false}]`,
		"in words of items": `"results":[{"id":"user_9","status":"FAILED"}]`,
		"deep in items":     `"results":[{"id":"user_9","detail":{"error":{"code":5}}}]`,
	} {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(groupOf(41), `"id":5,`, `"id":5,`+outcome+`,`, 1)
			r := written(t, "remove_group_member", `{"groupId":"5","userId":"user_2"}`, body, result.Options{})
			require.Contains(t, r.Text, outcome)
			require.Contains(t, r.Text, `"members":41`)
			require.Contains(t, r.Text, "In brief: ")
		})
	}
	// A status of every item is none of the write.
	r := written(t, "remove_group_member", `{"groupId":"5","userId":"user_2"}`, strings.Replace(groupOf(41), `{"id":7}`, `{"id":7,"status":"pending","message":null}`, 1), result.Options{})
	require.Contains(t, r.Text, `"user_invites":1`)
	// Of a list too.
	items := strings.Repeat(`{"type":"app","id":"a","access_level":"use"},`, 30) + `{"type":"app","id":"b","error":"not granted"}`
	r = written(t, "grant_permissions", `{"subject":{"type":"group","id":5},"object":{"type":"app","id":"a"},"access_level":"use"}`, `{"data":[`+items+`]}`, result.Options{})
	require.Contains(t, r.Text, "not granted")
}
