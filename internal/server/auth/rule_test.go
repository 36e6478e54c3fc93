package auth_test

import (
	"maps"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

func TestParseRule(t *testing.T) {
	for text, want := range map[string]auth.Rule{
		"groups=retool-admins:all":                   {Claim: "groups", Value: "retool-admins", Toolsets: []string{"all"}},
		"roles=support:users,groups;read-only":       {Claim: "roles", Value: "support", Toolsets: []string{"users", "groups"}, ReadOnly: true},
		"scope=retool.read:all;read-only":            {Claim: "scope", Value: "retool.read", Toolsets: []string{"all"}, ReadOnly: true},
		"groups=cn=admins,dc=example:source_control": {Claim: "groups", Value: "cn=admins,dc=example", Toolsets: []string{"source_control"}},
		"permissions=read:users:users;read-only":     {Claim: "permissions", Value: "read:users", Toolsets: []string{"users"}, ReadOnly: true},
		"https://example.com/roles=admin:core":       {Claim: "https://example.com/roles", Value: "admin", Toolsets: []string{"core"}},
		"realm_access.roles=admin:all":               {Claim: "realm_access.roles", Value: "admin", Toolsets: []string{"all"}},
		"groups=a;b:users":                           {Claim: "groups", Value: "a;b", Toolsets: []string{"users"}},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := auth.ParseRule(text)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	got, err := auth.ParseRule(" roles = a b : users , groups ; read-only ")
	require.NoError(t, err)
	require.Equal(t, auth.Rule{Claim: "roles", Value: "a b", Toolsets: []string{"users", "groups"}, ReadOnly: true}, got, "blanks around do not count")
	for text, message := range map[string]string{
		"":                               "must have the form CLAIM=VALUE:TOOLSETS",
		"groups":                         "must have the form CLAIM=VALUE:TOOLSETS",
		"groups=admins":                  "must have the form CLAIM=VALUE:TOOLSETS",
		"groups:all":                     "must have the form CLAIM=VALUE:TOOLSETS",
		"=admins:all":                    "it has no claim",
		"groups=:all":                    "it has no value",
		"groups=admins:":                 `"" is not a toolset name`,
		"groups=admins:users,":           `"" is not a toolset name`,
		"groups=admins:user groups":      `"user groups" is not a toolset name`,
		"groups=admins:users;readonly":   "only read-only may follow the semicolon",
		"groups=admins:users;":           "only read-only may follow the semicolon",
		"groups=admins:a;read-only;b":    "only read-only may follow the semicolon",
		"groups=admins:users;read-only:": "is not a toolset name",
		"scope=a b:users":                "the value is not a scope",
		`scope=a"b:users`:                "the value is not a scope",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := auth.ParseRule(text)
			require.ErrorContains(t, err, message)
		})
	}
}

// A list with the wrong separator would be one rule that no token matches, or, with
// another claim, one that grants too much.
func TestSeveralRulesInARowAreRefused(t *testing.T) {
	for _, text := range []string{
		"groups=a:all,groups=b:users",
		"groups=a:all, groups=b:users",
		"groups=retool-admins:all,groups=support:users;read-only",
		"groups=a:users,groups;read-only,roles=b:all",
		"groups=a:users,groups;read-only;roles=b:all",
		"groups=a:all;groups=b:users",
		"groups=a:all groups=b:users",
		"groups=a:all\tgroups=b:users",
		"groups=a:all\ngroups=b:users",
		"groups=a:all|groups=b:users",
		"groups=a:all & groups=b:users",
		"groups = a : all , groups = b : users",
		"groups=cn=a,dc=b:all,groups=cn=c,dc=d:users",
		"roles=a:all,https://example.com/roles=b:users",
		"roles=a:all,custom:roles=b:users",
		"realm_access.roles=a:all,realm_access.roles=b:users,realm_access.roles=c:core",
		"groups=a,groups=b:users",
		"groups=a; groups=b:users",
		`["groups=a:all","groups=b:users"]`,
		`["groups=a:all"]`,
		`[groups=a:all, groups=b:users]`,
		`"groups=a:all","groups=b:users"`,
		`{"groups=a:all"}`,
		"a,groups=b:users",
	} {
		_, err := auth.ParseRule(text)
		require.ErrorContains(t, err, "looks like several: give each a flag of its own, a line of the variable", text)
	}
	for _, text := range []string{
		"groups=cn=a,ou=groups,dc=example,dc=com:all", "groups=CN=x;OU=y:all", "groups=subgroups=x:all", "custom:groups=a:users,groups;read-only",
		"https://example.com:8443/roles=a b:users,groups", "groups=urn:example:a=b:users", "permissions=read:users,write:users", "groups=https://a.example/?x=y:users",
	} {
		_, err := auth.ParseRule(text)
		require.NoError(t, err, text)
	}
}

