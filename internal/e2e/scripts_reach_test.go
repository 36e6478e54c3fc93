package e2e_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// writesGroup is a script that writes.
const writesGroup = `await retool.create_group({name: "x"})`

// toolFor is the tool for the script of a test.
func toolFor(code string) string {
	if code == writesGroup {
		return "run_script"
	}
	return "query_script"
}

// What scripts reach, by the settings of the server. Each operation is called in a
// script; a tool is called as such.
func TestReachOfScripts(t *testing.T) {
	t.Parallel()
	const (
		users  = `return (await retool.list_users({limit: 1})).length`
		folder = `return (await retool.list_folders({limit: 1})).length`      // not in users
		logins = `return Object.keys(await retool.get_sso_config({})).length` // not in core
	)
	local := localTools
	for name, x := range map[string]struct {
		args        []string
		local       []string // listed
		listed      int      // operations, -1 for some
		runs, fails []string
	}{
		"scripts":            {[]string{"--toolsets=scripts"}, local, 0, []string{users, folder, logins, writesGroup}, nil},
		"core":               {[]string{"--toolsets=core"}, local, -1, []string{users, folder, logins, writesGroup}, nil},
		"everything":         {nil, local, -1, []string{users, folder, logins, writesGroup}, nil},
		"scripts and users":  {[]string{"--toolsets=scripts,users"}, local, -1, []string{users}, []string{folder, logins, writesGroup}},
		"users":              {[]string{"--toolsets=users"}, local[:1], -1, nil, nil},
		"read-only":          {[]string{"--toolsets=scripts", "--read-only"}, []string{local[0], local[1], local[3]}, 0, []string{users, folder, logins}, nil},
		"without run_script": {[]string{"--exclude-tools=run_script"}, []string{local[0], local[1], local[3]}, -1, []string{users, folder, logins}, nil},
		"exclusions":         {[]string{"--toolsets=scripts", "--exclude-tools=*_folders,create_*"}, local, 0, []string{users, logins}, []string{folder, writesGroup}},
		"scopes":             {[]string{"--toolsets=scripts", "--scopes=users:read"}, local, 0, []string{users}, []string{folder, writesGroup}},
		"patterns":           {[]string{"--tools=*_script"}, []string{local[0], local[1], local[2]}, 0, []string{users, folder, logins, writesGroup}, nil},
		"mixed patterns":     {[]string{"--tools=query_script,list_users"}, []string{local[0], local[1]}, 1, []string{users}, []string{folder}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connect(t, modern, environment(t), append(x.args, "--sandbox")...)
			names := namesIn(decodeJSON(t, s.list()).(object))
			var listed []string
			operations := 0
			for _, name := range names {
				if isLocal(name + " ") {
					listed = append(listed, name)
				} else {
					operations++
				}
			}
			require.Equal(t, x.local, listed)
			if x.listed >= 0 {
				require.Equal(t, x.listed, operations)
			}
			for _, code := range x.runs {
				s.succeed(toolFor(code), scripted(t, code))
			}
			for _, code := range x.fails {
				a := s.call(toolFor(code), scripted(t, code))
				require.True(t, a.isError, a.text)
				require.Contains(t, a.text, "is not available: the settings of this server or of this connection leave it out")
			}
		})
	}
}

// A tool that only scripts reach says so when it is called, and describe_tools and
// search_tools know it.
func TestOperationsForScriptsAlone(t *testing.T) {
	t.Parallel()
	s := connect(t, legacy, environment(t), "--sandbox", "--toolsets=scripts")
	a := s.call("get_user", []byte(`{"userId":"user_1"}`))
	require.True(t, a.isError)
	require.Equal(t, `Not sent: get_user is served to scripts only. Call it in one: query_script {"code":"return await retool.get_user({…})"}.`, a.text)
	a = s.call("delete_user", []byte(`{"userId":"user_1"}`))
	require.Contains(t, a.text, "disable_user is served to scripts only. Call it in one: run_script")
	require.Contains(t, s.succeed("describe_tools", []byte(`{"names":["get_user"]}`)), "get_user: Get one user")
	require.Contains(t, s.succeed("search_tools", []byte(`{"query":"turn off a user account"}`)), "disable_user {userId")
	requireUsage(t, run(t, environment(t), "", "--sandbox", "--toolsets=scripts", "call", "get_user"), "get_user is not served")
}

