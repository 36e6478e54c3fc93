package call_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

// Arguments are sent as they are, so whatever shows them shows invisible
// characters escaped, never dropped.
func TestInvisibleCharactersInArgumentsAreShown(t *testing.T) {
	log := openAudit(t)
	r, _ := onSandbox(t, call.Options{Audit: log.Log, Confirm: call.ConfirmAlways})
	const name, shown = "Fin\u200bance\U000e0041", `Fin\u200bance\udb40\udc41`
	patch := object{"groupId": "9", "operations": []object{{"op": "replace", "path": "/name", "value": "Ops\u202e"}}}

	dry := run(t, r, "create_group", object{"name": name, "dry_run": true})
	require.Contains(t, dry.Text, `{"name":"`+shown+`"}`)
	require.False(t, run(t, r, "update_group", patch).IsError)
	require.False(t, run(t, r, "create_group", object{"name": name}).IsError)
	patch["dry_run"] = true
	dry = run(t, r, "update_group", patch)
	require.Contains(t, dry.Text, `- replace /name: "Ops\u202e", as it is`, "what is there is compared as it is")
	require.NotContains(t, dry.Text, "\u202e")

	lines := log.lines(t)
	require.Contains(t, string(lines[len(lines)-1].Arguments)+string(lines[len(lines)-2].Arguments)+string(lines[len(lines)-3].Arguments), `{"name":"`+shown+`"}`)

	question := ask(t, r, "delete_group", object{"groupId": "9"})
	require.Contains(t, question.Text, `"Ops\u202e"`)
	question = ask(t, r, "reset_source_control_branches", object{"branch_name": "a\u200bb"})
	require.Contains(t, question.Text, `a\u200bb`)
	gone := answered(t, r, nil, "disable_user", object{"userId": "user_12\u200b34"})
	require.Contains(t, gone.Text, `user_12\\u200b34`)

	invalid := run(t, r, "create_group", object{"na\u200bme": "x"})
	require.Contains(t, invalid.Text, `na\u200bme`)
	require.NotContains(t, invalid.Text, "\u200b")
	fields := run(t, r, "list_groups", object{"fields": []string{"na\u200bme"}})
	require.Contains(t, fields.Text, `na\u200bme`)
	require.NotContains(t, fields.Text, "\u200b")
	page := run(t, r, "list_users", object{"email": "a\u200bb", "limit": 1, "format": "json"})
	require.NotContains(t, page.Text, "\u200b")

	listed := run(t, r, "list_groups", object{})
	require.Contains(t, listed.Text, "Finance", "an agent reads what people see")
	require.NotContains(t, listed.Text, "\u200b")
}

// A secret in arguments is redacted where invisible characters break it up.
func TestInvisibleCharactersHideNoSecret(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	dry := run(t, r, "create_group", object{"name": "pass\u200bword=hunter2secret", "dry_run": true})
	require.NotContains(t, dry.Text, "hunter2")
	require.Contains(t, dry.Text, "[redacted: text with invisible characters]")
}
