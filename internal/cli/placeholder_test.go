package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/cli"
)

// placeholders are what clients and shells leave in place of a value, and how
// messages name it.
var placeholders = map[string]string{
	"${HUNTER2}": "${…}", "${input:hunter2}": "${…}", "${env:HUNTER2}": "${…}", "${user_config.hunter2}": "${…}", "${{ secrets.HUNTER2 }}": "${{…}}",
	"$HUNTER2": "$NAME", "%HUNTER2%": "%NAME%", "{env:HUNTER2}": "{env:…}", "{{HUNTER2}}": "{{…}}", "$(cat hunter2)": "$(…)", ` "${HUNTER2}" `: "${…}",
}

func requireOneLine(t *testing.T, errs string) {
	t.Helper()
	require.Equal(t, 1, strings.Count(errs, "\n"), errs)
	require.NotContains(t, strings.ToLower(errs), "hunter2")
}

// A placeholder in a variable of the token counts as not set; what misses the
// token says why.
func TestPlaceholdersCountAsNotSetInVariables(t *testing.T) {
	spec := specFile(t)
	for value, form := range placeholders {
		for _, name := range []string{"RETOOL_ACCESS_TOKEN", "RETOOL_TOKEN", "RETOOL_API_KEY", "RETOOL_ACCESS_TOKEN_FILE"} {
			code, out, errs := run(t, map[string]string{name: value}, "call", "list_users", "--spec", spec)
			require.Equal(t, 1, code, errs)
			require.Empty(t, out)
			require.Contains(t, errs, "Not sent: no access token is configured")
			require.Contains(t, errs, name+" holds the placeholder "+form+" and counts as not set")
			requireOneLine(t, errs)

			code, out, errs = run(t, map[string]string{name: value}, "doctor", "--sandbox")
			require.Zero(t, code, "%s%s", out, errs)

			code, _, errs = run(t, map[string]string{name: value}, "serve", "--transport", "http", "--listen", "127.0.0.1:0", "--spec", spec)
			require.Equal(t, 2, code)
			require.Contains(t, errs, name+" holds the placeholder "+form)
			requireOneLine(t, errs)
		}
	}
}

// What no call can do more without may be missing. A token never goes to an
// instance that was not meant, and no limit is lost in silence.
func TestPlaceholdersOfOtherSettings(t *testing.T) {
	spec := specFile(t)
	mayBeMissing := map[string]string{
		"RETOOL_URL": "${A}", "RETOOL_HOST": "${A}", "RETOOL_SCHEME": "${A}", "RETOOL_ACCESS_TOKEN": "${A}", "RETOOL_TOKEN": "$A",
		"RETOOL_ACCESS_TOKEN_FILE": "%A%", "RETOOL_MCP_SPEC": "${A}", "RETOOL_MCP_TIMEOUT": "${A}", "RETOOL_MCP_LOG_LEVEL": "${A}", "RETOOL_LOG_FORMAT": "{env:A}",
	}
	code, out, errs := run(t, mayBeMissing, "tools", "list_users", "--spec", spec)
	require.Zero(t, code, errs)
	require.Contains(t, out, "GET https://api.retool.com/api/v2/users\n")
	require.Empty(t, errs)
	for _, name := range []string{"RETOOL_URL", "RETOOL_HOST"} {
		code, _, errs = run(t, map[string]string{name: "${HUNTER2}", "RETOOL_ACCESS_TOKEN": "retool_x"}, "tools", "list_users", "--spec", spec)
		require.Equal(t, 2, code)
		require.Contains(t, errs, name+" holds the placeholder ${…}")
		require.Contains(t, errs, "must not go to another instance")
		requireOneLine(t, errs)
		code, _, errs = run(t, map[string]string{name: "${HUNTER2}", "RETOOL_ACCESS_TOKEN": "retool_x"}, "tools", "list_users", "--spec", spec, "--url", "https://a.example.com")
		require.Zero(t, code, errs)
	}
	require.Greater(t, len(cli.Variables()), 50)
	for _, name := range cli.Variables() {
		if mayBeMissing[name] != "" || slices.Contains([]string{"RETOOL_API_KEY", "RETOOL_SPEC", "RETOOL_TIMEOUT", "RETOOL_LOG_LEVEL", "RETOOL_MCP_LOG_FORMAT"}, name) {
			continue
		}
		code, _, errs = run(t, map[string]string{name: "${HUNTER2}"}, "serve", "--transport", "http", "--auth", "none", "--spec", spec)
		require.Equal(t, 2, code, name)
		require.Contains(t, errs, name+" holds the placeholder ${…}")
		requireOneLine(t, errs)
	}
}

