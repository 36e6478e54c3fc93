package auth_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// A wrong audience is named as such, whatever else a token lacks.
func TestWrongAudienceIsNamed(t *testing.T) {
	i := newIssuer(t)
	const client = "0b3f3d5e-8a4c-4e0a-9d5e-1c2b3a4d5e6f"
	change := func(o *auth.OAuthOptions) {
		o.TokenTypes = []string{"JWT", "none"}
		o.Audiences = []string{"api://retool", client}
	}
	url, _ := i.serve(t, change)
	for name, kind := range map[string]any{"JWT": "JWT", "none": nil, "at+jwt": "at+jwt", "logout+jwt": "logout+jwt"} {
		for _, c := range []struct {
			name, detail string
			claims       map[string]any
		}{
			{"another application", `"api://other"`, map[string]any{"aud": "api://other"}},
			{"one in other case", `"api://Retool"`, map[string]any{"aud": "api://Retool"}},
			{"one with a slash that is no endpoint", `"api://retool/"`, map[string]any{"aud": "api://retool/"}},
			{"an endpoint that is not configured", resource + "/", map[string]any{"aud": resource + "/"}},
			{"another client", `"another"`, map[string]any{"aud": "another"}},
			{"several", "api://other", map[string]any{"aud": []string{"api://other", "account"}}},
			{"with a scope", `"api://other"`, map[string]any{"aud": "api://other", "scp": "access"}},
			{"an ID token of another client", `"another"`, map[string]any{"aud": "another", "nonce": "n"}},
			{"bound to a key", `"another"`, map[string]any{"aud": "another", "cnf": map[string]any{}}},
			{"expired", `"another"`, map[string]any{"aud": "another", "exp": 1}},
			{"none", "", map[string]any{"aud": nil}},
		} {
			t.Run(c.name+" of type "+name, func(t *testing.T) {
				token := i.typed(kind, c.claims)
				message := get(t, url, bearer(token)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
				require.Contains(t, message, "api://retool or "+client)
				why := deniedBy(t, i, token, change)
				require.Equal(t, "wrong_audience", why.Reason)
				require.Contains(t, why.Detail, c.detail)
			})
		}
	}
	why := deniedBy(t, i, i.typed("JWT", map[string]any{"aud": []string{"https://other.example", client}}), change)
	require.Equal(t, "no_access_token", why.Reason)
	require.Contains(t, why.Detail, "may be the id of a client, since it is not a URL of this server")
	require.Contains(t, why.Detail, "https://other.example")
}

// A client requests a token for the address of the endpoint as it knows it, with or
// without a slash at the end. Where that address is an audience, both are.
func TestAddressOfAnEndpointAsAudience(t *testing.T) {
	i := newIssuer(t)
	const public = "https://mcp.example.com/retool"
	for _, c := range []struct {
		configured       string
		accepts, refuses []string
	}{
		{public + "/mcp", []string{public + "/mcp", public + "/mcp/"}, []string{public + "/sse", public + "/mcp//", public, public + "/", public + "/MCP", public + "/mcp/x"}},
		{public + "/mcp/", []string{public + "/mcp", public + "/mcp/"}, []string{public + "/sse/", public + "/mcp//"}},
		{public + "/sse", []string{public + "/sse", public + "/sse/"}, []string{public + "/mcp", public + "/messages"}},
		{public, []string{public}, []string{public + "/", public + "/mcp", public + "/mcp/"}},
		{"https://other.example/mcp", []string{"https://other.example/mcp"}, []string{"https://other.example/mcp/", public + "/mcp"}},
		{"client", []string{"client"}, []string{"client/", public + "/mcp", public + "/mcp/"}},
	} {
		for _, kind := range []string{"at+jwt", "JWT"} {
			url, _ := i.serve(t, func(o *auth.OAuthOptions) {
				o.Audiences, o.Resources, o.TokenTypes = []string{c.configured}, twoEndpoints(public), []string{"JWT"}
			})
			for _, path := range []string{"/mcp", "/mcp/", "/sse", "/messages"} {
				for _, aud := range c.accepts {
					got := get(t, url+path, bearer(i.typed(kind, map[string]any{"aud": aud, "client_id": "a"}))...)
					require.Equal(t, 200, got.Status, fmt.Sprint(c.configured, " ", aud, " ", path, got.Body))
				}
				for _, aud := range c.refuses {
					got := get(t, url+path, bearer(i.typed(kind, map[string]any{"aud": aud, "client_id": "a"}))...)
					require.Equal(t, 401, got.Status, fmt.Sprint(c.configured, " ", aud, " ", path))
				}
			}
		}
	}
	url, _ := i.serve(t, withTypes("JWT"))
	get(t, url, bearer(i.typed("JWT", map[string]any{"aud": audience + "/"}))...).let(t) // an address is no client
}
