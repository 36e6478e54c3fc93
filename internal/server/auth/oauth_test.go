package auth_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

func TestOAuthAcceptsTokens(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	now := issuer.clock()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	want := caller.Caller{ID: "oauth:" + hashOf(issuer.URL + "\x00ada")[:16], RequestID: "request-7"}
	for name, token := range map[string]string{
		"RS256":                  issuer.token(nil),
		"RS512":                  issuer.sign(jose.RS512, "rsa", rsaKey(), issuer.claims(nil)),
		"PS256":                  issuer.sign(jose.PS256, "rsa", rsaKey(), issuer.claims(nil)),
		"ES256":                  issuer.sign(jose.ES256, "ec", ecKey(), issuer.claims(nil)),
		"EdDSA":                  issuer.sign(jose.EdDSA, "ed", edKey(), issuer.claims(nil)),
		"no key named":           issuer.sign(jose.ES256, "", ecKey(), issuer.claims(nil)),
		"for several":            issuer.token(map[string]any{"aud": []string{"another", audience}}),
		"expired within leeway":  issuer.token(map[string]any{"exp": at(-58 * time.Second)}),
		"from now on":            issuer.token(map[string]any{"nbf": at(0)}),
		"from soon on":           issuer.token(map[string]any{"nbf": at(58 * time.Second)}),
		"with fractions":         issuer.token(map[string]any{"exp": float64(at(time.Minute)) + 0.5, "nbf": float64(at(-time.Minute)) + 0.5}),
		"with claims of no rule": issuer.token(map[string]any{"scope": "anything", "groups": []string{"nobody"}}),
		"without time of issue":  issuer.token(map[string]any{"iat": nil}),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, want, get(t, url, bearer(token)...).let(t).Caller)
		})
	}
	other := get(t, url, bearer(issuer.token(map[string]any{"sub": "shortWait"}))...).let(t)
	require.NotEqual(t, want.ID, other.Caller.ID, "callers are told apart")
}

func TestOAuthRefusesOtherTokens(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	now := issuer.clock()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	good := strings.Split(issuer.token(nil), ".")
	encoded := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	require.NoError(t, err)
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	claims := issuer.claims(nil)
	const (
		signed     = "it must be signed by"
		noJWT      = "not a signed JWT"
		expired    = "it has expired"
		early      = "it is not valid yet"
		noAudience = "it has no audience (aud); its issuer must be configured to name this server, as " + audience
	)
	for _, c := range []struct{ name, token, reason string }{
		{"another issuer", issuer.token(map[string]any{"iss": "https://evil.example"}), signed},
		{"the issuer with a slash", issuer.token(map[string]any{"iss": issuer.URL + "/"}), signed},
		{"no issuer", issuer.token(map[string]any{"iss": nil}), signed},
		{"another audience", issuer.token(map[string]any{"aud": "https://other.example/mcp"}), signed},
		{"an audience that begins alike", issuer.token(map[string]any{"aud": audience + "/x"}), signed},
		{"other audiences", issuer.token(map[string]any{"aud": []string{"a", "b"}}), signed},
		{"no audience", issuer.token(map[string]any{"aud": nil}), noAudience},
		{"an empty audience", issuer.token(map[string]any{"aud": []string{}}), noAudience},
		{"an audience that is no text", issuer.token(map[string]any{"aud": []any{7, map[string]any{"a": audience}}}), noAudience},
		{"expired", issuer.token(map[string]any{"exp": at(-time.Hour)}), expired},
		{"expired at the leeway's end", issuer.token(map[string]any{"exp": at(-61 * time.Second)}), expired},
		{"never expires", issuer.token(map[string]any{"exp": nil}), "it has no expiration time (exp)"},
		{"expires at a text", issuer.token(map[string]any{"exp": "never"}), "it has no expiration time (exp)"},
		{"expires at a number in a text", issuer.token(map[string]any{"exp": "99999999999"}), "it has no expiration time (exp)"},
		{"of the future", issuer.token(map[string]any{"nbf": at(time.Hour)}), early},
		{"of just beyond the leeway", issuer.token(map[string]any{"nbf": at(63 * time.Second)}), early},
		{"of the end of time", issuer.token(map[string]any{"nbf": 1e300}), early},
		{"of a time in a text", issuer.token(map[string]any{"nbf": "1"}), "its not-before time (nbf) is not a number"},
		{"nobody's", issuer.token(map[string]any{"sub": nil}), "it has no subject (sub)"},
		{"a subject that is none", issuer.token(map[string]any{"sub": 7}), "it has no subject (sub)"},
		{"claims that are no object", issuer.sign(jose.RS256, "rsa", rsaKey(), []string{"iss"}), "its claims are not an object"},
		{"claims that are null", issuer.sign(jose.RS256, "rsa", rsaKey(), nil), signed},
		{"claims in other case", issuer.token(map[string]any{"aud": nil, "AUD": audience, "iss": nil, "ISS": issuer.URL}), signed},
		{"no algorithm", encoded(map[string]string{"alg": "none", "typ": "JWT"}) + "." + encoded(claims) + ".", noJWT},
		{"no algorithm, but a signature", encoded(map[string]string{"alg": "none", "typ": "JWT"}) + "." + encoded(claims) + "." + good[2], signed},
		{"HS256 with the public key as PEM", issuer.sign(jose.HS256, "rsa", publicPEM, claims), signed},
		{"HS256 with the public key as DER", issuer.sign(jose.HS256, "rsa", der, claims), signed},
		{"another key under a known name", issuer.sign(jose.RS256, "rsa", otherRSAKey(), claims), signed},
		{"another key under an unknown name", issuer.sign(jose.RS256, "new", otherRSAKey(), claims), signed},
		{"another key under no name", issuer.sign(jose.RS256, "", otherRSAKey(), claims), signed},
		{"a known key under the name of another", issuer.sign(jose.ES256, "rsa", ecKey(), claims), signed},
		{"changed claims", good[0] + "." + encoded(issuer.claims(map[string]any{"sub": "root"})) + "." + good[2], signed},
		{"no signature", good[0] + "." + good[1] + ".", noJWT},
		{"two parts", good[0] + "." + good[1], noJWT},
		{"four parts", strings.Join(good, ".") + ".x", noJWT},
		{"no JWT", "retool_01abcdefghijklmnop", noJWT},
		{"the other form of a JWS", `{"payload":"` + good[1] + `","protected":"` + good[0] + `","signature":"` + good[2] + `"}`, noJWT},
		{"two in one", strings.Join(good, ".") + ",Bearer " + strings.Join(good, "."), noJWT},
		{"far too long", good[0] + "." + strings.Repeat("x", 17<<10) + "." + good[2], noJWT},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, url, bearer(c.token)...)
			message := got.refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
			require.Contains(t, message, c.reason)
			noPartOf(t, c.token, got.Body)
		})
	}
	require.Empty(t, issuer.logged(), "bad tokens are no fault of the issuer")
	get(t, url, bearer(strings.Join(good, "."))...).let(t)
}