// The server starts without a token and tells its client what is missing.
func TestServeStartsWithAPlaceholderAsTheToken(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("RETOOL_ACCESS_TOKEN", "${input:hunter2}")
	var stdout, stderr bytes.Buffer
	in := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_users","arguments":{}}}
`)
	require.Zero(t, cli.Main([]string{"serve", "--spec", specFile(t)}, cli.Streams{In: in, Out: &stdout, Err: &stderr}), stderr.String())
	require.Contains(t, stdout.String(), "RETOOL_ACCESS_TOKEN holds the placeholder ${…} and counts as not set")
	require.NotContains(t, stdout.String()+stderr.String(), "hunter2")
}

func TestPlaceholdersElsewhereStopTheStart(t *testing.T) {
	spec := specFile(t)
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	refused := func(says string, env map[string]string, args ...string) {
		t.Helper()
		code, out, errs := run(t, env, append([]string{"tools", "--spec", spec}, args...)...)
		require.Equal(t, 2, code, "%v %v", env, args)
		require.Empty(t, out)
		require.Contains(t, errs, says, "%v %v", env, args)
		requireOneLine(t, errs)
	}
	for value, form := range placeholders {
		holds := "holds the placeholder " + form
		refused("--token (RETOOL_ACCESS_TOKEN) "+holds, nil, "--token", value)
		refused("--url (RETOOL_URL) "+holds, nil, "--url="+value)
		refused("--toolsets (RETOOL_MCP_TOOLSETS) "+holds, nil, "--toolsets", value)
		refused("--read-only (RETOOL_MCP_READ_ONLY) "+holds, nil, "--read-only="+value)
		refused("--token-file "+holds, nil, "--token-file", write("token", value+"\n"))
		quoted := "'" + strings.TrimSpace(value) + "'"
		config := write("retool.yaml", "token: "+quoted+"\n")
		refused("token in "+config+" "+holds, nil, "--config", config)
		config = write("one.yaml", "instances: {one: {url: https://a, token: "+quoted+"}}\n")
		refused("token of the instance one in "+config+" "+holds, nil, "--config", config)
	}
	for value, says := range map[string]string{
		"<your-hunter2>": "a blank to fill in, <…>", "RETOOL_TOKEN=hunter2": "a line NAME=value", "export RETOOL_API_KEY='hunter2'": "a line NAME=value",
		"'RETOOL_TOKEN=hunter2'": "a line NAME=value", "retool_${HUNTER2}": "a placeholder within other text", `{"token":"hunter2"}`: "a JSON object",
		"Bearer hunter2": "a header",
	} {
		refused(says, map[string]string{"RETOOL_ACCESS_TOKEN": value})
		refused(says, map[string]string{"RETOOL_API_KEY": value})
		refused(says, nil, "--token", value)
		refused(says, nil, "--token-file", write("token", value))
		if strings.Contains(says, "NAME=value") {
			refused(says, nil, "--token-file", write("token", "# of the organization\nRETOOL_URL=https://a\n"+value+"\n"))
		}
		code, _, errs := run(t, nil, "--spec", spec, "--transport", "http", "--listen", "127.0.0.1:0", "--token", "retool_a", "--auth", "token", "--auth-token", value)
		require.Equal(t, 2, code)
		require.Contains(t, errs, says)
		requireOneLine(t, errs)
	}
	refused("a blank to fill in, <…>", map[string]string{"RETOOL_MCP_SPEC": "<hunter2>"})
	refused("a blank to fill in, <…>", nil, "--token-file", "<hunter2>")
}

// One pair of quotes around a value is not part of it, wherever it is set.
func TestQuotesAroundValuesAreRemoved(t *testing.T) {
	var got string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"data":[]}`)
	}))
	defer upstream.Close()
	file := filepath.Join(t.TempDir(), "token")
	for given, want := range map[string]string{
		`"retool_a"`: "retool_a", `'retool_a'`: "retool_a", "\"retool_a\"\n": "retool_a", "“retool_a”": "retool_a", "‘retool_a’": "retool_a", "`retool_a`": "retool_a",
		"retool_a=b==": "retool_a=b==", "QUJDREU=": "QUJDREU=", `"QUJDRA=="`: "QUJDRA==", `re"tool`: `re"tool`, `"'retool_a'"`: `'retool_a'`,
	} {
		require.NoError(t, os.WriteFile(file, []byte(given+"\r\n"), 0o600))
		for _, x := range []struct {
			env  map[string]string
			args []string
		}{
			{map[string]string{"RETOOL_TOKEN": given, "RETOOL_ACCESS_TOKEN": given}, nil},
			{nil, []string{"--token", given}},
			{nil, []string{"--token-file", file}},
			{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": `"` + file + `"`}, nil},
		} {
			got = ""
			code, _, errs := run(t, x.env, append([]string{"call", "list_users", "--spec", specFile(t), "--url", upstream.URL}, x.args...)...)
			require.Zero(t, code, errs)
			require.Equal(t, "Bearer "+want, got)
		}
	}
	code, out, errs := run(t, map[string]string{"RETOOL_URL": `"https://mine"`, "RETOOL_MCP_SPEC": "'" + specFile(t) + "'", "RETOOL_MCP_TOOLSETS": `"users"`, "RETOOL_MCP_READ_ONLY": `"true"`}, "tools", "list_users")
	require.Zero(t, code, errs)
	require.Contains(t, out, "GET https://mine/api/v2/users\n")
	code, _, errs = run(t, map[string]string{"RETOOL_TOKEN": `""`, "RETOOL_MCP_SPEC": specFile(t)}, "tools")
	require.Zero(t, code, "an empty pair is not set: %s", errs)
}
