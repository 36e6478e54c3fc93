package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireUsage checks that a process gave up before it began, and said why in
// one line and nowhere but on standard error.
func requireUsage(t *testing.T, o outcome, says ...string) {
	t.Helper()
	require.Equal(t, 2, o.code, o.stderr)
	require.Empty(t, o.stdout)
	require.True(t, strings.HasPrefix(o.stderr, "retool-mcp: "), o.stderr)
	require.Equal(t, 1, strings.Count(o.stderr, "\n"), o.stderr)
	for _, text := range says {
		require.Contains(t, o.stderr, text)
	}
}

// In an empty environment every command works on the embedded document, and a
// call says what is missing.
func TestNoSettings(t *testing.T) {
	o := run(t, []string{}, "", "tools")
	require.Zero(t, o.code, o.stderr)
	require.Equal(t, toolsByDefaultCount, strings.Count(o.stdout, "\n"))
	o = run(t, []string{}, "", "tools", "get_user")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "GET https://api.retool.com/api/v2/users/{userId}")
	o = run(t, []string{}, "", "call", "get_user", "userId=user_1")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, "no access token is configured")
}
