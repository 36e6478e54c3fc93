package e2e_test

import (
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tokens of the tests here, of whose parts no two are alike.
const (
	ownSecret    = "retool_01own7Kd93hQpZs5TnBx2"
	otherSecret  = "retool_02east8Wm41yGvRc6LfJt4"
	callerSecret = "retool_03call9Xb57uNqTd8HkSw6"
	sharedSecret = "shared-04secret6Pz29aVeYm3CrDg"
)

// A hostileServer is a process whose upstream knows all tokens, and where its output
// goes.
type hostileServer struct {
	*remote
	tokens   []string
	headers  []string
	answer   *atomic.Pointer[http.HandlerFunc]
	traces   *lockedBuffer
	home     string
	audit    string
	metrics  string // their address
	instance string // an argument, with a comma
}

// hostileServers are the ways to serve, each with all tokens that it has.
var hostileServers = map[string]func(t *testing.T, u *upstream) (h hostileServer, args []string){
	"passthrough": func(*testing.T, *upstream) (hostileServer, []string) {
		return hostileServer{tokens: []string{callerSecret}, headers: []string{bearer(callerSecret)}}, []string{"--auth=passthrough"}
	},
	"a shared secret": func(t *testing.T, _ *upstream) (hostileServer, []string) {
		args := []string{"--auth=token", "--auth-token-file", tokenFile(t, sharedSecret), "--token-file", tokenFile(t, ownSecret), "--log-format=json"}
		return hostileServer{tokens: []string{ownSecret, sharedSecret}, headers: []string{bearer(sharedSecret)}}, args
	},
	"two instances": func(t *testing.T, u *upstream) (hostileServer, []string) {
		file := configured(t, "instances:", "  here: {url: "+u.URL+", token: "+ownSecret+"}", "  east: {url: "+u.URL+"/east, token_file: "+tokenFile(t, otherSecret)+"}")
		args := []string{"--config", file, "--auth=token", "--auth-token-file", tokenFile(t, sharedSecret)}
		return hostileServer{tokens: []string{ownSecret, otherSecret, sharedSecret}, headers: []string{bearer(sharedSecret)}, instance: `"instance":"here",`}, args
	},
}

func serveHostile(t *testing.T, name string) hostileServer {
	t.Helper()
	traces, answer := &lockedBuffer{}, &atomic.Pointer[http.HandlerFunc]{}
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(traces, r.Body) // a missing part fails the test
	}))
	t.Cleanup(collector.Close)
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) { (*answer.Load())(w, r) })
	audit := filepath.Join(t.TempDir(), "audit.log")
	env := keeping(t, "RETOOL_MCP_SPEC=embedded", "RETOOL_MCP_LOG_LEVEL=debug", "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "RETOOL_MCP_AUDIT_LOG="+audit)
	h, args := hostileServers[name](t, u)
	free := httptest.NewServer(nil)
	h.metrics = free.Listener.Addr().String()
	free.Close()
	if h.instance == "" {
		env = append(env, "RETOOL_URL="+u.URL)
	}
	h.remote, h.answer, h.traces, h.audit = serveRemote(t, env, append(args, "--metrics-listen", h.metrics)...), answer, traces, audit
	h.home = strings.TrimPrefix(env[0], "HOME=")
	return h
}

// say sets what the upstream answers.
func (h hostileServer) say(answer http.HandlerFunc) { h.answer.Store(&answer) }

// call calls a tool and requires that the answer has no token.
func (h hostileServer) call(what, tool, arguments string) string {
	h.t.Helper()
	arguments = strings.Replace(arguments, "{", "{"+h.instance, 1)
	got := h.post(progressLine("a", tool, strings.Replace(arguments, ",}", "}", 1)), h.headers...)
	require.Equal(h.t, http.StatusOK, got.status, got.body)
	requireNoToken(h.t, h.tokens, what, got.body)
	return got.body
}

