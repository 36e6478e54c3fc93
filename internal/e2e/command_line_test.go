package e2e_test

import (
	"encoding/json"
	"maps"
	"net/http"
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
				require.Len(t, listed["tools"], operationsIn[name]+len(localTools))
				require.ElementsMatch(t, namesIn(listed), append(slices.Collect(maps.Values(toolsOf(t, env))), localTools...))
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

// What a call prints is what an agent would read.
func TestCallPrintsWhatAClientGets(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"ü <1>"}}`))
	env := serving(t, smallDocument(t), u)
	o := run(t, env, "", "call", "create_user", "email=a=b@example.com")
	require.Zero(t, o.code, o.stderr)
	require.Empty(t, o.stderr)
	require.Equal(t, marked(`{"data":{"id":"ü <1>"}}`)+"\n", o.stdout)

	failing := newUpstream(t, failing(404, "User not found"))
	env = serving(t, smallDocument(t), failing)
	o = run(t, env, "", "call", "get_user", "userId=u1")
	require.Equal(t, 1, o.code)
	require.Empty(t, o.stdout)
	require.Equal(t, connect(t, legacy, env).call("get_user", []byte(`{"userId":"u1"}`)).text+"\n", o.stderr)
}

// A client is told the version that the command prints, as testdata/script/version.txt
// has it.
func TestVersionForClients(t *testing.T) {
	u := newUpstream(t, answering(200, jsonType, `{}`))
	o := run(t, serving(t, smallDocument(t), u), initializeLine+"\n")
	var answer struct {
		Result struct {
			ServerInfo struct{ Name, Version string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &answer))
	require.Equal(t, "retool-mcp "+stampedVersion, answer.Result.ServerInfo.Name+" "+answer.Result.ServerInfo.Version)
}
