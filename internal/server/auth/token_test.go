package auth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

const (
	secret             = "correct-horse-battery-staple"
	tokenChallenge     = `Bearer realm="retool-mcp"`
	retoolChallenge    = `Bearer realm="Retool access token"`
	invalidTokenOf     = `, error="invalid_token"`
	invalidRequestOf   = `, error="invalid_request"`
	codeUnauthorized   = -32001
	codeForbidden      = -32003
	codeInvalidRequest = -32600
	codeNotNow         = -32000
)

func withSecret(t *testing.T) auth.Authenticator {
	a, err := auth.Token(secret)
	require.NoError(t, err)
	return a
}

func TestNoneAcceptsEveryone(t *testing.T) {
	url := serve(t, auth.None())
	for name, headers := range map[string][]string{
		"no header":         nil,
		"a bearer":          bearer("whatever"),
		"another scheme":    {"Authorization", "Basic dXNlcjpwYXNz"},
		"a header too many": {"Authorization", "Bearer a", "Authorization", "Bearer b"},
	} {
		t.Run(name, func(t *testing.T) {
			got := get(t, url, headers...).let(t)
			require.Equal(t, caller.Caller{ID: "local", RequestID: "request-7"}, got.Caller)
		})
	}
}

func TestInvalidSecrets(t *testing.T) {
	for name, unusable := range map[string]string{
		"none":              "",
		"too short":         "fifteen-letters",
		"with a blank":      "correct horse battery staple",
		"with a line break": "correct-horse-battery\nstaple",
		"with a control":    "correct-horse-battery-staple\x7f",
		"beyond ASCII":      "correct-horse-bättery-staple",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth.Token(unusable)
			require.ErrorContains(t, err, "the shared secret")
			if unusable != "" {
				require.NotContains(t, err.Error(), unusable)
			}
		})
	}
	_, err := auth.Token("sixteen-letters!")
	require.NoError(t, err)
}

func TestTokenAcceptsTheSecret(t *testing.T) {
	url := serve(t, withSecret(t))
	for _, value := range []string{"Bearer " + secret, "bearer " + secret, "BEARER " + secret, "Bearer   " + secret} {
		got := get(t, url, "Authorization", value).let(t)
		require.Equal(t, caller.Caller{ID: "token", RequestID: "request-7"}, got.Caller, value)
	}
}

func TestTokenRefusesOtherSecrets(t *testing.T) {
	url := serve(t, withSecret(t))
	for _, c := range []struct {
		name, query string
		headers     []string
		challenge   string
	}{
		{name: "no header", challenge: tokenChallenge},
		{name: "no token", headers: []string{"Authorization", "Bearer"}, challenge: tokenChallenge},
		{name: "an empty header", headers: []string{"Authorization", ""}, challenge: tokenChallenge},
		{name: "another scheme", headers: []string{"Authorization", "Basic " + secret}, challenge: tokenChallenge},
		{name: "no scheme", headers: []string{"Authorization", secret}, challenge: tokenChallenge},
		{name: "a scheme that begins alike", headers: []string{"Authorization", "BearerX " + secret}, challenge: tokenChallenge},
		{name: "a tab for the blank", headers: []string{"Authorization", "Bearer\t" + secret}, challenge: tokenChallenge},
		{name: "in the query", query: "?access_token=" + secret, challenge: tokenChallenge},
		{name: "in another header", headers: []string{"X-Auth-Token", secret, "Proxy-Authorization", "Bearer " + secret, "Cookie", "access_token=" + secret}, challenge: tokenChallenge},
		{name: "wrong", headers: bearer("wrong-horse-battery-staple!!"), challenge: tokenChallenge + invalidTokenOf},
		{name: "the beginning", headers: bearer(secret[:16]), challenge: tokenChallenge + invalidTokenOf},
		{name: "more than it", headers: bearer(secret + "s"), challenge: tokenChallenge + invalidTokenOf},
		{name: "twice in one", headers: bearer(secret + ", Bearer " + secret), challenge: tokenChallenge + invalidTokenOf},
		{name: "its hash", headers: bearer(hashOf(secret)), challenge: tokenChallenge + invalidTokenOf},
		{name: "in other letters", headers: bearer(strings.ToUpper(secret)), challenge: tokenChallenge + invalidTokenOf},
		{name: "two headers, both right", headers: append(bearer(secret), bearer(secret)...), challenge: tokenChallenge + invalidRequestOf},
		{name: "two headers, one right", headers: append(bearer(secret), "Authorization", "Basic eA=="), challenge: tokenChallenge + invalidRequestOf},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, url+c.query, c.headers...)
			got.refused(t, 401, codeUnauthorized, c.challenge)
			require.NotContains(t, got.Body, secret)
		})
	}
}