// With a prefix all tools have it, and the functions of scripts too.
func TestPrefixOfScripts(t *testing.T) {
	t.Parallel()
	s := connect(t, legacy, environment(t), "--sandbox", "--toolsets=scripts", "--tool-prefix=acme_")
	require.Equal(t, []string{"acme_describe_tools", "acme_query_script", "acme_run_script", "acme_search_tools"}, namesIn(decodeJSON(t, s.list()).(object)))
	require.Contains(t, s.succeed("acme_query_script", scripted(t, `return (await retool.acme_list_users({})).length`)), "250")
	require.Contains(t, s.call("acme_query_script", scripted(t, `await retool.list_users({})`)).text, "did you mean acme_list_users?")
	plan := s.succeed("acme_run_script", scripted(t, `await retool.acme_create_group({name: "x"})`))
	require.Contains(t, plan, `acme_run_script {"apply":`)
	require.Contains(t, s.succeed("acme_run_script", []byte(applying.FindString(plan))), "Made: 1 write: 1 acme_create_group.")
	require.Contains(t, s.succeed("acme_search_tools", []byte(`{"query":"list users"}`)), "acme_list_users")
	unprefixed := regexp.MustCompile(`\b(?:query_script|run_script|search_tools|describe_tools|\w+\.list_groups|\w+\.create_group|list_users)\b`)
	for what, text := range map[string]string{
		"refusal": s.call("acme_query_script", scripted(t, `await retool.acme_create_group({name: "x"})`)).text,
		"list":    string(s.list()), "details": s.succeed("acme_describe_tools", []byte(`{"names":["acme_query_script","acme_run_script","acme_get_user"]}`)),
	} {
		require.Empty(t, unprefixed.FindAllString(text, -1), "%s: %s", what, text)
	}
}

// Over HTTP each caller is held to what they may call as tools, call by call.
func TestReachOfCallersOverHTTP(t *testing.T) {
	t.Parallel()
	r := serveRemote(t, environment(t), "--sandbox")
	const (
		users  = `return (await retool.list_users({limit: 1})).length`
		groups = `return (await retool.list_groups({limit: 1})).length`
	)
	for name, x := range map[string]struct {
		headers     map[string]string
		lists       []string
		listsNot    []string
		runs, fails []string
	}{
		"nobody in particular": {nil, localTools, nil, []string{users, groups, writesGroup}, nil},
		"scripts alone":        {map[string]string{"X-MCP-Toolsets": "scripts"}, localTools, []string{"list_users"}, []string{users, groups, writesGroup}, nil},
		"scripts and users":    {map[string]string{"X-MCP-Toolsets": "scripts,users"}, append([]string{"list_users"}, localTools...), []string{"list_groups"}, []string{users}, []string{groups, writesGroup}},
		"users":                {map[string]string{"X-MCP-Toolsets": "users"}, []string{"describe_tools", "list_users"}, []string{"query_script", "run_script", "search_tools"}, nil, []string{users, writesGroup}},
		"reading":              {map[string]string{"X-MCP-Readonly": "true"}, []string{"query_script", "list_users"}, []string{"run_script", "create_group"}, []string{users, groups}, []string{writesGroup}},
		"reading with scripts": {map[string]string{"X-MCP-Readonly": "true", "X-MCP-Toolsets": "scripts"}, []string{"query_script"}, []string{"run_script", "list_users"}, []string{users, groups}, []string{writesGroup}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, protocol := range []string{legacy, modern} {
				s := requireClient(t, protocol, overHTTP(t, r.url, x.headers))
				list, err := s.client.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				var names []string
				for _, tool := range list.Tools {
					names = append(names, tool.Name)
				}
				for _, name := range x.lists {
					require.Contains(t, names, name)
				}
				for _, name := range x.listsNot {
					require.NotContains(t, names, name)
				}
				for _, code := range x.runs {
					s.succeed(toolFor(code), scripted(t, code))
				}
				for _, code := range x.fails {
					a := s.call(toolFor(code), scripted(t, code))
					require.True(t, a.isError, code)
					require.Regexp(t, `this connection|connection leave it out`, a.text)
				}
				if name == "scripts and users" { // what the caller does not reach, search and description do not know
					require.NotContains(t, s.succeed("search_tools", []byte(`{"query":"list groups"}`)), "list_groups {")
					require.Contains(t, s.call("describe_tools", []byte(`{"names":["list_groups"]}`)).text, "There is no tool")
				}
			}
		})
	}
}

