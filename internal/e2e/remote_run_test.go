package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Liveness and readiness are separate.
func TestRemoteHealth(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	refusing := newUpstream(t, answering(http.StatusUnauthorized, jsonType, `{"success":false,"message":"no"}`))
	gone := newUpstream(t, good)
	gone.Close()
	for name, c := range map[string]struct {
		upstream *upstream
		status   int
		says     string
	}{
		"well":           {u, http.StatusOK, "ready"},
		"a bad token":    {refusing, http.StatusServiceUnavailable, "does not accept the access token"},
		"Retool is away": {gone, http.StatusServiceUnavailable, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serveRemote(t, serving(t, smallDocument(t), c.upstream), "--auth", "token", "--auth-token", testSecret)
			require.Equal(t, http.StatusOK, r.get("/healthz").status)
			o := run(t, environment(t), "", "health", r.url+"/healthz")
			require.Equal(t, outcome{stdout: "ok\n", took: o.took}, o)
			for range 3 {
				got := r.get("/readyz")
				require.Equal(t, c.status, got.status, got.body)
				require.Contains(t, got.body, c.says)
				require.Equal(t, 1, strings.Count(got.body, "\n"), got.body)
				require.NotContains(t, got.body, testToken)
			}
			require.LessOrEqual(t, len(c.upstream.take()), 1, "one check serves all requests")
			o = run(t, environment(t), "", "health", r.url+"/readyz")
			if c.status == http.StatusOK {
				require.Equal(t, outcome{stdout: "ready\n", took: o.took}, o)
				return
			}
			require.Equal(t, 1, o.code)
			require.Contains(t, o.stderr, c.says)
		})
	}
	unreachable := run(t, environment(t), "", "health", gone.URL)
	require.Equal(t, 1, unreachable.code, unreachable.stderr)
	require.Contains(t, unreachable.stderr, "connect")
	requireUsage(t, run(t, environment(t), "", "health", "nowhere"), "nowhere")
}

// Calls are counted by tool, and unknown names add no labels.
func TestRemoteMetrics(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	r := serveRemote(t, serving(t, smallDocument(t), u), "--auth", "token", "--auth-token", testSecret)
	require.Equal(t, http.StatusUnauthorized, r.get("/metrics").status)
	r.requireWorks(bearer(testSecret))
	for _, name := range []string{"made_up_1", "made_up_2", `x"} 1`, strings.Repeat("long", 1000)} {
		r.post(callLine("a", name, "{}"), bearer(testSecret))
	}
	got := r.get("/metrics", bearer(testSecret))
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, got.body, `retool_mcp_calls_total{status="ok",tool="get_settings"} 1`)
	require.Contains(t, got.body, `retool_mcp_upstream_requests_total{method="GET",status="2xx"} 1`)
	require.Contains(t, got.body, `retool_mcp_sign_ins_refused_total{method="token",reason="no_token"} 1`)
	require.Contains(t, got.body, `retool_mcp_info{version="`+stampedVersion+`"} 1`)
	for _, text := range []string{"made_up", "longlong", testSecret, testToken} {
		require.NotContains(t, got.body, text)
	}
}

// The request ID is in the log, at Retool and in the response.
func TestRemoteRequestID(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	r := serveRemote(t, serving(t, smallDocument(t), u), "--log-format", "json", "--log-level", "debug")
	given := r.post(callLine("a", "get_settings", "{}"), "X-Request-Id: given-by-the-client.1")
	unsound := r.post(callLine("a", "get_settings", "{}"), "X-Request-Id: not sound")
	require.Equal(t, "given-by-the-client.1", given.header.Get("X-Request-Id"))
	require.NotEqual(t, "not sound", unsound.header.Get("X-Request-Id"))
	seen := u.take()
	require.Len(t, seen, 2)
	for i, a := range []httpAnswer{given, unsound} {
		id := a.header.Get("X-Request-Id")
		require.NotEmpty(t, id)
		require.Equal(t, id, seen[i].header.Get("X-Request-Id"))
		require.Eventually(t, func() bool { return logged(r.stderr.String(), id, "get_settings") }, waitTime, 5*time.Millisecond, "%s in %s", id, r.stderr)
	}
}

// logged reports whether a line of a JSON log has a request ID and a tool.
func logged(stderr, id, tool string) bool {
	for line := range strings.Lines(stderr) {
		var entry object
		if json.Unmarshal([]byte(line), &entry) == nil && entry["request"] == id && entry["tool"] == tool {
			return true
		}
	}
	return false
}

