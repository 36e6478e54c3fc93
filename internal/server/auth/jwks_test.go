package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// setOf is a set of keys: those of the issuer that are named, and others as they are.
func (i *issuer) setOf(keys ...string) string {
	named := map[string]jose.JSONWebKey{}
	for _, key := range i.public {
		named[key.KeyID] = key
	}
	for n, key := range keys {
		if public, ok := named[key]; ok {
			text, err := json.Marshal(public)
			require.NoError(i.t, err)
			keys[n] = string(text)
		}
	}
	return `{"keys":[` + strings.Join(keys, ",") + `]}`
}

// One malformed key does not take the others with it.
func TestOneMalformedKeyIsSkipped(t *testing.T) {
	private, err := json.Marshal(jose.JSONWebKey{Key: ecKey(), KeyID: "private"})
	require.NoError(t, err)
	longID := `{"kty":"RSA","e":"AQAB","kid":"` + strings.Repeat("k", 5000) + `"}`
	for _, c := range []struct {
		name, key string
		logged    bool
	}{
		{"no modulus", `{"kty":"RSA","kid":"bad","e":"AQAB"}`, true},
		{"no exponent", `{"kty":"RSA","kid":"bad","n":"AQAB"}`, true},
		{"no base64", `{"kty":"RSA","kid":"bad","n":"!!","e":"AQAB"}`, true},
		{"a modulus that is a number", `{"kty":"RSA","kid":"bad","n":5,"e":"AQAB"}`, true},
		{"the name of a good key", `{"kty":"RSA","kid":"rsa","e":"AQAB"}`, true},
		{"a long name", longID, true},
		{"a point that is on no curve", `{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}`, true},
		{"an unknown curve", `{"kty":"EC","crv":"P-999","x":"AQ","y":"AQ"}`, false},
		{"a short Ed25519", `{"kty":"OKP","crv":"Ed25519","x":"AQ"}`, true},
		{"a bad certificate", `{"kty":"RSA","n":"AQAB","e":"AQAB","x5c":["AQAB"]}`, true},
		{"no type", `{"kid":"bad"}`, true},
		{"an empty object", `{}`, true},
		{"null", `null`, true},
		{"a text", `"rsa"`, true},
		{"a number", `7`, true},
		{"a list", `[]`, true},
		{"a private key", string(private), true},
		{"a symmetric key", `{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString([]byte(audience)) + `"}`, true},
		{"a type that is unknown here", `{"kty":"LATTICE","kid":"new"}`, false},
		{"an algorithm that is unknown here", `{"kty":"EC","crv":"secp256k1","alg":"ES256K","x":"AQ","y":"AQ"}`, false},
		{"a key for encryption", `{"kty":"RSA","use":"enc","alg":"RSA-OAEP","n":"AQAB","e":"AQAB"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t)
			i.says(keysPath, text(200, i.setOf(c.key, "rsa", c.key, "ec")))
			url, _ := i.serve(t)
			get(t, url, bearer(i.token(nil))...).let(t)
			get(t, url, bearer(i.sign(jose.ES256, "ec", ecKey(), i.claims(nil)))...).let(t)
			forged := i.sign(jose.RS256, "forged", otherRSAKey(), i.claims(nil))
			for range 3 { // each is a fetch of the same keys
				i.later(pause)
				afterwards(t, url, forged, 401)
			}
			lines := 0
			if c.logged {
				lines = 1
				require.Contains(t, i.logged(), "key 1: ")
				require.Contains(t, i.logged(), i.URL)
			}
			require.Equal(t, lines, strings.Count(i.logged(), "\n"), "it is logged once:\n%s", i.logged())
			require.Less(t, len(i.logged()), 1000)
		})
	}
}

// A set without a key that works is a fault of the issuer, not of the token, and
// does not replace keys that work.
func TestOnlyMalformedKeysAreUnavailable(t *testing.T) {
	url, i := newIssuer(t).serve(t)
	long := i.token(map[string]any{"exp": i.clock().Add(72 * time.Hour).Unix()})
	i.says(keysPath, text(200, `{"keys":[{"kty":"RSA","kid":"rsa"},{"kty":"LATTICE"}]}`))
	require.Contains(t, get(t, url, bearer(long)...).refused(t, 503, codeNotNow, ""), "the keys of its issuer are unavailable")
	require.Contains(t, i.logged(), "no key of "+i.URL+keysPath+" can be used: key 1: ")
	i.says(keysPath, nil)
	i.later(pause)
	afterwards(t, url, long, 200)
	i.says(keysPath, text(200, `{"keys":[null]}`))
	i.later(time.Hour)
	get(t, url, bearer(long)...).let(t)
	i.says(keysPath, text(200, `{"keys":[]}`)) // it withdraws them
	i.later(time.Hour)
	require.Equal(t, 401, get(t, url, bearer(long)...).Status)
}

// A key for encryption checks no signature (RFC 7517, section 4.2).
func TestKeysForEncryptionAreNotUsed(t *testing.T) {
	i := newIssuer(t)
	i.mu.Lock()
	for n := range i.public {
		if i.public[n].KeyID == "rsa" {
			i.public[n].Use = "enc"
		}
	}
	i.mu.Unlock()
	url, _ := i.serve(t)
	get(t, url, bearer(i.token(nil))...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
	get(t, url, bearer(i.sign(jose.ES256, "ec", ecKey(), i.claims(nil)))...).let(t)
}

// Microsoft Entra ID sends a reference in place of the groups of people who are in
// many.
func TestClaimsThatWereLeftOut(t *testing.T) {
	names := map[string]any{"groups": "src1"}
	sources := map[string]any{"src1": map[string]any{"endpoint": "https://graph.microsoft.com/v1.0/users/1/getMemberObjects"}}
	i := newIssuer(t)
	const leftOut, other = "the claim groups has too many values for it", "none of its claims grants access"
	for _, c := range []struct {
		name    string
		rules   []string
		claims  map[string]any
		message string // "" for access
	}{
		{"groups elsewhere", []string{"groups=admins:all"}, map[string]any{"_claim_names": names, "_claim_sources": sources}, leftOut},
		{"groups elsewhere, without where", []string{"groups=admins:all"}, map[string]any{"_claim_names": names}, leftOut},
		{"groups elsewhere, by a broken reference", []string{"groups=admins:all"}, map[string]any{"_claim_names": names, "_claim_sources": "src1"}, leftOut},
		{"groups of the implicit flow", []string{"groups=admins:all"}, map[string]any{"hasgroups": true}, leftOut},
		{"a role that matches", []string{"groups=admins:all", "roles=admin:all"}, map[string]any{"_claim_names": names, "roles": []string{"admin"}}, ""},
		{"a rule that does not need them", []string{"roles=admin:all"}, map[string]any{"_claim_names": names, "hasgroups": true}, other},
		{"another claim elsewhere", []string{"groups=admins:all"}, map[string]any{"_claim_names": map[string]any{"address": "src1"}, "groups": []string{"others"}}, other},
		{"names that are none", []string{"groups=admins:all"}, map[string]any{"_claim_names": []string{"groups"}}, other},
		{"not left out", []string{"groups=admins:all"}, map[string]any{"hasgroups": false}, other},
		{"no rules", nil, map[string]any{"_claim_names": names}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _ := i.serve(t, withRules(t, c.rules...))
			got := get(t, url, bearer(i.token(c.claims))...)
			if c.message == "" {
				got.let(t)
				return
			}
			require.Contains(t, got.refused(t, 403, codeForbidden, oauthChallenge+`, error="insufficient_scope"`), c.message)
		})
	}
}

// The operator's log names what a caller need not know.
func TestRefusalsOfGenuineTokensNameTheClaim(t *testing.T) {
	i := newIssuer(t)
	for reason, c := range map[string]struct {
		claims map[string]any
		detail string
	}{
		"wrong_audience": {map[string]any{"aud": "api://other"}, `its audience (aud) is "api://other"`},
		"wrong_issuer":   {map[string]any{"iss": "https://sts.windows.net/1/"}, `its issuer (iss) is "https://sts.windows.net/1/"`},
	} {
		why := deniedBy(t, i, i.token(c.claims))
		require.Equal(t, reason, why.Reason)
		require.Equal(t, c.detail, why.Detail)
		require.NotContains(t, why.Message, c.detail)
	}
	long := deniedBy(t, i, i.token(map[string]any{"aud": strings.Repeat("a", 5000) + "\n"}))
	require.Less(t, len(long.Detail), 200)
	require.NotContains(t, long.Detail, "\n")
	forged := deniedBy(t, i, i.sign(jose.RS256, "rsa", otherRSAKey(), i.claims(map[string]any{"aud": "api://other"})))
	require.Equal(t, "bad_signature", forged.Reason)
	require.Empty(t, forged.Detail, "nothing of a forged token is repeated")
	two, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Audiences = []string{audience, "api://other"} })
	get(t, two, bearer(i.token(map[string]any{"aud": "api://other"}))...).let(t)
	get(t, two, bearer(i.token(nil))...).let(t)
	get(t, two, bearer(i.token(map[string]any{"aud": []string{"api://other", audience}}))...).let(t)
	message := get(t, two, bearer(i.token(map[string]any{"aud": "api://third"}))...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
	require.Contains(t, message, audience+" or api://other")
}
