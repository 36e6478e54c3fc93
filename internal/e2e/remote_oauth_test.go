package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// identityProvider is an issuer of tokens on loopback, like Microsoft Entra ID: its
// tokens have the type JWT, scopes in scp and the client id as audience. One of its
// keys is malformed.
type identityProvider struct {
	*httptest.Server
	t   testing.TB
	key *ecdsa.PrivateKey
}

func newIdentityProvider(t testing.TB) *identityProvider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &identityProvider{t: t, key: key}
	public, err := json.Marshal(jose.JSONWebKey{Key: key.Public(), KeyID: "good", Use: "sig"})
	require.NoError(t, err)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			_, _ = w.Write([]byte(`{"keys":[{"kty":"RSA","kid":"malformed","e":"AQAB"},` + string(public) + `]}`))
			return
		}
		_ = json.NewEncoder(w).Encode(object{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
	}))
	t.Cleanup(p.Close)
	return p
}

const (
	entraClient = "5f3c1f5a-0d9e-4f57-9f0b-6a1c7e1f2a3b"
	entraScope  = "https://mcp.example.com/mcp/access"
)

// token is a good access token with changes; a nil value leaves a claim out.
func (p *identityProvider) token(kind string, changes object) string {
	p.t.Helper()
	claims := object{
		"iss": p.URL, "sub": "ada", "aud": entraClient, "azp": "a-client", "scp": "access", "ver": "2.0",
		"roles": []string{"retool-admin"}, "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(kind))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "good"}}, options)
	require.NoError(p.t, err)
	text, err := json.Marshal(claims)
	require.NoError(p.t, err)
	signed, err := signer.Sign(text)
	require.NoError(p.t, err)
	token, err := signed.CompactSerialize()
	require.NoError(p.t, err)
	return token
}

var challenge = regexp.MustCompile(`^Bearer resource_metadata="([^"]+)".*, scope="([^"]+)"$`)

// A client that knows nothing but the address of an endpoint finds the issuer and
// the scope, also behind a proxy that serves it below a path, and its token works.
func TestRemoteSignInByEndpoint(t *testing.T) {
	t.Parallel()
	p, u := newIdentityProvider(t), newUpstream(t, good)
	proxy := httptest.NewUnstartedServer(nil)
	origin := "http://" + proxy.Listener.Addr().String()
	const below = "/tools/retool"
	r := serveRemote(t, serving(t, smallDocument(t), u), "--auth", "oauth", "--public-url", origin+below, "--log-level", "debug", "--log-format", "json",
		"--oauth-issuer", p.URL, "--oauth-audience", "https://mcp.example.com/mcp,"+entraClient,
		"--oauth-token-type", "JWT", "--oauth-scope", entraScope, "--oauth-rule", "roles=retool-admin:all")
	target, err := url.Parse(r.url)
	require.NoError(t, err)
	proxy.Config.Handler = newProxy(func(q *httputil.ProxyRequest) {
		q.Out.URL.Path = strings.TrimPrefix(q.In.URL.Path, below) // metadata passes as it is
		q.SetURL(target)
	})
	proxy.Start()
	t.Cleanup(proxy.Close)
	token := p.token("JWT", nil)
	for _, path := range []string{"/mcp", "/mcp/", "/sse", "/sse/"} {
		address := origin + below + path
		method := http.MethodPost
		if strings.HasPrefix(path, "/sse") {
			method = http.MethodGet
		}
		request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(listLine))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusUnauthorized, response.StatusCode)
		asked := challenge.FindStringSubmatch(response.Header.Get("WWW-Authenticate"))
		require.NotNil(t, asked, response.Header)
		require.Equal(t, entraScope, asked[2])
		require.Equal(t, origin+"/.well-known/oauth-protected-resource"+below+path, asked[1])
		found, err := http.Get(asked[1])
		require.NoError(t, err)
		var metadata struct {
			Resource string   `json:"resource"`
			Servers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
		}
		require.NoError(t, json.NewDecoder(found.Body).Decode(&metadata))
		require.NoError(t, found.Body.Close())
		require.Equal(t, address, metadata.Resource)
		require.Equal(t, []string{p.URL}, metadata.Servers)
		require.Equal(t, []string{entraScope}, metadata.Scopes)

		over := overHTTP
		if method == http.MethodGet {
			over = overSSE
		}
		s := requireClient(t, legacy, over(t, origin+below, map[string]string{"Authorization": "Bearer " + token}))
		require.NotEmpty(t, s.succeed("get_settings", nil))
	}
	for _, got := range u.take() {
		require.Equal(t, "Bearer "+testToken, got.header.Get("Authorization"))
	}
	require.Contains(t, r.stderr.String(), "keys of the token issuer are malformed and are not used")
	require.Eventually(t, func() bool {
		return strings.Contains(r.stderr.String(), `"tool":"get_settings"`) && strings.Contains(r.stderr.String(), `"caller":"oauth:`)
	}, waitTime, 5*time.Millisecond, "lines of calls name the caller: %s", r.stderr)
	require.NotContains(t, r.stderr.String(), token)
}

