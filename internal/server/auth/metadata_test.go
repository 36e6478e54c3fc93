package auth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

const metadataPath = "/.well-known/oauth-protected-resource"

func TestMetadata(t *testing.T) {
	o := auth.OAuthOptions{Issuer: "https://id.example.com/realms/x", Audiences: []string{audience}, Resources: endpoint(resource)}
	const most = `"resource": "https://mcp.example.com/mcp", "authorization_servers": ["https://id.example.com/realms/x"], "bearer_methods_supported": ["header"], "resource_name": "retool-mcp"`
	for name, c := range map[string]struct {
		rules []string
		want  string
	}{
		"without rules":              {nil, `{` + most + `}`},
		"with rules on other claims": {[]string{"groups=admins:all"}, `{` + most + `}`},
		"with rules on scopes":       {[]string{"scope=retool.read:all;read-only", "groups=admins:all", "scope=retool.write:all"}, `{` + most + `, "scopes_supported": ["retool.read", "retool.write"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			withRules(t, c.rules...)(&o)
			s := httptest.NewServer(auth.Metadata(o))
			defer s.Close()
			got := get(t, s.URL+"/.well-known/oauth-protected-resource/mcp")
			require.Equal(t, http.StatusOK, got.Status)
			require.Equal(t, "application/json", got.Header.Get("Content-Type"))
			require.JSONEq(t, c.want, got.Body)
		})
	}
}

func TestMetadataIsReadOnly(t *testing.T) {
	s := httptest.NewServer(auth.Metadata(auth.OAuthOptions{Issuer: "https://id.example.com", Resources: endpoint(resource)}))
	defer s.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+metadataPath, strings.NewReader("{}"))
	require.NoError(t, err)
	got := do(t, req)
	require.Equal(t, http.StatusMethodNotAllowed, got.Status)
	require.Equal(t, "GET, HEAD", got.Header.Get("Allow"))
	req, err = http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL+metadataPath, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, do(t, req).Status)
}

// twoEndpoints are those of a server below a path, which a proxy removes.
func twoEndpoints(public string) []auth.Resource {
	return []auth.Resource{{URL: public + "/mcp", Paths: []string{"/mcp"}}, {URL: public + "/sse", Paths: []string{"/sse", "/messages"}}}
}

// Each endpoint has metadata of its own, whose resource is the address that the
// client knows (RFC 9728, section 3.3), and its challenges lead there.
func TestEachEndpointHasMetadata(t *testing.T) {
	for _, public := range []string{"https://mcp.example.com", "https://example.com:8443/tools/retool", "http://localhost:8000"} {
		u, err := url.Parse(public)
		require.NoError(t, err)
		origin, below := u.Scheme+"://"+u.Host, u.Path
		i := newIssuer(t)
		o := i.options()
		o.Resources = twoEndpoints(public)
		a, err := auth.OAuth(o)
		require.NoError(t, err)
		mux := http.NewServeMux()
		mux.Handle(metadataPath, auth.Metadata(o))
		mux.Handle(metadataPath+"/", auth.Metadata(o))
		mux.Handle("/", auth.Middleware(a, served, http.NotFoundHandler()))
		s := httptest.NewServer(mux)
		t.Cleanup(s.Close)
		for request, resource := range map[string]string{
			"/mcp": "/mcp", "/mcp/": "/mcp/", "/sse": "/sse", "/sse/": "/sse/", "/messages?sessionId=1": "/sse", "/metrics": "/mcp",
		} {
			want := metadataPath + below + resource
			require.Equal(t, `Bearer resource_metadata="`+origin+want+`"`, get(t, s.URL+request).Header.Get("WWW-Authenticate"), request)
			for _, path := range []string{want, metadataPath + resource} { // as a proxy forwards it
				got := get(t, s.URL+path)
				require.Equal(t, http.StatusOK, got.Status, path)
				require.Equal(t, public+resource, resourceIn(t, got), path)
			}
		}
		require.Equal(t, public+"/mcp", resourceIn(t, get(t, s.URL+metadataPath)), "some clients omit the path")
		for _, path := range []string{"/", "/mcp/more", "/mcpx", "/messages", "/other", "/MCP", "/mcp/..%2fsse"} {
			require.Equal(t, http.StatusNotFound, get(t, s.URL+metadataPath+path).Status, path)
		}
	}
}

func resourceIn(t *testing.T, got reply) string {
	t.Helper()
	var m struct {
		Resource string `json:"resource"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.Body), &m))
	return m.Resource
}

// What clients request is advertised apart from rules, in metadata and challenges.
func TestAdvertisedScopes(t *testing.T) {
	i := newIssuer(t)
	const access = "https://mcp.example.com/mcp/access"
	for _, c := range []struct {
		name   string
		scopes []string
		rules  []string
		want   []string
	}{
		{"none", nil, []string{"groups=admins:all"}, nil},
		{"of rules on scope", nil, []string{"scope=read:all;read-only", "scope=write:all"}, []string{"read", "write"}},
		{"not of rules on scp, which lacks the application", nil, []string{"scp=access:all"}, nil},
		{"of the setting", []string{access}, []string{"groups=admins:all"}, []string{access}},
		{"of the setting alone", []string{access, "offline_access"}, []string{"scope=read:all", "scp=access:all"}, []string{access, "offline_access"}},
		{"one twice", []string{"a", "b", "a"}, []string{"roles=admin:all"}, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := func(o *auth.OAuthOptions) {
				o.Scopes = c.scopes
				withRules(t, c.rules...)(o)
			}
			address, _ := i.serve(t, change)
			o := i.options()
			change(&o)
			s := httptest.NewServer(auth.Metadata(o))
			defer s.Close()
			var m struct {
				Scopes []string `json:"scopes_supported"`
			}
			require.NoError(t, json.Unmarshal([]byte(get(t, s.URL+metadataPath+"/mcp").Body), &m))
			require.Equal(t, c.want, m.Scopes)
			scope := ""
			if c.want != nil {
				scope = `, scope="` + strings.Join(c.want, " ") + `"`
			}
			get(t, address).refused(t, 401, codeUnauthorized, oauthChallenge+scope)
			get(t, address, bearer("x")...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf+scope)
			get(t, address, bearer(i.token(nil))...).refused(t, 403, codeForbidden, oauthChallenge+`, error="insufficient_scope"`+scope)
		})
	}
	address, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Scopes = []string{access} })
	get(t, address, bearer(i.token(nil))...).let(t) // a token need not have them
}

func TestMetadataURL(t *testing.T) {
	for resource, want := range map[string]string{
		"https://mcp.example.com":            "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/":           "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/mcp":        "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
		"https://example.com:8443/a%20b/mcp": "https://example.com:8443/.well-known/oauth-protected-resource/a%20b/mcp",
		"http://127.0.0.1:8000/mcp":          "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp",
	} {
		address, _ := newIssuer(t).serve(t, func(o *auth.OAuthOptions) { o.Resources = endpoint(resource) })
		require.Equal(t, `Bearer resource_metadata="`+want+`"`, get(t, address).Header.Get("WWW-Authenticate"))
	}
	o := newIssuer(t).options()
	o.Resources[0].URL = "http://mcp.example.com/mcp"
	_, err := auth.OAuth(o)
	require.ErrorContains(t, err, "resource must be an https URL")
}
