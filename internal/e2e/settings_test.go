package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireUsage checks that a process gave up before it began, and said why in
// one line and nowhere but on standard error.
func requireUsage(t *testing.T, o outcome, says ...string) {
	t.Helper()
	require.Equal(t, 2, o.code, o.stderr)
	require.Empty(t, o.stdout)
	require.True(t, strings.HasPrefix(o.stderr, "retool-mcp: "), o.stderr)
	require.Equal(t, 1, strings.Count(o.stderr, "\n"), o.stderr)
	for _, text := range says {
		require.Contains(t, o.stderr, text)
	}
}

// Told nothing at all, every command works on the embedded description, and a
// call says what is missing.
func TestNoSettings(t *testing.T) {
	o := run(t, []string{}, "", "tools")
	require.Zero(t, o.code, o.stderr)
	require.Equal(t, 152, strings.Count(o.stdout, "\n"))
	o = run(t, []string{}, "", "tools", "get_user")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "GET https://api.retool.com/api/v2/users/{userId}")
	o = run(t, []string{}, "", "call", "get_user", "userId=user_1")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, "no access token is configured")
}

// Settings that contradict each other are both named.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variables, arguments string
		names                []string
	}{
		"token and file by flag":       {"", "--token=a --token-file=b", []string{"--token", "--token-file"}},
		"token and file":               {"RETOOL_ACCESS_TOKEN=a RETOOL_ACCESS_TOKEN_FILE=b", "", []string{"RETOOL_ACCESS_TOKEN", "RETOOL_ACCESS_TOKEN_FILE"}},
		"other token and file":         {"RETOOL_TOKEN=a RETOOL_ACCESS_TOKEN_FILE=b", "", []string{"RETOOL_TOKEN", "RETOOL_ACCESS_TOKEN_FILE"}},
		"key and file":                 {"RETOOL_API_KEY=a RETOOL_ACCESS_TOKEN_FILE=b", "", []string{"RETOOL_API_KEY", "RETOOL_ACCESS_TOKEN_FILE"}},
		"two tokens":                   {"RETOOL_ACCESS_TOKEN=a RETOOL_TOKEN=b", "", []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN"}},
		"token and key":                {"RETOOL_ACCESS_TOKEN=a RETOOL_API_KEY=b", "", []string{"RETOOL_ACCESS_TOKEN", "RETOOL_API_KEY"}},
		"other token and key":          {"RETOOL_TOKEN=a RETOOL_API_KEY=b", "", []string{"RETOOL_TOKEN", "RETOOL_API_KEY"}},
		"two addresses":                {"RETOOL_URL=https://a.example RETOOL_HOST=b.example", "", []string{"RETOOL_URL", "RETOOL_HOST"}},
		"scheme and address":           {"RETOOL_URL=https://a.example RETOOL_HOST=a.example RETOOL_SCHEME=http", "", []string{"RETOOL_URL", "RETOOL_HOST"}},
		"two schemes":                  {"RETOOL_HOST=https://a.example RETOOL_SCHEME=http", "", []string{"RETOOL_SCHEME", "RETOOL_HOST"}},
		"a scheme without a host":      {"RETOOL_SCHEME=http", "", []string{"RETOOL_SCHEME", "RETOOL_HOST"}},
		"the list and one of it":       {"", "tools --json get_user", []string{"--json", "get_user"}},
		"arguments that are no object": {"", "call get_user --args [1] userId=a", []string{"--args", "object"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(c.arguments)
			if len(args) == 0 || strings.HasPrefix(args[0], "--") {
				args = append(args, "tools")
			}
			env := environment(t, append([]string{"RETOOL_MCP_SPEC=" + smallDocument(t)}, strings.Fields(c.variables)...)...)
			o := run(t, env, "", args...)
			requireUsage(t, o)
			require.Subset(t, strings.Fields(o.stderr), c.names, "as words of their own")
		})
	}
}

