package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

var update = flag.Bool("update", false, "write the tables of settings into docs")

// settingsTable is a Markdown table of settings.
func settingsTable(groups ...settingGroup) string {
	var table strings.Builder
	table.WriteString("| Flag | Variable | Default | Meaning |\n| --- | --- | --- | --- |\n")
	for _, row := range rows(groups) {
		variables := code(row.env())
		if len(row.aliases) > 0 {
			variables += "; also " + code(row.aliases...)
		}
		name := strings.TrimSuffix("--"+row.name+" "+row.Type(), " bool")
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", code(name), variables, code(row.def), cell(row.help))
	}
	return table.String()
}

// code writes words as code, separated by commas; an empty one is nothing.
func code(words ...string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, "`"+cell(w)+"`")
		}
	}
	return strings.Join(out, ", ")
}

// cell escapes what would end the cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// The pages hold the table of settings as it is. With -update, they are written.
func TestSettingsPagesAreFresh(t *testing.T) {
	s := &Settings{}
	for name, groups := range map[string][]settingGroup{"settings.md": s.table(), "remote.md": {s.HTTP.group()}} {
		marker := map[string]string{"settings.md": "settings", "remote.md": "serve-settings"}[name]
		path := filepath.Join(referencedata.Root(t), "docs", name)
		page, err := os.ReadFile(path)
		require.NoError(t, err)
		before, rest, opened := strings.Cut(string(page), "<!-- "+marker+" -->\n")
		_, after, closed := strings.Cut(rest, "<!-- /"+marker+" -->\n")
		require.True(t, opened && closed, "%s lacks its markers", name)
		fresh := before + "<!-- " + marker + " -->\n" + settingsTable(groups...) + "<!-- /" + marker + " -->\n" + after
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(fresh), 0o600))
			continue
		}
		require.Equal(t, fresh, string(page), "the table of settings is stale: run this test with -update")
	}
}

func TestSettingsTableNamesEverySetting(t *testing.T) {
	table := settingsTable((&Settings{}).table()...)
	for _, want := range []string{
		"| `--url ADDRESS` | `RETOOL_URL`; also `RETOOL_HOST`, `RETOOL_SCHEME` |",
		"| `--spec DOCUMENT` | `RETOOL_MCP_SPEC`; also `RETOOL_SPEC` |",
		"| `--timeout DURATION` | `RETOOL_MCP_TIMEOUT`; also `RETOOL_TIMEOUT` | `60s` |",
	} {
		require.Contains(t, table, want)
	}
	require.NotContains(t, table, "--help")
}
