package call_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// A dry run sends the read of the object and nothing else.
func TestDryRunSendsOnlyReads(t *testing.T) {
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAlways, SecretSink: secretSink(t, folderIn(t))})
	ctx := confirm.With(t.Context(), confirm.Client{CanAsk: true}) // the dry run itself is not confirmed
	for tool, x := range map[string]struct {
		sent     []string
		contains []string
	}{
		"create_group":                     {nil, []string{"POST /groups\n", `{"name":"New"}`}},
		"update_group":                     {[]string{"GET /groups/9"}, []string{"PATCH /groups/9\n", `replace /name: "Operations" → "New"`, `"id":9`}},
		"replace_group":                    {[]string{"GET /groups/9"}, []string{"PUT /groups/9\n", `"Operations"`}},
		"delete_group":                     {[]string{"GET /groups/9"}, []string{"DELETE /groups/9\n", `"id":9`}},
		"invalidate_organization_sessions": {[]string{"GET /users"}, []string{"POST /organization/invalidate_sessions/", "The call would ask the user to confirm it."}},
		"create_access_token":              {nil, []string{"POST /access_tokens\n"}},
		"delete_sso_config":                {[]string{"GET /sso/config"}, []string{"DELETE /sso/config\n"}},
	} {
		arguments := object{"dry_run": true}
		maps.Copy(arguments, writes[tool])
		outcome := runIn(t, r, ctx, tool, arguments)
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

// What is known to be refused is refused in a dry run too, in the same words.
func TestDryRunIsRefusedAsTheCallIs(t *testing.T) {
	secretValue := []object{{"environment_id": "10f5ee56-86a5-45c4-acec-7d07adc3ce9d", "value": "${env:HOME}"}}
	for name, x := range map[string]struct {
		o         call.Options
		tool      string
		arguments object
	}{
		"read-only":                {call.Options{ReadOnly: true}, "create_group", object{"name": "New"}},
		"nobody to ask":            {call.Options{Confirm: call.ConfirmAlways}, "delete_group", object{"groupId": "9"}},
		"irreversible for all":     {call.Options{Confirm: call.ConfirmAuto}, "delete_sso_config", object{}},
		"a secret shown once":      {call.Options{}, "create_access_token", writes["create_access_token"]},
		"a mask":                   {call.Options{}, "create_sso_config", object{"data": object{"config_type": "google", "google_client_id": "1", "google_client_secret": "[redacted: google_client_secret]"}}},
		"a secret that is not its": {call.Options{}, "create_configuration_variable", object{"name": "A", "secret": true, "values": secretValue}},
		"an unknown argument":      {call.Options{}, "delete_group", object{"groupId": "9", "force": true}},
	} {
		t.Run(name, func(t *testing.T) {
			r, u := onSandbox(t, x.o)
			called := run(t, r, x.tool, x.arguments)
			require.True(t, called.IsError, called.Text)
			arguments := maps.Clone(x.arguments)
			arguments["dry_run"] = true
			require.Equal(t, called, run(t, r, x.tool, arguments))
			require.Empty(t, u.take())
		})
	}
}

// Whoever has a token that is not accepted learns that from the dry run.
func TestDryRunWithATokenThatIsNotAccepted(t *testing.T) {
	r := serve(t, respond(http.StatusUnauthorized, `{"success":false,"message":"No."}`), "token", call.Options{})
	outcome := run(t, r, "delete_group", object{"groupId": "9", "dry_run": true})
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "401")
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
