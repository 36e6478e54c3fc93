package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

func TestMetadata(t *testing.T) {
	o := auth.OAuthOptions{Issuer: "https://id.example.com/realms/x", Audience: audience, Resource: resource}
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
	s := httptest.NewServer(auth.Metadata(auth.OAuthOptions{Issuer: "https://id.example.com", Resource: resource}))
	defer s.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader("{}"))
	require.NoError(t, err)
	got := do(t, req)
	require.Equal(t, http.StatusMethodNotAllowed, got.Status)
	require.Equal(t, "GET, HEAD", got.Header.Get("Allow"))
	req, err = http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, do(t, req).Status)
}

func TestMetadataURL(t *testing.T) {
	for resource, want := range map[string]string{
		"https://mcp.example.com":            "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/":           "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/mcp":        "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
		"https://example.com:8443/a%20b/mcp": "https://example.com:8443/.well-known/oauth-protected-resource/a%20b/mcp",
		"http://127.0.0.1:8000/mcp":          "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp",
	} {
		url, _ := newIssuer(t).serve(t, func(o *auth.OAuthOptions) { o.Resource = resource })
		require.Equal(t, `Bearer resource_metadata="`+want+`"`, get(t, url).Header.Get("WWW-Authenticate"))
	}
	o := newIssuer(t).options()
	o.Resource = "http://mcp.example.com/mcp"
	_, err := auth.OAuth(o)
	require.ErrorContains(t, err, "resource must be an https URL")
}