func TestPassthroughUsesTheCallersToken(t *testing.T) {
	url := serve(t, auth.Passthrough())
	for _, token := range []string{"x", "retool_01abcdef", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", strings.Repeat("t", 512)} {
		got := get(t, url, bearer(token)...).let(t)
		require.Equal(t, caller.Caller{ID: "retool:" + hashOf(token)[:16], Token: token, RequestID: "request-7"}, got.Caller)
	}
}

func TestPassthroughRefusesMalformedTokens(t *testing.T) {
	url := serve(t, auth.Passthrough())
	for _, c := range []struct {
		name      string
		headers   []string
		challenge string
	}{
		{"no header", nil, retoolChallenge},
		{"no token", []string{"Authorization", "Bearer "}, retoolChallenge},
		{"another scheme", []string{"Authorization", "Token retool_01abcdef"}, retoolChallenge},
		{"too long", bearer(strings.Repeat("t", 513)), retoolChallenge + invalidTokenOf},
		{"a blank in it", bearer("retool_01 abcdef"), retoolChallenge + invalidTokenOf},
		{"two in one", bearer("retool_01a, Bearer retool_01b"), retoolChallenge + invalidTokenOf},
		{"beyond ASCII", bearer("retool_01äbcdef"), retoolChallenge + invalidTokenOf},
		{"two headers", append(bearer("retool_01a"), bearer("retool_01b")...), retoolChallenge + invalidRequestOf},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, url, c.headers...)
			got.refused(t, 401, codeUnauthorized, c.challenge)
			require.NotContains(t, got.Body, "retool_01")
		})
	}
	message := get(t, url).refused(t, 401, codeUnauthorized, retoolChallenge)
	require.Contains(t, message, `Send your Retool access token as "Authorization: Bearer TOKEN"`)
}

// No test can tell by the clock, across a network, that a comparison takes the same
// time for all secrets. So this one reads the source: hashes, in constant time.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "token.go", nil, 0)
	require.NoError(t, err)
	calls := map[string]int{}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Name.Name != "authenticate" && f.Name.Name != "passthrough" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok {
					calls[s.Sel.Name]++
				}
			}
			if b, ok := n.(*ast.BinaryExpr); ok && b.Op == token.EQL {
				require.Fail(t, "something is compared by its bytes")
			}
			return true
		})
	}
	require.Equal(t, 1, calls["ConstantTimeCompare"])
	require.Equal(t, 1, calls["Sum256"])
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// A client that sends a placeholder, or a line of a file, in place of a token is told
// so; what it sent is not repeated. Quotes around a token do not count.
func TestPlaceholdersInTheHeaderAreNamed(t *testing.T) {
	shared, own := serve(t, withSecret(t)), serve(t, auth.Passthrough())
	for sent, form := range map[string]string{
		"${HUNTER2}": "${…}", "${input:hunter2}": "${…}", "$HUNTER2": "$NAME", "%HUNTER2%": "%NAME%", "{env:HUNTER2}": "{env:…}", "{{HUNTER2}}": "{{…}}", `"${HUNTER2}"`: "${…}",
	} {
		for url, challenge := range map[string]string{shared: tokenChallenge, own: retoolChallenge} {
			message := get(t, url, bearer(sent)...).refused(t, 401, codeUnauthorized, challenge+invalidTokenOf)
			require.Contains(t, message, "the placeholder "+form)
			require.NotContains(t, strings.ToLower(message), "hunter2")
		}
	}
	for sent, form := range map[string]string{"<hunter2>": "<…>", "RETOOL_TOKEN=hunter2": "NAME=value", "Bearer hunter2": "a header", `{"token":"hunter2"}`: "a JSON object"} {
		message := get(t, own, bearer(sent)...).refused(t, 401, codeUnauthorized, retoolChallenge+invalidTokenOf)
		require.Contains(t, message, form)
		require.NotContains(t, message, "hunter2")
	}
	for _, sent := range []string{"retool_a", `"retool_a"`, " 'retool_a' "} {
		require.Equal(t, "retool_a", get(t, own, bearer(sent)...).let(t).Caller.Token)
	}
	require.Equal(t, "retool_a==", get(t, own, bearer("retool_a==")...).let(t).Caller.Token)
}
