package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Defaults pass their own checks, and no two settings share a name or a variable.
func TestTableOfSettings(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range table() {
		if row.def != "" {
			require.NoError(t, row.parse(row.def), row.name)
		}
		for _, name := range append([]string{row.name, row.env()}, row.aliases...) {
			require.False(t, seen[name], name)
			seen[name] = true
		}
		require.NotEmpty(t, row.help, row.name)
		require.Regexp(t, `^[A-Z].*\.$`, row.help, "a sentence")
	}
	for _, row := range (&sandboxFlags{}).table() {
		require.NoError(t, row.parse(row.def), row.name)
	}
}
