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
