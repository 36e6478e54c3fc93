package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/cli"
	"github.com/retool-mcp/retool-mcp/internal/facts"
)

func TestSettingsPageIsFresh(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(facts.Root(t), "docs", "settings.md"))
	require.NoError(t, err)
	table, err := cli.SettingsMarkdown()
	require.NoError(t, err)
	require.Contains(t, string(page), "<!-- settings -->\n"+table+"<!-- /settings -->\n",
		"the table of settings is stale: run \"go generate ./...\"")
}

func TestSettingsTableNamesEverySetting(t *testing.T) {
	table, err := cli.SettingsMarkdown()
	require.NoError(t, err)
	for _, want := range []string{
		"| `--url ADDRESS` | `RETOOL_URL`; also `RETOOL_HOST`, `RETOOL_SCHEME` |",
		"| `--spec DOCUMENT` | `RETOOL_SPEC` |",
		"| `--timeout` | `RETOOL_TIMEOUT` | `60s` |",
	} {
		require.Contains(t, table, want)
	}
	require.NotContains(t, table, "--help")
}
