package e2e_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

var update = flag.Bool("update", false, "rewrite the golden tool definitions")

// toolsByDefault are the tools that a client gets from a process without
// settings, home and network.
func toolsByDefault(t *testing.T) map[string][]byte {
	t.Helper()
	o := run(t, []string{}, strings.Join([]string{initializeLine, initializedLine, listLine, ""}, "\n"))
	require.Zero(t, o.code, o.stderr)
	require.Empty(t, o.stderr)
	replies, err := readReplies(o.stdout)
	require.NoError(t, err)
	tools := map[string][]byte{}
	for _, raw := range replies["list"].Result.Tools {
		var tool struct{ Name string }
		require.NoError(t, json.Unmarshal(raw, &tool))
		var pretty bytes.Buffer
		require.NoError(t, json.Indent(&pretty, raw, "", "  "))
		pretty.WriteByte('\n')
		tools[tool.Name] = pretty.Bytes()
	}
	return tools
}

// One golden file per tool shows in a review how a change affects what models
// read. "go test ./internal/e2e -run Golden -update" rewrites them.
func TestGoldenTools(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(referencedata.Root(t), "schemas", "tools")
	tools := toolsByDefault(t)
	require.Len(t, tools, toolsByDefaultCount)
	if *update {
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.MkdirAll(dir, 0o750))
		for name, definition := range tools {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".json"), definition, 0o600))
		}
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	golden := map[string]bool{}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".json")
		golden[name] = true
		want, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		require.Contains(t, tools, name, "a golden file without a tool")
		require.Equal(t, string(want), string(tools[name]), "the definition of %s has changed: if that is meant, run this test with -update", name)
	}
	for name := range tools {
		require.True(t, golden[name], "%s has no golden file: run this test with -update", name)
	}
}
