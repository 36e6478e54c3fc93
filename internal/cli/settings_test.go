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
	"github.com/retool-mcp/retool-mcp/internal/text"
)

const document = `
openapi: 3.0.0
info: {title: T, version: '1'}
servers: [{url: ./}]
paths:
  /users: {get: {responses: {}}}
`

// run runs the command line with exactly the given variables set.
func run(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "RETOOL_") {
			t.Setenv(name, "") // what was set returns after the test
			require.NoError(t, os.Unsetenv(name))
		}
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for name, value := range env {
		t.Setenv(name, value)
	}
	var stdout, stderr bytes.Buffer
	code = cli.Main(args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func specFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "spec.yaml")
	require.NoError(t, os.WriteFile(name, []byte(document), 0o600))
	return name
}

// Serving and listing refuse the same settings. No message repeats a secret.
func TestBadSettingsStopTheStartWithOneLine(t *testing.T) {
	spec := specFile(t)
	tokenFile := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(tokenFile, []byte("retool_file\n"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte(" \n"), 0o600))
	for _, x := range []struct {
		env  map[string]string
		args []string
		want []string
	}{
		{map[string]string{"RETOOL_URL": "https://a", "RETOOL_HOST": "b"}, nil, []string{"RETOOL_URL and RETOOL_HOST contradict"}},
		{map[string]string{"RETOOL_HOST": "https://a", "RETOOL_SCHEME": "http"}, nil, []string{"RETOOL_SCHEME and RETOOL_HOST contradict"}},
		{map[string]string{"RETOOL_SCHEME": "http"}, nil, []string{"RETOOL_SCHEME", "RETOOL_HOST"}},
		{map[string]string{"RETOOL_SCHEME": "http", "RETOOL_URL": "https://a"}, nil, []string{"RETOOL_SCHEME", "RETOOL_HOST"}},
		{map[string]string{"RETOOL_URL": "ftp://a"}, nil, []string{"RETOOL_URL: "}},
		{nil, []string{"--url", "https://user:hunter2@a"}, []string{"--url: "}},
		{nil, []string{"--token", "retool_a", "--token-file", tokenFile}, []string{"--token and --token-file contradict"}},
		{map[string]string{"RETOOL_ACCESS_TOKEN": "retool_a", "RETOOL_TOKEN": "retool_b"}, nil, []string{"RETOOL_ACCESS_TOKEN and RETOOL_TOKEN contradict"}},
		{map[string]string{"RETOOL_TOKEN": "retool_a", "RETOOL_API_KEY": "retool_b"}, nil, []string{"RETOOL_TOKEN and RETOOL_API_KEY contradict"}},
		{map[string]string{"RETOOL_API_KEY": "retool_a", "RETOOL_ACCESS_TOKEN_FILE": tokenFile}, nil, []string{"RETOOL_API_KEY and RETOOL_ACCESS_TOKEN_FILE contradict"}},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": empty}, nil, []string{"RETOOL_ACCESS_TOKEN_FILE holds no token"}},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": spec}, nil, []string{"RETOOL_ACCESS_TOKEN_FILE holds a character"}},
		{nil, []string{"--token-file", empty + "-missing"}, []string{"--token-file: "}},
		{nil, []string{"--token", "retool_\x01secret"}, []string{"--token holds a character"}},
		{nil, []string{"--timeout", "0s"}, []string{"--timeout (RETOOL_MCP_TIMEOUT)"}},
		{nil, []string{"--timeout", "soon"}, []string{"--timeout"}},
		{nil, []string{"--log-format", "xml"}, []string{"--log-format"}},
		{nil, []string{"--log-level", "loud"}, []string{"--log-level", "debug", "error"}},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "retool_secret"}, nil, []string{"RETOOL_ACCESS_TOKEN_FILE must name a file"}},
		{nil, []string{"--tool-prefix", "Big-"}, []string{"tool prefix"}},
		{nil, []string{"--spec", spec + "-missing"}, []string{"-missing", "no such file"}},
		{nil, []string{"--spec", "ftp://x/y"}, []string{"ftp"}},
		{nil, []string{"--toolsets", "users,grups"}, []string{"--toolsets", "grups", "the toolsets are all, core, users"}},
		{nil, []string{"--nonsense"}, []string{"--nonsense"}},
		{nil, []string{"list_users", "--json"}, []string{"--json"}},
	} {
		for _, command := range []string{"tools", "serve"} {
			args := append([]string{command}, x.args...)
			if !slices.Contains(args, "--spec") {
				args = append(args, "--spec", spec)
			}
			if command == "serve" && len(x.args) > 0 && x.args[0] == "list_users" {
				continue // serve takes no names
			}
			code, out, errs := run(t, x.env, args...)
			require.Equal(t, 2, code, args)
			require.Empty(t, out, "standard output belongs to the protocol")
			require.Equal(t, 1, strings.Count(errs, "\n"), "one line: %s", errs)
			for _, want := range x.want {
				require.Contains(t, errs, want)
			}
			for _, secret := range []string{"hunter2", "retool_a", "retool_b", "retool_file", "secret"} {
				require.NotContains(t, errs, secret)
			}
		}
	}
}

