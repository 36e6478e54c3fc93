package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lists may have blanks and quotes around their items, wherever they are set, and
// words of an enum any case.
func TestBlanksInListsAndCaseOfEnums(t *testing.T) {
	spec := specFile(t)
	folder := t.TempDir()
	secret := filepath.Join(folder, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o600))
	config := filepath.Join(folder, "retool.yaml")
	for _, x := range []struct{ flag, variable, key, value string }{
		{"toolsets", "RETOOL_MCP_TOOLSETS", "toolsets", " users , CORE,\t'All'"},
		{"tools", "RETOOL_MCP_TOOLS", "tools", "list_users , list_*"},
		{"exclude-tools", "RETOOL_MCP_EXCLUDE_TOOLS", "exclude_tools", "disable_user , list_users"},
		{"secret-env", "RETOOL_MCP_SECRET_ENV", "secret_env", "DB_PASSWORD, OTHER"},
		{"secret-files", "RETOOL_MCP_SECRET_FILES", "secret_files", secret + " , " + folder + "/"},
		{"log-level", "RETOOL_MCP_LOG_LEVEL", "log_level", "Warn"},
		{"log-level", "RETOOL_LOG_LEVEL", "log_level", "ERROR"},
		{"log-format", "RETOOL_MCP_LOG_FORMAT", "log_format", "JSON"},
		{"confirm", "RETOOL_MCP_CONFIRM", "confirm", "Never"},
		{"read-only", "RETOOL_MCP_READ_ONLY", "read_only", "YES"},
		{"spec", "RETOOL_MCP_SPEC", "spec", "EMBEDDED"},
		{"spec", "RETOOL_SPEC", "spec", " Auto "},
		{"sandbox-faults", "RETOOL_MCP_SANDBOX_FAULTS", "sandbox_faults", "429: 0.1, CUT:0.01"},
		{"timeout", "RETOOL_MCP_TIMEOUT", "timeout", " 5s "},
	} {
		args := []string{"tools"}
		switch x.flag {
		case "spec":
		case "exclude-tools": // the other document has one tool only
			args = append(args, "--spec", "embedded")
		default:
			args = append(args, "--spec", spec)
		}
		if x.flag == "sandbox-faults" {
			args = append(args, "--sandbox")
		}
		code, _, errs := run(t, nil, append(args, "--"+x.flag+"="+x.value)...)
		require.Zero(t, code, "%v: %s", x, errs)
		code, _, errs = run(t, map[string]string{x.variable: x.value}, args...)
		require.Zero(t, code, "%v: %s", x, errs)
		require.NoError(t, os.WriteFile(config, []byte(x.key+": "+"\""+x.value+"\"\n"), 0o600))
		code, _, errs = run(t, nil, append(args, "--config", config)...)
		require.Zero(t, code, "%v: %s", x, errs)
	}
	// Scopes, and the lists of serving over HTTP, which stops at the listener.
	code, out, errs := run(t, nil, "tools", "--spec", "embedded", "--scopes", " users:read , groups:read")
	require.Zero(t, code, errs)
	require.Contains(t, out, "list_users")
	require.Contains(t, out, "list_groups")
	require.NotContains(t, out, "disable_user")
	for _, args := range [][]string{
		{"--transport", "HTTP, Sse"},
		{"--transport", "http", "--allow-host", "a.example , b.example"},
		{"--transport", "http", "--allow-origin", "https://a.example, https://b.example"},
		{"--transport", "http", "--auth", "None"},
	} {
		code, _, errs = run(t, map[string]string{"RETOOL_TOKEN": "retool_a"}, append([]string{"serve", "--spec", spec, "--listen", "127.0.0.1:70000"}, args...)...)
		require.Equal(t, 2, code)
		require.Contains(t, errs, "invalid port", "nothing before the listener is wrong")
	}
	code, _, errs = run(t, nil, "tools", "--spec", spec, "--toolsets", "users,,core")
	require.Equal(t, 2, code, "an empty item is a mistake")
	require.Contains(t, errs, "--toolsets")
}

// Every setting that takes several values takes a list of the configuration file, and
// no other setting does.
func TestListsInTheConfigurationFile(t *testing.T) {
	spec := specFile(t)
	config := filepath.Join(t.TempDir(), "retool.yaml")
	start := func(text string) (code int, errs string) {
		require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
		code, _, errs = run(t, nil, "tools", "--spec", spec, "--config", config)
		return code, errs
	}
	for _, list := range []string{
		"toolsets: [users, core]", "tools: [list_users, 'list_*']", "exclude_tools: [disable_user]", "scopes: ['users:read', 'groups:read']",
		"secret_env: [DB_PASSWORD, OTHER]", "secret_files: [/run/a, /run/b/]", "sandbox_faults: ['429:0.1', 'cut:0.01']\nsandbox: true",
	} {
		if code, errs := start(list); code != 0 { // one document does not have what another has
			require.NotContains(t, errs, "single value", list)
		}
	}
	for _, single := range []string{
		"url: ['https://a.example', 'https://b.example']", "token: [retool_a]", "read_only: [true]", "timeout: [5s, 6s]", "confirm: [never, auto]",
		"auth: [token, oauth]", "oauth_issuer: ['https://a.example']", "public_url: []", "max_body: [1]", "listen: ['127.0.0.1:1', '127.0.0.1:2']",
	} {
		code, errs := start(single)
		require.Equal(t, 2, code, single)
		require.Contains(t, errs, "must be a single value, not a list", single)
		requireOneLine(t, errs)
	}
}