// A key that the token brings itself proves nothing.
func TestOAuthIgnoresKeysInTheToken(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	for name, options := range map[string]*jose.SignerOptions{
		"the key itself": {EmbedJWK: true},
		"where it is":    (&jose.SignerOptions{}).WithHeader("jku", "https://evil.example/keys"),
	} {
		t.Run(name, func(t *testing.T) {
			token := issuer.signWith(options, jose.RS256, "rsa", otherRSAKey(), issuer.claims(nil))
			get(t, url, bearer(token)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
		})
	}
}

func TestOAuthWithoutToken(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	token := issuer.token(nil)
	for _, c := range []struct {
		name, query string
		headers     []string
		challenge   string
	}{
		{name: "no header", challenge: oauthChallenge},
		{name: "another scheme", headers: []string{"Authorization", "DPoP " + token}, challenge: oauthChallenge},
		{name: "in the query", query: "?access_token=" + token, challenge: oauthChallenge},
		{name: "two headers", headers: append(bearer(token), bearer(token)...), challenge: oauthChallenge + invalidRequestOf},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, url+c.query, c.headers...)
			got.refused(t, 401, codeUnauthorized, c.challenge)
			noPartOf(t, token, got.Body)
		})
	}
	require.Contains(t, get(t, url).Body, issuer.URL, "the message says where to get a token")
}