// Rules decide which operations the scripts of a caller reach, for reading and for writing.
func TestReachByRules(t *testing.T) {
	t.Parallel()
	p := newIdentityProvider(t)
	r := serveRemote(t, environment(t), "--sandbox", "--auth", "oauth", "--public-url", "http://127.0.0.1", "--oauth-issuer", p.URL, "--oauth-audience", entraClient,
		"--oauth-token-type", "JWT", "--oauth-scope", entraScope,
		"--oauth-rule", "roles=team:scripts,users", "--oauth-rule", "roles=reader:all;read-only", "--oauth-rule", "roles=groups:groups", "--oauth-rule", "roles=compact:scripts")
	const (
		users  = `return (await retool.list_users({limit: 1})).length`
		groups = `return (await retool.list_groups({limit: 1})).length`
	)
	all := []string{users, groups, writesGroup}
	for roles, runs := range map[string][]string{
		"team": {users}, "reader": {users, groups}, "groups": nil, "compact": nil, "team groups": {users, groups, writesGroup}, "reader groups": {users, groups, writesGroup}, "reader team": {users, groups},
	} {
		token := "Bearer " + p.token("JWT", object{"roles": strings.Fields(roles)})
		for _, toolsets := range []string{"all", "scripts"} { // the header takes nothing from what scripts reach, and adds nothing
			s := requireClient(t, modern, overHTTP(t, r.url, map[string]string{"Authorization": token, "X-MCP-Toolsets": toolsets}))
			for _, code := range all {
				a := s.call(toolFor(code), scripted(t, code))
				require.Equal(t, !slices.Contains(runs, code), a.isError, "%s, %s: %s: %s", roles, toolsets, code, a.text)
			}
		}
	}
}

// A plan is its caller's: nobody else can apply it, whatever they know.
func TestPlansBelongToTheirCallers(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(200, jsonType, `{"success":true,"data":{"id":1}}`))
	r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC=embedded", "RETOOL_URL="+u.URL), "--auth", "passthrough")
	ann := requireClient(t, modern, overHTTP(t, r.url, map[string]string{"Authorization": "Bearer retool_ann"}))
	bob := requireClient(t, modern, overHTTP(t, r.url, map[string]string{"Authorization": "Bearer retool_bob"}))
	const code = `await retool.create_group({name: "x"})`
	_, apply := ann.planned(code)
	u.take()
	for _, arguments := range [][]byte{apply, []byte(strings.TrimSuffix(string(apply), "}") + `,"code":` + jsonOf(t, code) + `}`)} {
		a := bob.call("run_script", arguments)
		require.True(t, a.isError)
		require.Contains(t, a.text, "Nothing was sent")
		for _, request := range u.take() {
			require.Equal(t, "GET", request.method)
		}
	}
	ann.succeed("run_script", apply)
	sent := u.take()
	require.Equal(t, "POST", sent[len(sent)-1].method)
	require.Equal(t, []string{"Bearer retool_ann"}, sent[len(sent)-1].header["Authorization"])
}

// Whoever invents a token gets no script run, and no file written. A real one that is
// new to the server is asked about first, on any transport.
func TestScriptsOfInventedTokens(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer retool_honest") {
			answering(http.StatusUnauthorized, jsonType, `{"success":false,"message":"Invalid access token"}`)(w, r)
			return
		}
		good(w, r)
	})
	exports := t.TempDir()
	require.NoError(t, os.Chmod(exports, 0o700))
	r := serveRemote(t, environment(t, "RETOOL_URL="+u.URL, "RETOOL_MCP_EXPORT_DIR="+exports), "--auth", "passthrough")
	of := func(token string, way func(testing.TB, string, map[string]string) transport.Interface) *session {
		return requireClient(t, modern, way(t, r.url, map[string]string{"Authorization": "Bearer " + token}))
	}
	code := scripted(t, `await save("x.csv", [1]); return 6 * 7`)
	for range 2 {
		for _, tool := range []string{"query_script", "run_script"} {
			a := of("definitely-not-a-token", overHTTP).call(tool, code)
			require.True(t, a.isError)
			require.Contains(t, a.text, "Not run: Retool has not accepted your access token")
		}
		files, err := os.ReadDir(exports)
		require.NoError(t, err)
		require.Empty(t, files)
	}
	require.True(t, of("definitely-not-a-token", overHTTP).call("run_script", []byte(`{"apply":"AAAA"}`)).isError)
	require.Contains(t, of("retool_honest_new", overHTTP).succeed("query_script", code), "42")
	require.Contains(t, requireClient(t, legacy, overSSE(t, r.url, map[string]string{"Authorization": "Bearer retool_honest_other"})).succeed("query_script", code), "42")
}
