package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/config"
)

var keys = []config.Key{
	{Name: "url", Instance: true},
	{Name: "token", Instance: true},
	{Name: "token-file"},
	{Name: "toolsets", Separator: ","},
	{Name: "timeout"},
	{Name: "read-only", Instance: true},
	{Name: "auth-token"},
	{Name: "oauth-rule", Separator: "\n"},
}

func write(t testing.TB, text string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "retool.yaml")
	require.NoError(t, os.WriteFile(name, []byte(text), mode))
	require.NoError(t, os.Chmod(name, mode))
	return name
}

func TestWhatAFileSays(t *testing.T) {
	f, err := config.Read(write(t, `
# comments are fine
url: https://a.example.com
token_file: /run/token
toolsets: [users, groups]
oauth_rule: ["groups=a:users,groups;read-only", groups=b:all]
timeout: 30s
read-only: true
instances:
  prod: {url: https://b.example.com, read_only: false}
  space-acme: {url: c.example.com}
`, 0o644), keys)
	require.NoError(t, err)
	require.Equal(t, &config.File{
		Values: map[string]string{"url": "https://a.example.com", "token-file": "/run/token", "toolsets": "users,groups", "oauth-rule": "groups=a:users,groups;read-only\ngroups=b:all", "timeout": "30s", "read-only": "true"},
		Instances: []config.Instance{
			{Name: "prod", Values: map[string]string{"url": "https://b.example.com", "read-only": "false"}},
			{Name: "space-acme", Values: map[string]string{"url": "c.example.com"}},
		},
	}, f)
	empty, err := config.Read(write(t, "\n# nothing\n", 0o644), keys)
	require.NoError(t, err)
	require.Empty(t, empty.Values)
}

func TestWhatAFileMustNotSay(t *testing.T) {
	for _, x := range []struct{ name, text, says string }{
		{"an unknown key", "urll: x", `line 1: unknown setting "urll"; the settings are url, token, token_file`},
		{"a key of the whole in an instance", "instances:\n  a:\n    timeout: 3s", `line 3: unknown setting "timeout"; the settings are url, token, read_only`},
		{"a key twice", "token_file: a\ntoken-file: b", "line 2: token-file appears twice"},
		{"no mapping", "- a", "line 1: a configuration is a mapping"},
		{"not YAML", "a: [", "not YAML"},
		{"a mapping for a value", "url: {a: b}", "line 1: url must be a single value"},
		{"a list of lists", "toolsets: [[a]]", "toolsets must be a single value or a list"},
		{"a comma in a list", "toolsets: ['a,b']", "must not have a comma"},
		{"a name of an instance", "instances: {Prod!: {url: a}}", `the name of the instance "Prod!" must be`},
		{"no instances", "instances: []", "instances is a mapping"},
		{"an instance that is none", "instances: {a: b}", "the instance a is a mapping"},
		{"a comma in the second item", "toolsets: [a, 'b,']", "line 1: toolsets must not have a comma in an item"},
		{"a list for one value", "url: [a, b]", "line 1: url must be a single value, not a list"},
		{"a list of one for one value", "token: [retool_a]", "token must be a single value, not a list"},
		{"an empty list for one value", "timeout: []", "timeout must be a single value, not a list"},
		{"a list for one value of an instance", "instances:\n  a:\n    url: [b]", "line 3: url must be a single value"},
		{"an empty item", "oauth_rule: ['']", "line 1: oauth_rule must not have an empty item"},
		{"a blank item", "toolsets: [a, ' ']", "toolsets must not have an empty item"},
		{"null in a list", "oauth_rule: [~]", "oauth_rule must not have an empty item"},
		{"an item without text", "oauth_rule:\n- groups=a:all\n-", "oauth_rule must not have an empty item"},
		{"a line end in an item", "oauth_rule: [\"groups=a:all\\ngroups=b:users\"]", "must not have a line end in an item"},
		{"a rule with a blank after its colon", "oauth_rule: [groups=a: all]", "oauth_rule must be a single value or a list"},
		{"an alias", "url: &x a\ntoken: *x", "must not be an alias"},
	} {
		_, err := config.Read(write(t, x.text, 0o600), keys)
		require.ErrorContains(t, err, x.says, x.name)
	}
}

func TestSecretsNeedAFileOfOnesOwn(t *testing.T) {
	for _, text := range []string{"token: retool_canary", "instances: {a: {token: retool_canary}}", "auth_token: canary"} {
		_, err := config.Read(write(t, text, 0o640), keys)
		require.ErrorContains(t, err, "chmod 600")
		require.NotContains(t, err.Error(), "canary")
		_, err = config.Read(write(t, text, 0o600), keys)
		require.NoError(t, err)
	}
	_, err := config.Read(filepath.Join(t.TempDir(), "none"), keys)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("url: a\ninstances: {b: {url: c}}"))
	f.Add([]byte("a: &x [*x]"))
	f.Add([]byte("oauth_rule: [a=b:c, ~]\ntoolsets: ['a,b', '']\nurl: [a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "f")
		require.NoError(t, os.WriteFile(name, data, 0o600))
		file, err := config.Read(name, keys)
		if err == nil {
			for key := range file.Values {
				require.True(t, slices.ContainsFunc(keys, func(k config.Key) bool { return k.Name == key }), key)
			}
		}
	})
}