func TestOAuthRefusesBadSettings(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*auth.OAuthOptions)
		message string
	}{
		{"no issuer", func(o *auth.OAuthOptions) { o.Issuer = "" }, "--oauth-issuer must be set"},
		{"an issuer in the clear", func(o *auth.OAuthOptions) { o.Issuer = "http://id.example.com" }, "--oauth-issuer must be an https URL, or an http one on a loopback address, not http://id.example.com"},
		{"an issuer without scheme", func(o *auth.OAuthOptions) { o.Issuer = "id.example.com" }, "--oauth-issuer must be an https URL"},
		{"an issuer without host", func(o *auth.OAuthOptions) { o.Issuer = "https:///realms/x" }, "--oauth-issuer must be an https URL"},
		{"an issuer of another scheme", func(o *auth.OAuthOptions) { o.Issuer = "ftp://localhost" }, "--oauth-issuer must be an https URL"},
		{"an issuer that only looks local", func(o *auth.OAuthOptions) { o.Issuer = "http://localhost.evil.example" }, "--oauth-issuer must be an https URL"},
		{"an issuer with a query", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com/?a=b" }, "--oauth-issuer must not have a query"},
		{"an issuer with a fragment", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com/#a" }, "--oauth-issuer must not have a fragment"},
		{"an issuer with a user", func(o *auth.OAuthOptions) { o.Issuer = "https://me:hidden@id.example.com" }, "--oauth-issuer must not have a user"},
		{"an issuer that is no URL", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com:hidden" }, "--oauth-issuer is not a URL"},
		{"the issuer's metadata", func(o *auth.OAuthOptions) {
			o.Issuer = "https://id.example.com/realms/x/.well-known/openid-configuration"
		}, "--oauth-issuer must be the issuer and not the address of its metadata: perhaps https://id.example.com/realms/x, if"},
		{"the metadata with a slash", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com/.well-known/openid-configuration/" }, "perhaps https://id.example.com, if"},
		{"the metadata of RFC 8414", func(o *auth.OAuthOptions) {
			o.Issuer = "https://id.example.com/.well-known/oauth-authorization-server/x"
		}, "not the address of its metadata"},
		{"the issuer's keys", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com/.well-known/jwks.json" }, "not the address of its metadata"},
		{"the metadata in other case", func(o *auth.OAuthOptions) { o.Issuer = "https://id.example.com/x%20y/.Well-Known/OpenID-Configuration" }, "perhaps https://id.example.com/x%20y, if"},
		{"an issuer with a tenant to fill in", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/<tenant>/v2.0" }, "--oauth-issuer has a placeholder (<): replace it"},
		{"an issuer with a host to fill in", func(o *auth.OAuthOptions) { o.Issuer = "https://<tenant>.example.com/" }, "--oauth-issuer has a placeholder"},
		{"an issuer of a template", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/{tenantid}/v2.0" }, "--oauth-issuer has a placeholder ({)"},
		{"an issuer with a variable", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/${TENANT}/v2.0" }, "--oauth-issuer has a placeholder"},
		{"an issuer with a variable of a shell", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/$TENANT/v2.0" }, "--oauth-issuer has a placeholder (/$)"},
		{"an issuer copied from a browser", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/%3Ctenant%3E/v2.0" }, "--oauth-issuer has a placeholder (%3c)"},
		{"an issuer with a variable of Windows", func(o *auth.OAuthOptions) { o.Issuer = "https://login.example.com/%TENANT%/v2.0" }, "--oauth-issuer is not a URL"},
		{"keys of a placeholder", func(o *auth.OAuthOptions) { o.JWKSURL = "https://id.example.com/<tenant>/keys" }, "--oauth-jwks-url has a placeholder"},
		{"keys that are metadata", func(o *auth.OAuthOptions) { o.JWKSURL = "https://id.example.com/.well-known/openid-configuration" }, "--oauth-jwks-url must be the address of keys and not of metadata"},
		{"a resource of a placeholder", func(o *auth.OAuthOptions) { o.Resources[0].URL = "https://{host}/mcp" }, "--public-url has a placeholder"},
		{"no audience", func(o *auth.OAuthOptions) { o.Audiences = nil }, "--oauth-audience must be set"},
		{"an empty audience", func(o *auth.OAuthOptions) { o.Audiences = []string{"a", ""} }, "--oauth-audience must be set"},
		{"a type of no access token", func(o *auth.OAuthOptions) { o.TokenTypes = []string{"JWT", "logout+jwt"} }, `--oauth-token-type must be JWT or none, not "logout+jwt"`},
		{"two scopes in one", func(o *auth.OAuthOptions) { o.Scopes = []string{"read write"} }, `--oauth-scope: "read write" is not a scope`},
		{"a scope that ends the challenge", func(o *auth.OAuthOptions) { o.Scopes = []string{`read", x="`} }, "--oauth-scope: "},
		{"a scope with a line break", func(o *auth.OAuthOptions) { o.Scopes = []string{"read\nX: y"} }, "--oauth-scope: "},
		{"keys in the clear", func(o *auth.OAuthOptions) { o.JWKSURL = "http://id.example.com/keys" }, "--oauth-jwks-url must be an https URL"},
		{"no resource", func(o *auth.OAuthOptions) { o.Resources = nil }, "--public-url must be set"},
		{"a resource in the clear", func(o *auth.OAuthOptions) { o.Resources[0].URL = "http://mcp.example.com/mcp" }, "--public-url must be an https URL"},
		{"a resource with a query", func(o *auth.OAuthOptions) { o.Resources[0].URL = "https://mcp.example.com/mcp?x" }, "--public-url must not have a query"},
		{"a rule without toolsets", func(o *auth.OAuthOptions) { o.Rules = []auth.Rule{{Claim: "groups", Value: "admins"}} }, `the rule for the claim "groups": it has no toolset`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := auth.OAuthOptions{Issuer: "https://id.example.com", Audiences: []string{audience}, Resources: endpoint(resource), SettingNames: auth.SettingNames{
				Issuer: "--oauth-issuer", Audience: "--oauth-audience", TokenType: "--oauth-token-type", JWKSURL: "--oauth-jwks-url", Resource: "--public-url", Scope: "--oauth-scope",
			}}
			_, err := auth.OAuth(o)
			require.NoError(t, err)
			c.change(&o)
			_, err = auth.OAuth(o)
			require.ErrorContains(t, err, c.message)
			require.NotContains(t, err.Error(), "hidden")
		})
	}
	for _, issuer := range []string{"http://127.0.0.1:8080", "http://[::1]/realms/x", "http://localhost:9"} {
		_, err := auth.OAuth(auth.OAuthOptions{Issuer: issuer, Audiences: []string{audience}, Resources: endpoint("http://localhost:8000/mcp"), JWKSURL: "http://127.0.0.1:1/.well-known/jwks.json?v=1"})
		require.NoError(t, err, issuer)
	}
}
