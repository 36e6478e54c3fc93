package call_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

// A dry run sends the read of the object and nothing else.
func TestDryRunSendsOnlyReads(t *testing.T) {
	// It is neither confirmed nor does it need a place for secrets.
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
	for tool, x := range map[string]struct {
		sent     []string
		contains []string
	}{
		"create_group":                     {nil, []string{"POST /groups\n", `{"name":"New"}`}},
		"update_group":                     {[]string{"GET /groups/9"}, []string{"PATCH /groups/9\n", `replace /name: "Operations" → "New"`, `"id":9`}},
		"replace_group":                    {[]string{"GET /groups/9"}, []string{"PUT /groups/9\n", `"Operations"`}},
		"delete_group":                     {[]string{"GET /groups/9"}, []string{"DELETE /groups/9\n", `"id":9`}},
		"disable_user":                     {[]string{"GET /users/user_1"}, []string{"DELETE /users/user_1\n", "HTTP 404"}},
		"invalidate_organization_sessions": {nil, []string{"POST /organization/invalidate_sessions/"}},
		"create_access_token":              {nil, []string{"POST /access_tokens\n"}},
		"delete_sso_config":                {[]string{"GET /sso/config"}, []string{"DELETE /sso/config\n"}},
	} {
		arguments := object{"dry_run": true}
		maps.Copy(arguments, writes[tool])
		outcome := run(t, r, tool, arguments)
		require.False(t, outcome.IsError, outcome.Text)
		require.Nil(t, outcome.Ask)
		require.Contains(t, outcome.Text, "Dry run: nothing was changed.")
		for _, text := range x.contains {
			require.Contains(t, outcome.Text, text, tool)
		}
		require.Equal(t, x.sent, u.take(), tool)
	}
	require.Contains(t, run(t, r, "get_group", object{"groupId": "9"}).Text, `"name":"Operations"`)
}

func TestDryRunWithoutTheObject(t *testing.T) {
	u := &upstream{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})}
	outcome := run(t, serve(t, u, "retool_x", call.Options{}), "delete_group", object{"groupId": "9", "dry_run": true})
	require.False(t, outcome.IsError)
	require.Contains(t, outcome.Text, "DELETE /groups/9")
	require.Contains(t, outcome.Text, "the connection to upstream ended before the response was complete")
}