// Several rules mean the same wherever they are set.
func TestRemoteRulesFromEverySetting(t *testing.T) {
	t.Parallel()
	p, u := newIdentityProvider(t), newUpstream(t, good)
	config := func(text string) []string {
		name := filepath.Join(t.TempDir(), "retool.yaml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return []string{"--config", name}
	}
	const admins, support = "groups=cn=admins,dc=example:all", "groups=support:users,groups;read-only"
	for name, c := range map[string]struct {
		variable  string
		arguments []string
	}{
		"flags":                {"", []string{"--oauth-rule", admins, "--oauth-rule=" + support}},
		"a flag with lines":    {"", []string{"--oauth-rule", admins + "\n" + support}},
		"lines of a variable":  {admins + "\r\n  '" + support + "'\n", nil},
		"a list in the file":   {"", config(`oauth_rule: ["` + admins + `", "` + support + `"]`)},
		"a list of lines":      {"", config("oauth-rule:\n- " + admins + "\n- " + support + "\n")},
		"a block in the file":  {"", config("oauth_rule: |\n  " + admins + "\n  " + support + "\n")},
		"a folded item of one": {"", config("oauth_rule:\n- >-\n  " + admins + "\n- '" + support + " '\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := serving(t, "embedded", u, "RETOOL_MCP_OAUTH_RULE="+c.variable)
			r := serveRemote(t, env, append(c.arguments, "--auth", "oauth", "--public-url", "https://mcp.example.com", "--oauth-issuer", p.URL, "--oauth-audience", entraClient)...)
			list := func(groups ...string) httpAnswer {
				return r.post(listLine, bearer(p.token("at+jwt", object{"groups": groups})))
			}
			require.Contains(t, list("cn=admins,dc=example").body, `"disable_user"`)
			reads := list("x", "support").body
			require.Contains(t, reads, `"list_groups"`)
			require.NotContains(t, reads, `"disable_user"`)
			require.NotContains(t, reads, `"list_apps"`)
			require.Equal(t, http.StatusForbidden, list("others").status)
		})
	}
}

// Refused sign-ins are in the log and in the metrics, with their reason, and the
// token is in neither.
func TestRemoteRefusedSignIns(t *testing.T) {
	t.Parallel()
	p, u := newIdentityProvider(t), newUpstream(t, good)
	r := serveRemote(t, serving(t, smallDocument(t), u), "--auth", "oauth", "--public-url", "https://mcp.example.com", "--log-format", "json",
		"--oauth-issuer", p.URL, "--oauth-audience", entraClient, "--oauth-rule", "groups=admins:all")
	refused := map[string]string{
		"token_type":      p.token("JWT", nil),
		"wrong_audience":  p.token("at+jwt", object{"aud": nil}),
		"expired":         p.token("at+jwt", object{"exp": 1}),
		"bound_token":     p.token("at+jwt", object{"cnf": object{"jkt": "t"}}),
		"claim_elsewhere": p.token("at+jwt", object{"_claim_names": object{"groups": "src1"}, "_claim_sources": object{"src1": object{"endpoint": "https://graph.microsoft.com/"}}}),
		"no_rule":         p.token("at+jwt", nil),
		"malformed_token": testSecret,
	}
	for reason, token := range refused {
		a := r.post(listLine, bearer(token), "X-Forwarded-For: 192.0.2.7", "X-Request-Id: id-of-"+strings.ReplaceAll(reason, "_", "-"))
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, a.status, reason)
	}
	r.post(listLine)
	for reason, token := range refused {
		require.Eventually(t, func() bool { return refusedLine(r.stderr.String(), reason) != nil }, waitTime, 5*time.Millisecond, "%s in %s", reason, r.stderr)
		line := refusedLine(r.stderr.String(), reason)
		require.Equal(t, "oauth", line["method"])
		require.Equal(t, "127.0.0.1", line["client"], "no header of a proxy is trusted")
		require.Equal(t, "WARN", line["level"])
		require.Equal(t, "id-of-"+strings.ReplaceAll(reason, "_", "-"), line["request"])
		for part := range strings.SplitSeq(token, ".") {
			require.NotContains(t, r.stderr.String(), part)
		}
	}
	require.Eventually(t, func() bool { return refusedLine(r.stderr.String(), "no_token")["level"] == "INFO" }, waitTime, 5*time.Millisecond, "%s", r.stderr)
	require.Contains(t, refusedLine(r.stderr.String(), "token_type")["detail"], "--oauth-token-type (RETOOL_MCP_OAUTH_TOKEN_TYPE)")
	require.Empty(t, u.take())
}

