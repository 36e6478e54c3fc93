package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// testSecret is the secret of --auth token.
const testSecret = "a-shared-secret-of-the-tests"

var good = answering(http.StatusOK, jsonType, `{"success":true,"data":"good"}`)

// A caller with the secret uses the server's own token, and the secret stays
// with the server.
func TestRemoteAuthToken(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	r := serveRemote(t, serving(t, smallDocument(t), u), "--auth", "token", "--auth-token-file", tokenFile(t, testSecret))
	for name, headers := range map[string][]string{
		"missing":          nil,
		"wrong":            {bearer("another-secret-of-the-tests")},
		"longer":           {bearer(testSecret + "s")},
		"shorter":          {bearer(testSecret[1:])},
		"the Retool token": {bearer(testToken)},
		"another scheme":   {"Authorization: Basic " + testSecret},
		"another header":   {"X-Auth-Token: " + testSecret},
	} {
		for _, path := range []string{"/mcp", "/sse", "/messages?sessionId=a", "/metrics", "/mcp?access_token=" + testSecret} {
			method := http.MethodGet
			if strings.HasPrefix(path, "/m") && path != "/metrics" {
				method = http.MethodPost
			}
			got := r.ask(method, path, callLine("a", "get_settings", "{}"), headers...)
			require.Equal(t, http.StatusUnauthorized, got.status, "%s %s: %s", name, path, got.body)
			require.Contains(t, got.header.Get("WWW-Authenticate"), "Bearer")
		}
	}
	require.Empty(t, u.take(), "no request reached Retool")

	r.requireWorks(bearer(testSecret))
	requireClient(t, legacy, overSSE(t, r.url, map[string]string{"Authorization": "Bearer " + testSecret})).succeed("get_settings", nil)
	seen := u.take()
	require.Len(t, seen, 2)
	for _, got := range seen {
		require.Equal(t, []string{"Bearer " + testToken}, got.header["Authorization"])
		require.NotContains(t, fmt.Sprint(got.uri, got.header, string(got.body)), testSecret)
	}
}

// Each of many concurrent callers uses their own token.
func TestRemoteAuthPassthrough(t *testing.T) {
	t.Parallel()
	const callers, calls = 20, 10
	u := newUpstream(t, good)
	r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL), "--auth", "passthrough")
	require.Equal(t, http.StatusUnauthorized, r.post(callLine("a", "get_settings", "{}")).status)
	var wg sync.WaitGroup
	failed := make(chan error, callers*calls)
	for i := range callers {
		wg.Go(func() {
			for range calls {
				a, err := r.tryAsk(t.Context(), http.MethodPost, "/mcp",
					callLine("a", "get_user", fmt.Sprintf(`{"userId":"u%d"}`, i)), bearer(fmt.Sprint("retool_caller_", i)))
				if err != nil || a.status != http.StatusOK || !strings.Contains(a.body, "good") {
					failed <- fmt.Errorf("caller %d: %d %s: %w", i, a.status, a.body, err)
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, failed)
	seen := u.take()
	require.Len(t, seen, callers*calls)
	for _, got := range seen {
		require.Equal(t, "Bearer retool_caller_"+strings.TrimPrefix(got.uri, "/api/v2/users/u"), got.header.Get("Authorization"), got.uri)
	}
}

// Headers remove tools from the list and from calls, and add none.
func TestRemoteHeadersRestrictTools(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	r := serveRemote(t, serving(t, smallDocument(t), u, "RETOOL_MCP_TOOLSETS=users,settings"))
	reads, writes, other := callLine("a", "list_users", "{}"), callLine("a", "disable_user", `{"userId":"u"}`), callLine("a", "get_settings", "{}")
	for name, c := range map[string]struct {
		headers []string
		tools   []string
		calls   []string // that are sent
	}{
		"nothing":        {nil, []string{"list_users", "create_user", "get_user", "disable_user", "get_settings"}, []string{reads, writes, other}},
		"all":            {[]string{"X-MCP-Toolsets: all", "X-MCP-Readonly: false"}, []string{"list_users", "create_user", "get_user", "disable_user", "get_settings"}, []string{reads, writes, other}},
		"a toolset":      {[]string{"X-MCP-Toolsets: settings"}, []string{"get_settings"}, []string{other}},
		"reading":        {[]string{"X-MCP-Readonly: true"}, []string{"list_users", "get_user", "get_settings"}, []string{reads, other}},
		"reading in one": {[]string{"X-MCP-Toolsets: users", "X-MCP-Readonly: 1"}, []string{"list_users", "get_user"}, []string{reads}},
	} {
		list := r.post(listLine, c.headers...).reply(t)
		var names []string
		for _, tool := range list.Result.Tools {
			names = append(names, decodeJSON(t, tool).(object)["name"].(string))
		}
		require.ElementsMatch(t, append(c.tools, "describe_tools"), names, name)
		for _, line := range []string{reads, writes, other} {
			got := r.post(line, c.headers...).reply(t)
			sent := len(u.take())
			if slices.Contains(c.calls, line) {
				require.False(t, got.Result.IsError, "%s %s: %s", name, line, got.text())
				require.Equal(t, 1, sent)
			} else {
				require.True(t, got.Result.IsError, "%s %s", name, line)
				require.Contains(t, got.text(), "Not sent: ")
				require.Zero(t, sent)
			}
		}
	}
	for _, header := range []string{"X-MCP-Toolsets: groups", "X-MCP-Toolsets: ", "X-MCP-Readonly: perhaps"} {
		require.Equal(t, http.StatusBadRequest, r.post(reads, header).status, header)
	}
	require.Empty(t, u.take())
}

// No request changes the address that the operator set.
func TestRemoteRequestsCannotChangeTheAddress(t *testing.T) {
	t.Parallel()
	u, other := newUpstream(t, good), newUpstream(t, good)
	r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL), "--auth", "passthrough")
	host := strings.TrimPrefix(other.URL, "http://")
	headers := []string{
		bearer(testToken), "Host: " + host, "X-Retool-Url: " + other.URL, "Retool-Url: " + other.URL, "X-Retool-Host: " + host,
		"X-Forwarded-Host: " + host, "X-Forwarded-Server: " + host, "X-Original-Url: " + other.URL, "Forwarded: host=" + host,
		"X-Http-Method-Override: DELETE", "Cookie: url=" + other.URL,
	}
	for _, arguments := range []string{`{}`, `{"url":"` + other.URL + `"}`, `{"RETOOL_URL":"` + other.URL + `","host":"` + host + `"}`} {
		got := r.ask(http.MethodPost, "/mcp?url="+other.URL+"&host="+host+"&RETOOL_URL="+other.URL, callLine("a", "get_settings", arguments), headers...)
		require.Equal(t, http.StatusOK, got.status, got.body)
	}
	for _, id := range []string{"../../../x", "//" + host + "/x", "@" + host, `\\` + host} {
		_ = r.post(callLine("a", "get_user", fmt.Sprintf(`{"userId":%q}`, id)), headers...)
	}
	require.Empty(t, other.take())
	seen := u.take()
	require.NotEmpty(t, seen)
	for _, got := range seen {
		require.Equal(t, http.MethodGet, got.method)
		for _, name := range []string{"Cookie", "X-Forwarded-Host", "X-Retool-Url", "Forwarded"} {
			require.NotContains(t, got.header, name)
		}
	}
}