func TestRuleGrants(t *testing.T) {
	list := func(values ...any) []any { return values }
	for _, c := range []struct {
		name     string
		rules    []string
		claims   map[string]any
		toolsets []string
		writes   []string
		readOnly bool
		none     bool // rule fits
	}{
		{name: "no rules"},
		{name: "a text", rules: []string{"role=support:users"}, claims: map[string]any{"role": "support"}, toolsets: []string{"users"}},
		{name: "a list", rules: []string{"role=support:users"}, claims: map[string]any{"role": list("a", "support")}, toolsets: []string{"users"}},
		{name: "a mixed list", rules: []string{"role=support:users"}, claims: map[string]any{"role": list(1, nil, list("x"), map[string]any{}, "support")}, toolsets: []string{"users"}},
		{name: "all", rules: []string{"role=admin:all"}, claims: map[string]any{"role": "admin"}},
		{name: "read-only", rules: []string{"role=admin:all;read-only"}, claims: map[string]any{"role": "admin"}, readOnly: true},
		{name: "one scope of several", rules: []string{"scope=b:users"}, claims: map[string]any{"scope": "a b c"}, toolsets: []string{"users"}},
		{name: "scp", rules: []string{"scp=b:users"}, claims: map[string]any{"scp": "a b c"}, toolsets: []string{"users"}},
		{name: "a list of scopes", rules: []string{"scope=b:users"}, claims: map[string]any{"scope": list("a", "b")}, toolsets: []string{"users"}},
		{name: "nested", rules: []string{"realm_access.roles=admin:users"}, claims: map[string]any{"realm_access": map[string]any{"roles": list("admin")}}, toolsets: []string{"users"}},
		{name: "nested under a name with dots", rules: []string{"resource_access.my.client.roles=admin:users"}, claims: map[string]any{"resource_access": map[string]any{"my": map[string]any{}, "my.client": map[string]any{"roles": list("admin")}}}, toolsets: []string{"users"}},
		{name: "a name that is a URL", rules: []string{"https://example.com/roles=admin:users"}, claims: map[string]any{"https://example.com/roles": list("admin")}, toolsets: []string{"users"}},
		{name: "a name with dots before a path", rules: []string{"a.b=right:users"}, claims: map[string]any{"a.b": "right", "a": map[string]any{"b": "wrong"}}, toolsets: []string{"users"}},
		{name: "several add up", rules: []string{"role=a:users", "role=b:groups,users", "role=c:apps"}, claims: map[string]any{"role": list("a", "b")}, toolsets: []string{"users", "groups"}},
		{name: "all and another", rules: []string{"role=a:users", "role=b:all"}, claims: map[string]any{"role": list("a", "b")}},
		{name: "read-only if all say so", rules: []string{"role=a:users;read-only", "role=b:groups;read-only"}, claims: map[string]any{"role": list("a", "b")}, toolsets: []string{"users", "groups"}, readOnly: true},
		{name: "writing where a rule allows it", rules: []string{"role=a:users;read-only", "role=b:groups"}, claims: map[string]any{"role": list("a", "b")}, toolsets: []string{"users", "groups"}, writes: []string{"groups"}},
		{name: "also if it comes first", rules: []string{"role=a:users", "role=b:groups;read-only"}, claims: map[string]any{"role": list("a", "b")}, toolsets: []string{"users", "groups"}, writes: []string{"users"}},
		{name: "reading all, writing some", rules: []string{"role=a:all;read-only", "role=b:groups"}, claims: map[string]any{"role": list("a", "b")}, writes: []string{"groups"}},
		{name: "writing all", rules: []string{"role=a:users;read-only", "role=b:all"}, claims: map[string]any{"role": list("a", "b")}},
		{name: "a rule that does not fit lifts nothing", rules: []string{"role=a:users;read-only", "role=b:groups"}, claims: map[string]any{"role": list("a")}, toolsets: []string{"users"}, readOnly: true},

		{name: "no claim", rules: []string{"role=a:users"}, none: true},
		{name: "another value", rules: []string{"role=a:users"}, claims: map[string]any{"role": "b"}, none: true},
		{name: "other letters", rules: []string{"role=a:users"}, claims: map[string]any{"role": "A"}, none: true},
		{name: "part of a value", rules: []string{"role=a:users"}, claims: map[string]any{"role": "ab"}, none: true},
		{name: "a role with blanks is one role", rules: []string{"role=a:users"}, claims: map[string]any{"role": "a b"}, none: true},
		{name: "part of a scope", rules: []string{"scope=read:users"}, claims: map[string]any{"scope": "read.all reader"}, none: true},
		{name: "a number", rules: []string{"role=1:users"}, claims: map[string]any{"role": 1}, none: true},
		{name: "true", rules: []string{"admin=true:users"}, claims: map[string]any{"admin": true}, none: true},
		{name: "null", rules: []string{"role=a:users"}, claims: map[string]any{"role": nil}, none: true},
		{name: "an object", rules: []string{"role=a:users"}, claims: map[string]any{"role": map[string]any{"a": true}}, none: true},
		{name: "a path that ends early", rules: []string{"a.b.c=x:users"}, claims: map[string]any{"a": map[string]any{"b": "x"}}, none: true},
		{name: "an empty list", rules: []string{"role=a:users"}, claims: map[string]any{"role": list()}, none: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			issuer := newIssuer(t)
			url, _ := issuer.serve(t, withRules(t, c.rules...))
			all := issuer.claims(nil)
			maps.Copy(all, c.claims)
			got := get(t, url, bearer(issuer.sign(jose.ES256, "ec", ecKey(), all))...)
			if c.none {
				challenge := oauthChallenge + `, error="insufficient_scope"`
				if c.rules[0] == "scope=read:users" {
					challenge += `, scope="read"`
				}
				got.refused(t, 403, codeForbidden, challenge)
				return
			}
			asks := got.let(t).Caller
			require.Equal(t, c.toolsets, asks.Toolsets)
			require.Equal(t, c.writes, asks.WriteToolsets)
			require.Equal(t, c.readOnly, asks.ReadOnly)
			require.Empty(t, asks.Token, "calls are made with the program's own token")
		})
	}
}

func TestChallengeNamesTheScopesOfTheRules(t *testing.T) {
	issuer := newIssuer(t)
	url, _ := issuer.serve(t, withRules(t, "scope=retool.read:all;read-only", "groups=admins:all", "scope=retool.write:all", "scope=retool.read:users"))
	token := issuer.token(map[string]any{"scope": "email"})
	get(t, url, bearer(token)...).refused(t, 403, codeForbidden, oauthChallenge+`, error="insufficient_scope", scope="retool.read retool.write"`)
}

func TestRestrictionOfRuleGrants(t *testing.T) {
	issuer := newIssuer(t)
	url, _ := issuer.serve(t, withRules(t, "role=support:users,groups;read-only"))
	token := bearer(issuer.token(map[string]any{"role": "support"}))
	got := get(t, url, append(token, "X-MCP-Toolsets", "apps,groups", "X-MCP-Readonly", "0")...).let(t)
	require.Equal(t, []string{"groups"}, got.Caller.Toolsets)
	require.True(t, got.Caller.ReadOnly)
}