// After SIGTERM the server finishes the calls in progress and waits for nothing
// else.
func TestRemoteDrain(t *testing.T) {
	t.Parallel()
	h := newBlockingUpstream(t)
	r := serveRemote(t, serving(t, smallDocument(t), h.upstream))
	stream, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/sse", http.NoBody)
	require.NoError(t, err)
	listening, err := http.DefaultClient.Do(stream)
	require.NoError(t, err)
	defer listening.Body.Close()
	answered := make(chan httpAnswer, 1)
	go func() {
		a, _ := r.tryAsk(context.WithoutCancel(t.Context()), http.MethodPost, "/mcp", callLine("slow", "get_settings", "{}"))
		answered <- a
	}()
	receive(t, h.entered, "the call")
	r.signal(syscall.SIGTERM)
	require.Eventually(t, func() bool {
		_, err := r.tryAsk(t.Context(), http.MethodGet, "/healthz", "")
		return err != nil
	}, waitTime, 10*time.Millisecond, "no more connections")
	require.Empty(t, answered, "the call continues")
	before := time.Now()
	close(h.release)
	got := receive(t, answered, "the answer").reply(t)
	require.Equal(t, marked(`{"data":"/api/v2/settings"}`), got.text())
	r.requireEnd()
	require.Less(t, time.Since(before), 15*time.Second, "the stream blocks nothing")
}

// Log messages after SIGHUP.
const taken, refused = "settings and document reloaded", "the former settings stay in use"

// hangUp sends SIGHUP and waits for the log message.
func (r *remote) hangUp(says string) {
	r.t.Helper()
	before := strings.Count(r.stderr.String(), says)
	r.signal(syscall.SIGHUP)
	require.Eventually(r.t, func() bool { return strings.Count(r.stderr.String(), says) > before }, waitTime, 5*time.Millisecond, "%s", r.stderr)
}

// Changes in sandboxes survive SIGHUP, whether the reload succeeds or fails.
func TestRemoteReloadKeepsSandboxes(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "document.yaml")
	small, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(document, small, 0o600))
	r := serveRemote(t, environment(t, "RETOOL_MCP_CONFIG="+configured(t,
		"instances:", "  one: {sandbox: true, spec: embedded}", "  two: {sandbox: true, spec: embedded}", "  three: {sandbox: true, spec: "+document+"}")))
	s := requireClient(t, modern, overHTTP(t, r.url, nil))
	s.succeed("create_group", []byte(`{"name":"Made before","instance":"two"}`))
	requireGroup := func() {
		t.Helper()
		require.Contains(t, s.succeed("list_groups", []byte(`{"instance":"two","fields":["name"]}`)), "Made before")
		require.NotContains(t, s.succeed("list_groups", []byte(`{"instance":"one","fields":["name"]}`)), "Made before")
	}
	requireGroup()
	r.hangUp(taken)
	requireGroup()
	require.NoError(t, os.WriteFile(document, []byte("openapi: [broken"), 0o600))
	r.hangUp(refused)
	requireGroup()
	s.succeed("create_group", []byte(`{"name":"Made after","instance":"one"}`))
}

// SIGHUP reloads all changed files, or none.
func TestRemoteReload(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, good)
	token, secret := tokenFile(t, "retool_before"), tokenFile(t, testSecret)
	small, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	document := filepath.Join(t.TempDir(), "document.yaml")
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(document, string(small))
	r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+document, "RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN_FILE="+token), "--auth", "token", "--auth-token-file", secret)
	requireToken := func(want string) {
		t.Helper()
		require.Equal(t, "Bearer "+want, u.only(t).header.Get("Authorization"))
	}
	r.requireWorks(bearer(testSecret))
	requireToken("retool_before")

	write(token, "retool_after")
	r.hangUp(taken)
	r.requireWorks(bearer(testSecret))
	requireToken("retool_after")

	const newSecret = "another-secret-of-the-tests"
	write(secret, newSecret)
	r.hangUp(taken)
	require.Equal(t, http.StatusUnauthorized, r.post(listLine, bearer(testSecret)).status)
	r.requireWorks(bearer(newSecret))
	requireToken("retool_after")

	write(document, "openapi: [broken")
	write(token, "retool_with_a_broken_document")
	r.hangUp(refused)
	r.requireWorks(bearer(newSecret))
	requireToken("retool_after")
	require.Len(t, r.post(listLine, bearer(newSecret)).reply(t).Result.Tools, smallTools+len(localTools))

	write(document, strings.ReplaceAll(string(small), "  /groups/{groupId}/members:", "  /groups/{groupId}/people:"))
	r.hangUp(taken)
	list := r.post(listLine, bearer(newSecret)).body
	require.Contains(t, list, `"name":"create_group_person"`)
	require.NotContains(t, list, `"name":"add_group_members"`)
	r.requireWorks(bearer(newSecret))
	requireToken("retool_with_a_broken_document")
	for _, text := range []string{"retool_before", "retool_after", testSecret, newSecret} {
		require.NotContains(t, r.stderr.String(), text)
	}
}
