package auth_test

import (
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// typed is a good token with a type in its header, nil for none.
func (i *issuer) typed(kind any, changes map[string]any) string {
	options := &jose.SignerOptions{}
	if kind != nil {
		options.WithHeader(jose.HeaderType, kind)
	}
	return i.signWith(options, jose.RS256, "rsa", rsaKey(), i.claims(changes))
}

func withTypes(types ...string) func(*auth.OAuthOptions) {
	return func(o *auth.OAuthOptions) { o.TokenTypes = types }
}

// By RFC 9068, section 4, and RFC 8725, section 3.11, only a token that says so is an
// access token, unless the operator knows that the issuer sends another type.
func TestOAuthAcceptsTypesOfAccessTokens(t *testing.T) {
	i := newIssuer(t)
	const never, setting = "which is never that of an access token", "set --oauth-token-type to it"
	servers := map[string]string{}
	allowed := map[string][]string{"nothing else": nil, "JWT": {"jwt"}, "none": {"none"}, "all": {"at+jwt", "JWT", "none"}}
	for name, types := range allowed {
		servers[name], _ = i.serve(t, withTypes(types...))
	}
	for _, c := range []struct {
		name   string
		kind   any
		accept []string // servers
		logged string   // by the others
	}{
		{"at+jwt", "at+jwt", []string{"nothing else", "JWT", "none", "all"}, ""},
		{"at+jwt in full", "application/at+jwt", []string{"nothing else", "JWT", "none", "all"}, ""},
		{"at+jwt in other case", "AT+JWT", []string{"nothing else", "JWT", "none", "all"}, ""},
		{"at+jwt in full, in other case", "Application/At+Jwt", []string{"nothing else", "JWT", "none", "all"}, ""},
		{"JWT", "JWT", []string{"JWT", "all"}, "its type (typ) is JWT; if that is the type of the issuer's access tokens, " + setting},
		{"JWT in other case", "jwt", []string{"JWT", "all"}, setting},
		{"JWT in full", "application/jwt", []string{"JWT", "all"}, setting},
		{"no type", nil, []string{"none", "all"}, "its type (typ) is none; if"},
		{"the word none", "none", nil, never},
		{"an empty type", "", nil, never},
		{"a type that is no text", 7, nil, never},
		{"a list of types", []string{"at+jwt"}, nil, never},
		{"another media type", "text/at+jwt", nil, never},
		{"more than the type", "at+jwt; charset=utf-8", nil, never},
		{"blanks around the type", " at+jwt ", nil, never},
		{"a type that ends alike", "xat+jwt", nil, never},
		{"a logout token", "logout+jwt", nil, `its type (typ) is "logout+jwt", ` + never},
		{"a logout token in full", "application/logout+jwt", nil, never},
		{"a proof", "dpop+jwt", nil, `is "dpop+jwt", ` + never},
		{"a security event", "secevent+jwt", nil, `is "secevent+jwt", ` + never},
		{"an answer of introspection", "token-introspection+jwt", nil, never},
		{"a request object", "oauth-authz-req+jwt", nil, never},
		{"a credential", "vc+sd-jwt", nil, never},
	} {
		token := i.typed(c.kind, nil)
		for name, url := range servers {
			t.Run(c.name+" where "+name+" may come", func(t *testing.T) {
				got := get(t, url, bearer(token)...)
				if slices.Contains(c.accept, name) {
					got.let(t)
					return
				}
				require.Equal(t, "Invalid token: it is not an access token of a type that this server accepts; ask its operator.",
					got.refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf), "the caller does not learn more")
				require.Contains(t, deniedBy(t, i, token, withTypes(allowed[name]...)).Detail, c.logged)
			})
		}
	}
}

