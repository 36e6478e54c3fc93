package e2e_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// The list on the command line is the one that a client gets.
func TestListIsTheClients(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		for _, protocol := range []string{legacy, modern} {
			t.Run(name+" "+protocol, func(t *testing.T) {
				env := environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, name))
				o := run(t, env, "", "tools", "--json")
				require.Zero(t, o.code, o.stderr)
				require.Empty(t, o.stderr)
				printed := decodeJSON(t, []byte(o.stdout)).(object)
				require.Equal(t, 1, strings.Count(o.stdout, "\n"))

				listed := decodeJSON(t, connect(t, protocol, env).list()).(object)
				require.Equal(t, listed["tools"], printed["tools"])
				require.Len(t, listed["tools"], operationsIn[name])
				require.ElementsMatch(t, namesIn(listed), slices.Collect(maps.Values(toolsOf(t, env))))
			})
		}
	}
}

func namesIn(list object) (names []string) {
	for _, tool := range list["tools"].([]any) {
		names = append(names, tool.(object)["name"].(string))
	}
	return names
}

// One tool is shown with its request, its arguments and its whole schema.
func TestShowTool(t *testing.T) {
	t.Parallel()
	name := referencedata.Documents[1]
	env := environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, name), "RETOOL_URL=retool.example.com")
	tools := toolsOf(t, env)
	for _, op := range operationsOfReal(t, name) {
		o := run(t, env, "", "tools", tools[op.String()])
		require.Zero(t, o.code, o.stderr)
		require.Empty(t, o.stderr)
		require.True(t, strings.HasPrefix(o.stdout, tools[op.String()]+": "), o.stdout)
		require.Contains(t, o.stdout, op.method+" https://retool.example.com/api/v2"+op.path+"\n")
		head, schema, found := strings.Cut(o.stdout, "\nSchema\n")
		require.True(t, found)
		root := decodeJSON(t, []byte(schema)).(object)
		sample := sampler{t: t, all: true}
		for argument := range sample.exchangeFor(op).arguments {
			require.Contains(t, root["properties"], argument)
			require.Contains(t, head, "\n  "+argument+" ")
		}
	}
}

// All ways to write the arguments of a call come to the same request, and what
// a call prints is what an agent would read.
func TestCallCommand(t *testing.T) {
	t.Parallel()
	const arguments = `{"email":"a=b@example.com","active":true,"metadata":{"n":12345678901234567890},"shoe_size":42.50}`
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"ü <1>"}}`))
	env := serving(t, smallDocument(t), u)
	file := filepath.Join(t.TempDir(), "arguments.json")
	require.NoError(t, os.WriteFile(file, []byte(arguments), 0o600))
	for name, c := range map[string]struct {
		stdin string
		args  []string
	}{
		"pairs":             {"", []string{"email=a=b@example.com", "active=true", `metadata={"n":12345678901234567890}`, "shoe_size=42.50"}},
		"JSON":              {"", []string{"--args", arguments}},
		"a file":            {"", []string{"--args", "@" + file}},
		"standard input":    {arguments, []string{"--args", "-"}},
		"JSON and pairs":    {"", []string{"--args", `{"email":"a=b@example.com", "active":true}`, `metadata={"n":12345678901234567890}`, "shoe_size=42.50"}},
		"empty and pairs":   {"", []string{"--args", ` { } `, "email=a=b@example.com", "active=true", `metadata={"n":12345678901234567890}`, "shoe_size=42.50"}},
		"what is put right": {"", []string{"email=a=b@example.com", `active="true"`, `metadata="{\"n\":12345678901234567890}"`, `shoe_size="42.50"`}},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, env, c.stdin, append([]string{"call", "create_user"}, c.args...)...)
			require.Zero(t, o.code, o.stderr)
			require.Empty(t, o.stderr)
			require.Equal(t, marked(`{"data":{"id":"ü <1>"}}`)+"\n", o.stdout)
			r := u.only(t)
			require.Equal(t, "POST /api/v2/users", r.method+" "+r.uri)
			require.Equal(t, decodeJSON(t, []byte(arguments)), decodeJSON(t, r.body))
		})
	}
	t.Run("text that looks like a number stays text", func(t *testing.T) {
		o := run(t, env, "", "call", "get_user", "userId=007")
		require.Zero(t, o.code, o.stderr)
		require.Equal(t, "/api/v2/users/007", u.only(t).uri)
		o = run(t, env, "", "call", "list_users", "email=12345678901234567890")
		require.Zero(t, o.code, o.stderr)
		require.Equal(t, "/api/v2/users?email=12345678901234567890&limit=100", u.only(t).uri)
	})
	t.Run("a tool that fails", func(t *testing.T) {
		failing := newUpstream(t, failing(404, "User not found"))
		env := serving(t, smallDocument(t), failing)
		o := run(t, env, "", "call", "get_user", "userId=u1")
		require.Equal(t, 1, o.code)
		require.Empty(t, o.stdout)
		require.Equal(t, connect(t, legacy, env).call("get_user", []byte(`{"userId":"u1"}`)).text+"\n", o.stderr)
	})
}

// The same arguments that a tool refuses cost the command line its exit code.
func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{}`))
	env := serving(t, smallDocument(t), u)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"missing":       {[]string{"get_user"}, "userId: missing"},
		"unknown":       {[]string{"get_user", "userId=a", "user=b"}, "user: unknown argument"},
		"misspelled":    {[]string{"get_user", "userID=a"}, "did you mean userId?"},
		"of wrong type": {[]string{"create_user", "email=a", `active="maybe"`}, "active: must be a boolean"},
		"out of range":  {[]string{"list_users", "limit=101"}, "from 1 to 100"},
		"empty in path": {[]string{"get_user", "userId="}, "list_users"},
		"dots in path":  {[]string{"get_user", "userId=.."}, "must be an id"},
		"given twice":   {[]string{"get_user", "userId=a", "userId=b"}, "userId"},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, env, "", append([]string{"call"}, c.args...)...)
			require.Equal(t, 1, o.code)
			require.Empty(t, o.stdout)
			require.Contains(t, o.stderr, c.says)
			require.Contains(t, o.stderr, "Not sent: ")
			require.Empty(t, u.take())
		})
	}
}

func TestVersion(t *testing.T) {
	o := run(t, environment(t), "", "version")
	require.Zero(t, o.code)
	require.Empty(t, o.stderr)
	rows := map[string]string{}
	for line := range strings.Lines(o.stdout) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		rows[name] = strings.TrimSpace(value)
	}
	require.Equal(t, stampedVersion, rows["retool-mcp"])
	require.Equal(t, stampedCommit, rows["commit"])
	require.Regexp(t, `^go1\.\d+`, rows["go"])
	require.Regexp(t, `^v\d+\.\d+\.\d+`, rows["mcp-go"])
	require.Equal(t, modern, strings.Split(rows["protocol"], ", ")[0])
	require.Contains(t, rows["protocol"], legacy)

	// What a client is told is the same.
	u := newUpstream(t, answering(200, jsonType, `{}`))
	o = run(t, serving(t, smallDocument(t), u), initializeLine+"\n")
	var answer struct {
		Result struct {
			ServerInfo struct{ Name, Version string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &answer))
	require.Equal(t, "retool-mcp "+stampedVersion, answer.Result.ServerInfo.Name+" "+answer.Result.ServerInfo.Version)
}
