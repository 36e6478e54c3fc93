package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Variables of earlier versions work like the present ones, alone or with the same
// value; with another value they stop the start.
func TestVariablesOfEarlierVersions(t *testing.T) {
	spec := specFile(t)
	other := specFile(t)
	for old, c := range map[string]struct{ bad, good, other, says string }{
		"SPEC":       {spec + "-missing", spec, other, "no such file"},
		"TIMEOUT":    {"soon", "5s", "6s", "RETOOL_TIMEOUT must be a duration such as 30s, not \"soon\""},
		"LOG_LEVEL":  {"loud", "warn", "info", "RETOOL_LOG_LEVEL must be debug, info, warn or error, not \"loud\""},
		"LOG_FORMAT": {"xml", "json", "text", "RETOOL_LOG_FORMAT must be text or json, not \"xml\""},
		"TOOLSETS":   {"grups", "users", "all", "grups"},
	} {
		env := func(set map[string]string) map[string]string {
			all := map[string]string{"RETOOL_MCP_SPEC": spec}
			if old == "SPEC" {
				clear(all)
			}
			maps.Copy(all, set)
			return all
		}
		before, now := "RETOOL_"+old, "RETOOL_MCP_"+old
		code, _, errs := run(t, env(map[string]string{before: c.bad}), "tools")
		require.Equal(t, 2, code, before)
		require.Contains(t, errs, c.says)
		code, _, errs = run(t, env(map[string]string{before: c.good}), "tools")
		require.Zero(t, code, errs)
		code, _, errs = run(t, env(map[string]string{before: c.good, now: c.good}), "tools")
		require.Zero(t, code, errs)
		code, out, errs := run(t, env(map[string]string{before: c.good, now: c.other}), "tools")
		require.Equal(t, 2, code, before)
		require.Empty(t, out)
		require.Equal(t, "retool-mcp: "+now+" and "+before+" contradict each other: set only one of them\n", errs)
	}
}

// A flag overrides a variable, and a variable the file, and each must be valid.
func TestFlagsOverVariablesOverTheFile(t *testing.T) {
	config := filepath.Join(t.TempDir(), "retool.yaml")
	require.NoError(t, os.WriteFile(config, []byte("spec: "+specFile(t)+"\nlog_level: file\ntoken: retool_file\n"), 0o600))
	code, _, errs := run(t, nil, "tools", "--config", config)
	require.Equal(t, 2, code)
	require.Contains(t, errs, "log_level in "+config+" must be debug, info, warn or error, not \"file\"")
	code, _, errs = run(t, map[string]string{"RETOOL_MCP_LOG_LEVEL": "variable"}, "tools", "--config", config)
	require.Equal(t, 2, code)
	require.Contains(t, errs, "--log-level (RETOOL_MCP_LOG_LEVEL) must be debug, info, warn or error, not \"variable\"")
	code, _, errs = run(t, map[string]string{"RETOOL_MCP_LOG_LEVEL": "variable"}, "tools", "--config", config, "--log-level=warn")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "--log-level (RETOOL_MCP_LOG_LEVEL) must be debug, info, warn or error, not \"variable\"")
	code, _, errs = run(t, nil, "tools", "--config", config, "--log-level=warn")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "log_level in "+config+" must be debug, info, warn or error, not \"file\"")

	require.NoError(t, os.WriteFile(config, []byte("spec: "+specFile(t)+"\nlog_level: error\ntoken: retool_file\n"), 0o600))
	code, _, errs = run(t, map[string]string{"RETOOL_MCP_LOG_LEVEL": "info"}, "tools", "--config", config, "--log-level=warn")
	require.Zero(t, code, errs)

	// A file with a token in a variable overrides the token in the configuration.
	code, _, errs = run(t, map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "/no/such/file"}, "tools", "--config", config, "--log-level=warn")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "RETOOL_ACCESS_TOKEN_FILE: ")
}