// With passthrough Retool is who refuses a token, and that is recorded too.
func TestRemoteTokensThatRetoolRefuses(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusUnauthorized, jsonType, `{"success":false,"message":"Invalid token"}`))
	free := httptest.NewServer(nil)
	metrics := free.Listener.Addr().String()
	free.Close()
	r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL), "--auth", "passthrough", "--log-format", "json", "--metrics-listen", metrics)
	for range 15 {
		r.post(callLine("a", "get_settings", "{}"), bearer("retool_01revoked"), "X-Forwarded-For: 192.0.2.7")
	}
	line := refusedLine(r.stderr.String(), "refused_by_retool")
	require.NotNil(t, line, "%s", r.stderr)
	require.Equal(t, []any{"WARN", "passthrough", "127.0.0.1"}, []any{line["level"], line["method"], line["client"]})
	require.NotEmpty(t, line["request"])
	require.Contains(t, line["caller"], "retool:")
	require.Equal(t, 10, strings.Count(r.stderr.String(), "refused_by_retool"), "a flood is not logged whole")
	require.NotContains(t, r.stderr.String(), "retool_01revoked")
	counted, err := http.Get("http://" + metrics + "/metrics")
	require.NoError(t, err)
	defer counted.Body.Close()
	text, err := io.ReadAll(counted.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `retool_mcp_sign_ins_refused_total{method="passthrough",reason="refused_by_retool"} 15`)
}

