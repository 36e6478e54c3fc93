//go:build unix

package sandbox_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// Reading a pipe may not end, and saving would replace it.
func TestStateIsARegularFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, name := range []string{pipe, "/dev/null", t.TempDir()} {
		_, err := sandbox.New(sandbox.Options{State: name})
		require.ErrorContains(t, err, "it is not a regular file", name)
	}
}