// What an issuer signs with the same keys for the same audience is no access token,
// whatever types the operator allows.
func TestOAuthRefusesOtherTokensOfTheIssuer(t *testing.T) {
	i := newIssuer(t)
	const client = "0b3f3d5e-8a4c-4e0a-9d5e-1c2b3a4d5e6f" // also the audience
	change := func(o *auth.OAuthOptions) {
		o.TokenTypes = []string{"JWT", "none"}
		o.Audiences = []string{audience, client}
	}
	url, _ := i.serve(t, change)
	for name, kind := range map[string]any{"JWT": "JWT", "none": nil, "at+jwt": "at+jwt"} {
		for _, c := range []struct {
			name   string
			claims map[string]any
			detail string
		}{
			{"with a nonce", map[string]any{"nonce": "n", "scope": "openid"}, "nonce"},
			{"with the hash of an access token", map[string]any{"at_hash": "h", "azp": "a"}, "at_hash"},
			{"with the hash of a code", map[string]any{"c_hash": "h"}, "c_hash"},
			{"with the hash of a state", map[string]any{"s_hash": "h"}, "s_hash"},
			{"an event", map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}, "events"},
			{"an ID token of Keycloak", map[string]any{"typ": "ID", "azp": "a"}, `its claim typ is "ID", not Bearer`},
			{"a logout token of Keycloak", map[string]any{"typ": "Logout"}, `its claim typ is "Logout", not Bearer`},
			{"an action token of Keycloak", map[string]any{"typ": "execute-actions", "scope": "openid"}, `its claim typ is "execute-actions"`},
			{"a stored ID token of Keycloak", map[string]any{"typ": "Serialized-ID", "scope": "openid"}, `its claim typ is "Serialized-ID"`},
			{"a token of Keycloak to register", map[string]any{"typ": "RegistrationAccessToken"}, `its claim typ is "RegistrationAccessToken"`},
			{"of a kind that is empty", map[string]any{"typ": "", "scope": "a"}, "its claim typ is"},
			{"of a list of kinds", map[string]any{"typ": []string{"Bearer"}, "scope": "a"}, "its claim typ is"},
			{"an ID token of Cognito", map[string]any{"token_use": "id"}, `its claim token_use is "id", not access`},
			{"with a use that is a number", map[string]any{"token_use": 1, "scope": "a"}, "its claim token_use is"},
			{"with an object as its use", map[string]any{"token_use": map[string]any{"access": true}, "scope": "a"}, "its claim token_use is"},
		} {
			t.Run(c.name+" of type "+name, func(t *testing.T) {
				token := i.typed(kind, c.claims)
				get(t, url, bearer(token)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
				why := deniedBy(t, i, token, change)
				require.Equal(t, "no_access_token", why.Reason)
				require.Contains(t, why.Detail, c.detail)
			})
		}
	}
	for _, c := range []struct {
		name   string
		claims map[string]any
		accept bool
	}{
		{"of Entra, which says nothing of a client", map[string]any{"aud": client, "name": "Ada", "oid": "1", "tid": "2", "ver": "2.0", "roles": []string{"a"}}, false},
		{"whose party is the audience", map[string]any{"aud": client, "azp": client}, false},
		{"whose party is among the audiences", map[string]any{"aud": []string{client, "other"}, "azp": "other"}, false},
		{"whose party is another client, as of Google", map[string]any{"aud": client, "azp": "android", "email": "a@b.example", "email_verified": true}, false},
		{"whose party is empty", map[string]any{"aud": client, "azp": ""}, false},
		{"of another client, with a session", map[string]any{"aud": client, "azp": "app", "sid": "s", "auth_time": 1, "acr": "1", "amr": []string{"pwd"}}, false},
		{"with an empty client", map[string]any{"aud": client, "client_id": ""}, false},
		{"with a client that is a number", map[string]any{"aud": client, "cid": 7}, false},
		{"with scopes that are false", map[string]any{"aud": client, "scope": false}, false},
		{"with scopes of blanks", map[string]any{"aud": client, "scope": " "}, false},
		{"with an object as scopes", map[string]any{"aud": client, "scope": map[string]any{"a": "b"}}, false},
		{"with an empty list of scopes", map[string]any{"aud": client, "scp": []string{}}, false},
		{"with a list of empty scopes", map[string]any{"aud": client, "scp": []any{"", 1, true}}, false},
		{"an access token of Okta with scopes", map[string]any{"aud": client, "scp": []string{"a"}}, true},
		{"an access token of Cognito without a client", map[string]any{"aud": client, "token_use": "access"}, true},
		{"an access token of Entra", map[string]any{"aud": client, "azp": client, "scp": "access", "ver": "2.0"}, true},
		{"an application's of Entra", map[string]any{"aud": client, "azp": client, "azpacr": "1", "ver": "2.0"}, true},
		{"an access token of Okta", map[string]any{"aud": client, "cid": "app"}, true},
		{"an access token of Cognito", map[string]any{"aud": client, "client_id": "app", "token_use": "access"}, true},
		{"an access token of Keycloak", map[string]any{"aud": client, "azp": "app", "typ": "Bearer", "scope": ""}, true},
		{"for an address, which is no client", map[string]any{"aud": audience}, true},
		{"for an address that is not this one and the client", map[string]any{"aud": []string{"https://other.example", client}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, url, bearer(i.typed("JWT", c.claims))...)
			if c.accept {
				got.let(t)
				return
			}
			got.refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
		})
	}
	get(t, url, bearer(i.token(map[string]any{"aud": client}))...).let(t) // its type says what it is
}

// A token that is bound to a key is worth nothing without a proof, and this server
// checks none.
func TestOAuthRefusesBoundTokens(t *testing.T) {
	url, i := newIssuer(t).serve(t)
	for name, cnf := range map[string]any{
		"to a key":                   map[string]any{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
		"to a certificate":           map[string]any{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"},
		"to a key in it":             map[string]any{"jwk": map[string]any{"kty": "OKP"}},
		"to nothing":                 map[string]any{},
		"to what is not understood":  "key",
		"to what is not even a name": false,
	} {
		token := i.token(map[string]any{"cnf": cnf})
		for _, headers := range [][]string{bearer(token), {"Authorization", "Bearer " + token, "DPoP", token}} {
			message := get(t, url, headers...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
			require.Contains(t, message, "bound to a key (cnf)", name)
		}
	}
	get(t, url, "Authorization", "DPoP "+i.token(nil)).refused(t, 401, codeUnauthorized, oauthChallenge)
}