// Items of lists add up over several flags; everything else may be given once.
func TestSingleValuesGivenTwiceAreRefused(t *testing.T) {
	spec := specFile(t)
	for _, args := range [][]string{
		{"--url", "https://a", "--url", "https://b"},
		{"--url=https://a", "--url", "https://a"},
		{"--token", "retool_a", "--token=retool_a"},
		{"--read-only", "--read-only"},
		{"--read-only", "--read-only=false"},
		{"--timeout", "5s", "--timeout", "5s"},
		{"--confirm", "never", "--confirm=always"},
		{"--log-level=info", "--log-level", "debug"},
		{"--max-result-tokens", "2000", "--max-result-tokens", "3000"},
		{"--sandbox-seed", "1", "--sandbox", "--sandbox-seed", "2"},
		{"--json", "--json"},
	} {
		code, out, errs := run(t, nil, append([]string{"tools", "--spec", spec}, args...)...)
		require.Equal(t, 2, code, args)
		require.Empty(t, out)
		require.Contains(t, errs, "is given twice")
		requireOneLine(t, errs)
	}
	for _, args := range [][]string{
		{"--spec", spec, "tools", "--spec", spec},
		{"call", "list_users", "--args", "{}", "--args", "{}"},
		{"doctor", "--json", "--json=true"},
		{"spec", "diff", "embedded", "embedded", "--json", "--json"},
		{"audit", "verify", "x", "--head", "a", "--head", "a"},
		{"sandbox", "--seed", "1", "--seed", "2"},
		{"serve", "--transport", "http", "--auth", "none", "--auth", "none"},
	} {
		code, out, errs := run(t, nil, args...)
		require.Equal(t, 2, code, args)
		require.Empty(t, out)
		require.Contains(t, errs, "is given twice", args)
		requireOneLine(t, errs)
	}
	code, out, errs := run(t, nil, "tools", "--spec", "embedded", "--tools", "get_user", "--tools=list_groups, get_group")
	require.Zero(t, code, errs)
	for _, name := range []string{"get_user", "list_groups", "get_group"} {
		require.Contains(t, out, name)
	}
	code, _, errs = run(t, nil, "--log-level", "info", "tools", "--spec", spec, "--", "list_users")
	require.Zero(t, code, errs)
}

// A variable with our prefix that is no setting stops the start, unless it belongs
// to others.
func TestMisspelledVariablesStopTheStart(t *testing.T) {
	spec := specFile(t)
	for name, meant := range map[string]string{
		"RETOOL_MCP_READONLY": "RETOOL_MCP_READ_ONLY", "RETOOL_MCP_TOOLSET": "RETOOL_MCP_TOOLSETS", "RETOOL_MCP_URL": "RETOOL_URL", "RETOOL_MCP_HOST": "RETOOL_HOST",
		"RETOOL_MCP_ACCESS_TOKEN": "RETOOL_ACCESS_TOKEN", "RETOOL_MCP_ACCESS_TOKEN_FILE": "RETOOL_ACCESS_TOKEN_FILE", "RETOOL_MCP_LOGLEVEL": "RETOOL_MCP_LOG_LEVEL",
		"RETOOL_MCP_CONFRIM": "RETOOL_MCP_CONFIRM", "RETOOL_MCP_TIMEOUT_": "RETOOL_MCP_TIMEOUT", "RETOOL_MCP_": "lists the variables", "RETOOL_MCP_PORT": "lists the variables",
		"RETOOL_MCP_DANGEROUS": "lists the variables", "RETOOL_MCP_LISTEN_ADDRESS": "RETOOL_MCP_LISTEN",
	} {
		code, out, errs := run(t, map[string]string{name: "hunter2"}, "tools", "--spec", spec)
		require.Equal(t, 2, code, name)
		require.Empty(t, out)
		require.Contains(t, errs, "the variable "+name+" is no setting")
		require.Contains(t, errs, meant)
		requireOneLine(t, errs)
		code, _, errs = run(t, map[string]string{name: " "}, "tools", "--spec", spec)
		require.Zero(t, code, errs)
	}
	code, _, errs := run(t, map[string]string{
		// of a service called retool-mcp, and of one called retool-mcp-metrics
		"RETOOL_MCP_SERVICE_HOST": "10.0.0.1", "RETOOL_MCP_SERVICE_PORT": "8000", "RETOOL_MCP_SERVICE_PORT_HTTP": "8000", "RETOOL_MCP_PORT": "tcp://10.0.0.1:8000",
		"RETOOL_MCP_PORT_8000_TCP": "tcp://10.0.0.1:8000", "RETOOL_MCP_PORT_8000_TCP_PROTO": "tcp", "RETOOL_MCP_PORT_8000_TCP_PORT": "8000", "RETOOL_MCP_PORT_8000_TCP_ADDR": "10.0.0.1",
		"RETOOL_MCP_METRICS_SERVICE_HOST": "10.0.0.1", "RETOOL_MCP_METRICS_PORT": "tcp://10.0.0.1:9000", "RETOOL_MCP_METRICS_PORT_9000_TCP_ADDR": "10.0.0.1",
		"RETOOL_MCP_TOKEN": "a", "RETOOL_MCP_TEST_SEED": "1", "RETOOL_MCP_PERF": "1", "RETOOL_MCPX": "1", "RETOOL_OTHER": "1",
	}, "tools", "--spec", spec)
	require.Zero(t, code, errs)
}
