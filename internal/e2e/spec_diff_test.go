package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// The embedded document differs from that of the newest release known in nothing
// but what has its reason.
func TestSpecDiffOfNewestRelease(t *testing.T) {
	t.Parallel()
	newest := referencedata.Path(t, referencedata.Documents[len(referencedata.Documents)-1])
	text, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "differences.txt"))
	require.NoError(t, err)
	reasons := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if difference, reason, ok := strings.Cut(line, "  # "); ok && strings.TrimSpace(reason) != "" {
			reasons[difference] = true
		}
	}
	lines := func(from, to string) []string {
		o := run(t, environment(t), "", "spec", "diff", from, to)
		require.Zero(t, o.code, o.stderr)
		list := strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
		return list[:len(list)-1] // the last line is their number
	}
	differences := lines(newest, "embedded")
	require.NotEmpty(t, differences)
	for _, difference := range differences {
		require.True(t, reasons[difference], "no reason in schemas/differences.txt: %s", difference)
	}
	require.Len(t, lines("embedded", newest), len(differences), "the other way round")
}
