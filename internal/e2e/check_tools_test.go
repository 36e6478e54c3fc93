package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// tooMany are the rules on the number of tools, which the document sets.
var tooMany = []string{"O2-tool-count", "W1-tool-count"}

// The checker of the reference data knows the rules of every client, and
// compiles patterns as a client does, which Go cannot.
func TestCheckTools(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on this machine")
	}
	checker := filepath.Join(filepath.Dir(filepath.Dir(referencedata.Path(t, "x"))), "check-tools.mjs")
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			s := connect(t, legacy, environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, name)))
			list := filepath.Join(t.TempDir(), "tools.json")
			require.NoError(t, os.WriteFile(list, s.list(), 0o600))
			var stdout, stderr bytes.Buffer
			check := exec.CommandContext(t.Context(), node, checker, list, "--server", "retool", "--min", "error")
			check.Stdout, check.Stderr = &stdout, &stderr
			err := check.Run()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 { // 1: it found errors
				require.NoError(t, err, stderr.String())
			}
			requireOnly(t, stdout.String(), operationsIn[name]+len(localTools))
		})
	}
}

// requireOnly reads the checker's lines, the last of which is a summary.
func requireOnly(t *testing.T, output string, tools int) {
	t.Helper()
	summarized := false
	for line := range strings.Lines(output) {
		var finding struct {
			Severity, Rule string
			Summary        *struct{ Tools int }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &finding), line)
		if finding.Summary != nil {
			require.Equal(t, tools, finding.Summary.Tools)
			summarized = true
			continue
		}
		require.Contains(t, tooMany, finding.Rule, line)
	}
	require.True(t, summarized, output)
}