// A proxy before Retool that wants a sign-in of its own says nothing about the token of
// the caller: no sign-in was refused.
func TestRemoteUnauthorizedPagesOfProxies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		kind, body string
		refused    bool
	}{
		"the API":               {401, jsonType, `{"success":false,"message":"Invalid token"}`, true},
		"the API with charset":  {401, "Application/JSON; charset=utf-8", `{"success":false,"message":"Invalid token"}`, true},
		"a page":                {401, "text/html", "<html><title>401 Authorization Required</title></html>", false},
		"a page with charset":   {401, "text/html; charset=utf-8", "<!doctype html><title>Sign in</title>", false},
		"XHTML":                 {401, "application/xhtml+xml", "<html/>", false},
		"a text":                {401, "text/plain", "Jwt is missing", false},
		"a page without a type": {401, "", "<html></html>", false},
		"nothing":               {401, "", "", false},
		"a proxy's own status":  {407, jsonType, `{}`, false},
		"a firewall":            {403, "text/html", "<html></html>", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answering(c.status, c.kind, c.body))
			r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL, "RETOOL_MCP_RETRIES=0"),
				"--auth", "passthrough", "--log-format", "json", "--log-level", "debug")
			require.True(t, r.post(callLine("a", "get_settings", "{}"), bearer("retool_01caller")).reply(t).Result.IsError)
			require.Eventually(t, func() bool { return strings.Contains(r.stderr.String(), `"msg":"call failed"`) }, waitTime, 5*time.Millisecond)
			require.Contains(t, r.stderr.String(), fmt.Sprintf(`"status":%d,"error":"HTTP %d"`, c.status, c.status))
			require.Equal(t, c.refused, refusedLine(r.stderr.String(), "refused_by_retool") != nil, "%s", r.stderr)
		})
	}
}

// refusedLine is the line of a JSON log about a refused sign-in.
func refusedLine(stderr, reason string) object {
	for line := range strings.Lines(stderr) {
		var entry object
		if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == "sign-in refused" && entry["reason"] == reason {
			return entry
		}
	}
	return nil
}

// Advice on a failed call names what its reader can change: over HTTP the token of
// passthrough is the caller's, and settings are the operator's.
func TestRemoteAdviceIsForWhoCanAct(t *testing.T) {
	t.Parallel()
	p := newIdentityProvider(t)
	const own, address = "--token-file (RETOOL_ACCESS_TOKEN_FILE) or --token (RETOOL_ACCESS_TOKEN)", "--url (RETOOL_URL)"
	refusing := newUpstream(t, answering(http.StatusUnauthorized, jsonType, `{"success":false,"message":"Invalid token"}`))
	page := newUpstream(t, answering(http.StatusOK, "text/html", `<html><title>Sign in</title></html>`))
	gone := newUpstream(t, good)
	gone.Close()
	for name, c := range map[string]struct {
		settings []string
		token    string // of the caller
		ownToken bool   // passthrough
		advice   string // on the token
		before   string // what stands before the name of a setting
	}{
		"none":        {nil, "", false, "Check " + own, ""},
		"token":       {[]string{"--auth", "token", "--auth-token", testSecret}, testSecret, false, "Check the operator's " + own, "the operator's "},
		"passthrough": {[]string{"--auth", "passthrough"}, "retool_01caller", true, "Check the token in your Authorization header", "the operator's "},
		"oauth": {
			[]string{"--auth", "oauth", "--public-url", "https://mcp.example.com", "--oauth-issuer", p.URL, "--oauth-audience", entraClient},
			p.token("at+jwt", nil), false, "Check the operator's " + own, "the operator's ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := func(u *upstream) string {
				env := serving(t, smallDocument(t), u, "RETOOL_MCP_RETRIES=0")
				if c.ownToken {
					env = environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL, "RETOOL_MCP_RETRIES=0")
				}
				r := serveRemote(t, env, c.settings...)
				var headers []string
				if c.token != "" {
					headers = []string{bearer(c.token)}
				}
				got := r.post(callLine("a", "get_settings", "{}"), headers...).reply(t)
				require.True(t, got.Result.IsError)
				text := got.text()
				require.Equal(t, strings.Count(text, address), strings.Count(text, c.before+address), text)
				if c.ownToken {
					require.NotContains(t, text, "--token")
				}
				require.NotContains(t, text, "retool_01caller")
				return text
			}
			require.Contains(t, ask(refusing), c.advice)
			require.Contains(t, ask(page), c.before+address)
			require.Contains(t, ask(gone), c.before+address)
		})
	}
	stdio := connect(t, legacy, serving(t, smallDocument(t), refusing, "RETOOL_MCP_AUTH=passthrough"))
	require.Contains(t, stdio.call("get_settings", nil).text, "Check "+own, "a setting of HTTP changes nothing here")
}