// Settings that say the same twice, or that a flag decides, are no fault; each
// of these calls reaches the upstream with the token.
func TestAgreement(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":1}`))
	values := map[string]string{"token": testToken, "url": u.URL, "host": strings.TrimPrefix(u.URL, "http://"), "file": tokenFile(t, testToken)}
	fill := func(text string) []string {
		return strings.Fields(os.Expand(text, func(name string) string { return values[name] }))
	}
	for name, c := range map[string]struct{ variables, arguments string }{
		"flags":                 {"", "--token=$token --url=$url"},
		"flags over all":        {"RETOOL_ACCESS_TOKEN=a RETOOL_TOKEN=b RETOOL_URL=https://a.example RETOOL_HOST=b.example", "--token=$token --url=$url"},
		"file flag over all":    {"RETOOL_ACCESS_TOKEN=a RETOOL_TOKEN=b RETOOL_URL=$url", "--token-file=$file"},
		"token flag over file":  {"RETOOL_ACCESS_TOKEN_FILE=none RETOOL_URL=$url", "--token=$token"},
		"one token three times": {"RETOOL_ACCESS_TOKEN=$token RETOOL_TOKEN=$token RETOOL_API_KEY=$token RETOOL_URL=$url", ""},
		"one address twice":     {"RETOOL_ACCESS_TOKEN=$token RETOOL_URL=$url/api/v2/ RETOOL_HOST=$url", ""},
		"host and scheme":       {"RETOOL_TOKEN=$token RETOOL_HOST=$host RETOOL_SCHEME=http", ""},
		"host with its scheme":  {"RETOOL_TOKEN=$token RETOOL_HOST=$url RETOOL_SCHEME=HTTP", ""},
		"host as an origin":     {"RETOOL_TOKEN=$token RETOOL_HOST=$url/", ""},
		"file":                  {"RETOOL_ACCESS_TOKEN_FILE=$file RETOOL_URL=$url/api/v2", ""},
		"empty is unset":        {"RETOOL_ACCESS_TOKEN= RETOOL_API_KEY=$token RETOOL_URL=$url RETOOL_HOST= RETOOL_ACCESS_TOKEN_FILE=", ""},
		"all sorts of flags":    {"", "--token=$token --url=$url --log-level=error --timeout=5s"},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t, append([]string{"RETOOL_MCP_SPEC=" + smallDocument(t)}, fill(c.variables)...)...)
			o := run(t, env, "", append(fill(c.arguments), "call", "get_settings")...)
			require.Zero(t, o.code, o.stderr)
			require.Equal(t, "{\"data\":1}\n", o.stdout)
			r := u.only(t)
			require.Equal(t, "/api/v2/settings", r.uri)
			require.Equal(t, "Bearer "+testToken, r.header.Get("Authorization"))
		})
	}
}

// Settings that mean nothing are named before anything starts.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variables, arguments string
		says                 []string
	}{
		"unknown flag":       {"", "--speck=x tools", []string{"--speck", "--spec"}},
		"unknown command":    {"", "serf", []string{"serf"}},
		"unknown tool":       {"", "tools list_user", []string{"list_user", "did you mean list_users?", "retool-mcp tools"}},
		"unknown tool, call": {"", "call usersList", []string{"usersList", "retool-mcp tools"}},
		"no tool, call":      {"", "call", []string{"name"}},
		"scheme":             {"RETOOL_URL=ftp://a.example", "tools", []string{"RETOOL_URL", "http"}},
		"scheme by flag":     {"", "--url=file:///etc tools", []string{"--url", "http"}},
		"no host":            {"RETOOL_HOST=https://", "tools", []string{"RETOOL_HOST", "host"}},
		"placeholder":        {"RETOOL_URL=https://<org>.retool.com", "tools", []string{"RETOOL_URL", "host"}},
		"token file":         {"RETOOL_ACCESS_TOKEN_FILE=/no/such/file", "tools", []string{"RETOOL_ACCESS_TOKEN_FILE", "no such file"}},
		"empty token file":   {"RETOOL_ACCESS_TOKEN_FILE=/dev/null", "tools", []string{"RETOOL_ACCESS_TOKEN_FILE", "no token"}},
		"timeout":            {"RETOOL_MCP_TIMEOUT=soon", "tools", []string{"RETOOL_MCP_TIMEOUT", "soon"}},
		"no timeout":         {"", "--timeout=0s tools", []string{"--timeout", "RETOOL_MCP_TIMEOUT"}},
		"log level":          {"RETOOL_MCP_LOG_LEVEL=loud", "tools", []string{"RETOOL_MCP_LOG_LEVEL", "loud"}},
		"log format":         {"", "--log-format=xml tools", []string{"--log-format", "text", "json"}},
		"tool prefix":        {"RETOOL_MCP_TOOL_PREFIX=9", "tools", []string{"prefix", "a-z"}},
		"no such document":   {"RETOOL_MCP_SPEC=/no/such/document", "tools", []string{"/no/such/document", "no such file"}},
		"no document at all": {"RETOOL_MCP_SPEC=/dev/null", "tools", []string{"/dev/null", "empty"}},
		"a folder":           {"RETOOL_MCP_SPEC=/", "tools", []string{"directory"}},
		"another scheme":     {"RETOOL_MCP_SPEC=ftp://a.example/spec", "tools", []string{"ftp", "http"}},
		"no pair":            {"", "call get_user userId", []string{"userId", "key=value"}},
		"no such file":       {"", "call get_user --args @/no/such/file", []string{"--args", "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t, append([]string{"RETOOL_MCP_SPEC=" + smallDocument(t)}, strings.Fields(c.variables)...)...)
			requireUsage(t, run(t, env, "", strings.Fields(c.arguments)...), c.says...)
		})
	}
}

// Help is no error, and is what was asked for.
func TestHelp(t *testing.T) {
	for _, command := range []string{"", "serve", "tools", "call", "version"} {
		t.Run(command, func(t *testing.T) {
			o := run(t, environment(t), "", append(strings.Fields(command), "--help")...)
			require.Zero(t, o.code)
			require.Empty(t, o.stderr)
			require.Contains(t, o.stdout, strings.TrimSpace("Usage: retool-mcp "+command))
			require.Contains(t, o.stdout, "RETOOL_ACCESS_TOKEN_FILE")
		})
	}
}
