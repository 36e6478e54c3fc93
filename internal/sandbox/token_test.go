package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestParseToken(t *testing.T) {
	for text, want := range map[string]sandbox.Token{
		"retool_a":                           {Secret: "retool_a", All: true},
		" retool_a ":                         {Secret: "retool_a", All: true},
		"retool_a=":                          {Secret: "retool_a"},
		"retool_a=users:read":                {Secret: "retool_a", Scopes: []string{"users:read"}},
		"retool_a=users:read, apps:write, ,": {Secret: "retool_a", Scopes: []string{"users:read", "apps:write"}},
		"retool_a=usage":                     {Secret: "retool_a", Scopes: []string{"usage"}},
	} {
		got, err := sandbox.ParseToken(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "=users:read", "retool_a=users", "retool_a=users:read,everything"} {
		_, err := sandbox.ParseToken(text)
		require.Error(t, err, text)
	}
	_, err := sandbox.ParseToken("retool_a=users:reed")
	require.EqualError(t, err, `"users:reed" is not a scope: did you mean users:read?`)
	for _, scope := range []string{"mcp:admin", "configuration_variables:write", "config_vars:read", "source_control:releases_write"} {
		_, err := sandbox.ParseToken("retool_a=" + scope)
		require.NoError(t, err, scope)
	}
}

func TestDuplicateTokensAreRefused(t *testing.T) {
	_, err := sandbox.New(sandbox.Options{Tokens: []sandbox.Token{{Secret: "retool_abcd"}, {Secret: "retool_abcd"}}})
	require.EqualError(t, err, `the token that ends in "abcd" is given twice`)
}

func TestTokens(t *testing.T) {
	a := start(t, sandbox.Options{Tokens: []sandbox.Token{
		{Secret: "retool_all", All: true},
		{Secret: "retool_none"},
		{Secret: "retool_readusers", Scopes: []string{"users:read"}},
		{Secret: "retool_writeusers", Scopes: []string{"users:write"}},
		{Secret: "retool_variables", Scopes: []string{"configuration_variables:read"}},
		{Secret: "retool_attributes", Scopes: []string{"user_attributes:read"}},
		{Secret: "retool_admin", Scopes: []string{"mcp:admin"}},
	}})
	newGroup := request{}.with(map[string]any{"name": "Night shift"})
	for _, row := range []struct {
		name, token, operation string
		request                request
		status                 int
		message                string
	}{
		{"no token", "", "list_users", request{}, 401, "Unauthorized: an access token is required"},
		{"an unknown token", "retool_other", "list_users", request{}, 401, "Unauthorized: the access token is not valid"},
		{"the default token, where others were named", sandbox.DefaultToken, "list_users", request{}, 401, "Unauthorized: the access token is not valid"},
		{"everything", "retool_all", "list_users", request{}, 200, ""},
		{"no scope", "retool_none", "list_users", request{}, 403, `Forbidden: API token is missing one of "users:read" or one of "mcp:admin"`},
		{"no scope, where none is needed", "retool_none", "get_info_ip_allowlist", request{}, 200, ""},
		{"the scope", "retool_readusers", "list_users", request{}, 200, ""},
		{"another scope", "retool_readusers", "list_groups", request{}, 403, `Forbidden: API token is missing one of "groups:read" or one of "mcp:admin"`},
		{"reading where writing is needed", "retool_readusers", "create_group", newGroup, 403, `Forbidden: API token is missing one of "groups:write" or one of "mcp:admin"`},
		{"writing includes reading", "retool_writeusers", "list_users", request{}, 200, ""},
		{"the server's name for a scope", "retool_variables", "list_configuration_variables", request{}, 200, ""},
		{"a scope of which the server has its own name", "retool_none", "list_configuration_variables", request{}, 403, `Forbidden: API token is missing one of "configuration_variables:read" or one of "mcp:admin"`},
		{"one of several scopes", "retool_attributes", "list_user_attributes", request{}, 200, ""},
		{"none of several scopes", "retool_none", "list_user_attributes", request{}, 403, `Forbidden: API token is missing one of "users:read", "user_attributes:read" or one of "mcp:admin"`},
		{"the scope of all scopes", "retool_admin", "create_group", newGroup, 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := a.in(t)
			a.token = row.token
			if row.status < 300 {
				a.ok(row.operation, row.request)
				return
			}
			require.Equal(t, row.message, a.fails(row.status, row.operation, row.request))
		})
	}
}

// A token that an administrator makes in the sandbox opens it, for its scopes.
func TestTokensOfTheOrganization(t *testing.T) {
	a := start(t, sandbox.Options{})
	made := a.object("create_access_token", request{}.with(map[string]any{"label": "ci", "scopes": []string{"groups:read"}}))
	a.token = made["access_token"].(string)
	a.ok("list_groups", request{})
	a.fails(http.StatusForbidden, "list_users", request{})
}

func TestCallsPerMinute(t *testing.T) {
	a := start(t, sandbox.Options{CallsPerMinute: 3, Tokens: []sandbox.Token{{Secret: "one", All: true}, {Secret: "two", All: true}}})
	a.token = "one"
	for range 3 {
		a.ok("list_groups", request{})
	}
	out := a.call("list_groups", request{})
	require.Equal(t, http.StatusTooManyRequests, out.status)
	require.Regexp(t, `^([1-9]|[1-5]\d|60)$`, out.header.Get("Retry-After"))
	a.token = "two"
	a.ok("list_groups", request{})
}
