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
		table := cli.SettingsMarkdown(which)
		require.Contains(t, string(page), "<!-- "+which+" -->\n"+table+"<!-- /"+which+" -->\n",
			"the table of settings is stale: run \"go generate ./...\"")
	}
}

func TestSettingsTableNamesEverySetting(t *testing.T) {
	table := cli.SettingsMarkdown("settings")
	for _, want := range []string{
		"| `--url ADDRESS` | `RETOOL_URL`; also `RETOOL_HOST`, `RETOOL_SCHEME` |",
		"| `--spec DOCUMENT` | `RETOOL_MCP_SPEC`; also `RETOOL_SPEC` |",
		"| `--timeout DURATION` | `RETOOL_MCP_TIMEOUT`; also `RETOOL_TIMEOUT` | `60s` |",
	} {
		require.Contains(t, table, want)
	}
	require.NotContains(t, table, "--help")
}