func TestTokensThatAgreeAreNoContradiction(t *testing.T) {
	code, _, errs := run(t, map[string]string{"RETOOL_ACCESS_TOKEN": "retool_a", "RETOOL_TOKEN": " retool_a\n", "RETOOL_API_KEY": "retool_a"},
		"tools", "--spec", specFile(t))
	require.Zero(t, code, errs)
}

// Wherever it comes from, the token that counts is the one that is sent.
func TestTokenFromEverySetting(t *testing.T) {
	var got string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"data":[]}`)
	}))
	defer upstream.Close()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("retool_file\r\n"), 0o600))
	for _, x := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{map[string]string{"RETOOL_ACCESS_TOKEN": "retool_1"}, nil, "retool_1"},
		{map[string]string{"RETOOL_TOKEN": "retool_2"}, nil, "retool_2"},
		{map[string]string{"RETOOL_API_KEY": "retool_3"}, nil, "retool_3"},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": file}, nil, "retool_file"},
		{map[string]string{"RETOOL_ACCESS_TOKEN": "retool_1"}, []string{"--token", "retool_4"}, "retool_4"},
		{map[string]string{"RETOOL_ACCESS_TOKEN": "retool_1"}, []string{"--token-file", file}, "retool_file"},
	} {
		code, _, errs := run(t, x.env, append([]string{"call", "list_users", "--spec", specFile(t), "--url", upstream.URL}, x.args...)...)
		require.Zero(t, code, errs)
		require.Equal(t, "Bearer "+x.want, got)
	}
}

// A document says where its API is, but only on its own origin is it believed:
// the access token goes there.
func TestAddressFromTheDocumentsOwnAddress(t *testing.T) {
	servers := "./"
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Replace(document, "./", servers, 1)))
	}))
	defer host.Close()
	spec := host.URL + "/retool/api/v2/spec"
	for server, want := range map[string]string{
		"./":                     host.URL + "/retool/api/v2/users",
		"https://evil.example/":  "https://api.retool.com/api/v2/users",
		"//evil.example/api/v2/": "https://api.retool.com/api/v2/users",
	} {
		servers = server
		_, out, errs := run(t, nil, "tools", "list_users", "--spec", spec)
		require.Contains(t, out, "GET "+want+"\n", errs)
	}
	servers = "./"
	_, out, _ := run(t, map[string]string{"RETOOL_URL": "https://mine"}, "tools", "list_users", "--spec", spec)
	require.Contains(t, out, "GET https://mine/api/v2/users\n", "the operator's own setting wins")
}

func TestServeTellsAPersonWhatItIs(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var stdout, stderr bytes.Buffer
	code := cli.Main([]string{"--spec", specFile(t)}, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Terminal: true})
	require.Zero(t, code)
	require.Empty(t, stdout.String())
	for _, want := range []string{"MCP", "5 tools", "claude mcp add", "https://api.retool.com"} {
		require.Contains(t, stderr.String(), want)
	}
}

// A flag may be set to nothing; it still overrides variables.
func TestEmptyTokenFlags(t *testing.T) {
	for flag, want := range map[string]string{"--token": "--token holds no token", "--token-file": "--token-file: open : no such file or directory"} {
		code, _, errs := run(t, map[string]string{"RETOOL_ACCESS_TOKEN": "retool_a"}, "tools", "--spec", specFile(t), flag, "")
		require.Equal(t, 2, code)
		require.Equal(t, "retool-mcp: "+want+"\n", errs)
	}
}

// What the user typed cannot control the terminal that shows the error.
func TestErrorsEscapeWhatTheUserTyped(t *testing.T) {
	spec := specFile(t)
	for typed, args := range map[string][]string{
		`unknown flag "--to\u001b[31mols": did you mean --tools?`:           {"--to\x1b[31mols"},
		`unknown flag "--x\ny"`:                                             {"--x\ny"},
		`unknown flag -é`:                                                   {"tools", "-é"},
		`unknown command "to\u200bols": did you mean tools?`:                {"to\u200bols"},
		`spec has no command "di\u001bff": did you mean diff?`:              {"spec", "di\x1bff"},
		`unexpected argument "a\u2800b"`:                                    {"tools", "x", "a\u2800b"},
		`there is no tool "list_\u200busers" (did you mean list_users?)`:    {"call", "--spec", spec, "list_\u200busers"},
		`there is no tool "list users" (did you mean list_users?)`:          {"tools", "--spec", spec, "list users"},
		`--json prints the list of all tools: leave out "a\u001bb"`:         {"tools", "--json", "--spec", spec, "a\x1bb"},
		`/none\u001b[2J: no such file or directory`:                         {"tools", "--spec", spec, "--token-file", "/none\x1b[2J"},
		`--args: open /none\u200b: no such file or directory`:               {"call", "x", "--args", "@/none\u200b"},
		`a line feed; is one: no such file or directory`:                    {"tools", "--spec", spec, "--token-file", "a line feed\nis one"},
		`--log-level (RETOOL_MCP_LOG_LEVEL) must be debug, info, warn or`:   {"tools", "--log-level", "\u115f"},
		`unknown command "nonsense": "retool-mcp --help" lists the command`: {"help", "nonsense"},
	} {
		code, out, errs := run(t, nil, args...)
		require.Equal(t, 2, code, args)
		require.Empty(t, out)
		require.Contains(t, errs, typed)
		require.False(t, text.HasInvisible(errs), "%q", errs)
		require.Equal(t, 1, strings.Count(errs, "\n"), errs)
	}
}
