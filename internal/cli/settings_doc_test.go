package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/cli"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

func TestSettingsPagesAreFresh(t *testing.T) {
	for name, which := range map[string]string{"settings.md": "settings", "remote.md": "serve-settings"} {
		page, err := os.ReadFile(filepath.Join(referencedata.Root(t), "docs", name))
		require.NoError(t, err)
		table, err := cli.SettingsMarkdown(which)
		require.NoError(t, err)
		require.Contains(t, string(page), "<!-- "+which+" -->\n"+table+"<!-- /"+which+" -->\n",
			"the table of settings is stale: run \"go generate ./...\"")
	}
}

func TestSettingsTableNamesEverySetting(t *testing.T) {
	table, err := cli.SettingsMarkdown("settings")
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