// misplace puts a token where a client can put one by mistake. Errors of the protocol
// repeat to it what it wrote; nothing else does.
func (h hostileServer) misplace(token string) {
	h.t.Helper()
	for _, line := range []string{
		callLine("a", token, "{}"),
		strings.ReplaceAll(listLine, "tools/list", token),
		strings.TrimSuffix(listLine, "}") + `,"params":{"cursor":"` + token + `"}}`,
		`{"jsonrpc":"2.0","id":"p","method":"prompts/get","params":{"name":"` + token + `"}}`,
		`{"jsonrpc":"2.0","id":"r","method":"resources/read","params":{"uri":"` + token + `://` + token + `"}}`,
		strings.ReplaceAll(initializeLine, "e2e", token),
		strings.ReplaceAll(initializeLine, "2025-11-25", token),
		`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"get_group","arguments":"` + token + `"}}`,
		token,
		`{"jsonrpc":"2.0","id":"a","method":"` + token,
		`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":"` + token + `"}`,
		`{"jsonrpc":"` + token + `","id":"a","method":"tools/list"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"` + token + `","reason":"` + token + `"}}`,
		`{"jsonrpc":"2.0","id":"a","method":"tools/list","` + token + `":1}`,
		`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"get_group","arguments":{"` + token + `":` + token + `}}}`,
	} {
		h.post(line, h.headers...)
	}
	for _, header := range []string{
		"X-Request-Id: ", "Mcp-Session-Id: ", "Mcp-Protocol-Version: ", "Mcp-Name: ", "Mcp-Method: ", "Last-Event-Id: ", "X-MCP-Toolsets: ", "X-MCP-Readonly: ",
		"Traceparent: ", "Tracestate: a=", "Baggage: a=", "User-Agent: ", "Accept: ", "Content-Type: ", "Referer: http://", "Cookie: a=", "X-Forwarded-For: ",
	} {
		h.post(callLine("a", "get_group", "{"+h.instance+`"groupId":"9"}`), append([]string{header + token}, h.headers...)...)
	}
	for _, path := range []string{"/" + token, "/mcp/" + token, "/mcp?access_token=" + token, "/messages?sessionId=" + token, "/.well-known/" + token} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, token} {
			h.ask(method, path, token, append([]string{"Accept: application/json"}, h.headers...)...)
		}
	}
}

// requireNowhere ends the process and searches all else that it wrote.
func (h hostileServer) requireNowhere() {
	h.t.Helper()
	counted, err := h.http.Get("http://" + h.metrics + "/metrics")
	require.NoError(h.t, err)
	defer counted.Body.Close()
	metrics, err := io.ReadAll(counted.Body)
	require.NoError(h.t, err)
	require.Contains(h.t, string(metrics), `tool="get_group"`)
	requireNoToken(h.t, h.tokens, "the metrics", string(metrics))
	h.signal(syscall.SIGTERM) // sends the remaining traces
	h.requireEnd()
	require.Contains(h.t, h.traces.String(), "tools/call get_group")
	requireNoToken(h.t, h.tokens, "the traces", h.traces.String())
	require.Contains(h.t, h.stderr.String(), "get_group")
	requireNoToken(h.t, h.tokens, "the log", h.stderr.String())
	logged, err := os.ReadFile(h.audit)
	require.NoError(h.t, err)
	require.Contains(h.t, string(logged), "[access token]")
	requireNoToken(h.t, h.tokens, "the audit log", string(logged))
	requireWholeLog(h.t, h.audit)
	require.NoError(h.t, filepath.WalkDir(h.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		requireNoToken(h.t, h.tokens, path, string(data))
		return err
	}))
}

// otherCalls are made in turn; each form comes to each.
var otherCalls = []struct{ tool, arguments string }{
	{"list_users", `{"format":"table"}`},
	{"list_users", `{"all_pages":true,"format":"json"}`},
	{"create_group", `{"name":"N"}`},
	{"delete_group", `{"groupId":"9"}`},
	{"update_group", `{"groupId":"9","operations":[{"op":"replace","path":"/name","value":"N"}],"dry_run":true}`},
}

// Whatever an upstream does with the tokens of a server, and whatever a caller
// writes into arguments, no token comes out anywhere.
func TestTokensOfAllKindsAppearNowhere(t *testing.T) {
	t.Parallel()
	for name := range hostileServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serveHostile(t, name)
			turn := 0
			for _, place := range tokenPlaces {
				for _, form := range slices.Sorted(maps.Keys(tokenForms)) {
					h.say(repeatTokens(place, form, h.tokens))
					what := place.name + ", " + form
					shown := h.call(what, "get_group", `{"groupId":"9",}`)
					if place.shown {
						require.GreaterOrEqual(t, strings.Count(shown, "[access token]"), len(h.tokens), "%s: %s", what, shown)
					}
					other := otherCalls[turn%len(otherCalls)]
					h.call(what, other.tool, other.arguments)
					turn++
				}
			}
			h.say(good)
			for form, write := range tokenForms {
				for _, token := range h.tokens {
					written := write(token)
					for tool, arguments := range map[string]string{
						"get_group":     `{"groupId":"TOKEN"}`,
						"list_users":    `{"email":"TOKEN","fields":["TOKEN"]}`,
						"create_group":  `{"name":"TOKEN"}`,
						"delete_group":  `{"groupId":"TOKEN","TOKEN":"TOKEN"}`,
						"update_group":  `{"groupId":"9","operations":[{"op":"replace","path":"/TOKEN","value":{"TOKEN":["TOKEN"]}}]}`,
						"create_folder": `{"folder_type":"TOKEN","TOKEN":{"TOKEN":"TOKEN"}}`,
					} {
						arguments = strings.ReplaceAll(arguments, "TOKEN", written)
						h.call("arguments, "+form, tool, arguments)
						h.call("a dry run, "+form, tool, strings.TrimSuffix(arguments, "}")+`,"dry_run":true}`)
					}
				}
			}
			h.misplace(strings.TrimPrefix(h.headers[0], "Authorization: Bearer "))
			h.requireNowhere()
		})
	}
}
