package deploy_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// setting is a row of the tables that are generated from the command line.
type setting struct{ flag, variables, otherwise string }

// tableRow matches a row: the flag, its variables and its default. A bar within a
// cell is escaped.
var tableRow = regexp.MustCompile("(?m)^\\| `(--[a-z-]+)" + cell + "\\| (" + cell + ") \\| `?([^|`]*)`? \\|")

const cell = `(?:[^|\\\n]|\\\|)*`

// settings are all that serve takes.
func settings(t testing.TB) (all []setting) {
	t.Helper()
	for page, table := range map[string]string{"docs/settings.md": "settings", guide: "serve-settings"} {
		_, rest, opened := strings.Cut(string(read(t, page)), "<!-- "+table+" -->\n")
		text, _, closed := strings.Cut(rest, "<!-- /"+table+" -->")
		require.True(t, opened && closed, page)
		rows := tableRow.FindAllStringSubmatch(text, -1)
		if len(rows) == 0 {
			t.Skipf("the table of %s has not been generated: go test ./internal/cli -run SettingsPages -update", page)
		}
		for _, row := range rows {
			all = append(all, setting{row[1], row[2], strings.TrimSpace(row[3])})
		}
	}
	return all
}

func TestEveryVariableIsASetting(t *testing.T) {
	known := settings(t)
	names := append(files(t, chart+"templates/*.yaml"), "deploy/compose.yaml", guide)
	for _, name := range names {
		for _, variable := range regexp.MustCompile(`\bRETOOL_[A-Z_]+\b`).FindAllString(string(read(t, name)), -1) {
			if variable == "RETOOL_MCP_TOKEN" { // the guide's own, for clients
				continue
			}
			is := func(s setting) bool { return strings.Contains(s.variables, "`"+variable+"`") }
			require.True(t, slices.ContainsFunc(known, is), "%s: %s", name, variable)
		}
	}
}

func TestEveryFlagIsASetting(t *testing.T) {
	known := settings(t)
	foreign := []string{"--callback-port", "--oauth-client-id"} // of clients
	for _, found := range regexp.MustCompile("`(--[a-z-]+)[ `]").FindAllStringSubmatch(string(read(t, guide)), -1) {
		if slices.Contains(foreign, found[1]) {
			continue
		}
		require.True(t, slices.ContainsFunc(known, func(s setting) bool { return s.flag == found[1] }), found[1])
	}
}

// The chart has the defaults of the program.
func TestChartHasTheDefaultsOfTheProgram(t *testing.T) {
	known := settings(t)
	values := readYAML(t, chart+"values.yaml")
	for flag, path := range map[string][]any{
		"--max-body":             {"server", "maxBodyBytes"},
		"--max-calls":            {"server", "maxCalls"},
		"--max-calls-per-caller": {"server", "maxCallsPerCaller"},
		"--max-streams":          {"server", "maxStreams"},
		"--session-ttl":          {"server", "sessionTTL"},
		"--timeout":              {"retool", "timeout"},
		"--log-level":            {"log", "level"},
	} {
		i := slices.IndexFunc(known, func(s setting) bool { return s.flag == flag })
		require.GreaterOrEqual(t, i, 0, flag)
		require.Equal(t, known[i].otherwise, fmt.Sprint(at[any](t, values, path...)), flag)
	}
	i := slices.IndexFunc(known, func(s setting) bool { return s.flag == "--drain" })
	require.Equal(t, known[i].otherwise, fmt.Sprintf("%ds", at[int](t, values, "server", "drainSeconds")))
	require.Equal(t, known[i].otherwise, defaultDrain.String())
}
