//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A pipe can be read only once, however many things need the token.
func TestTokenInAPipeIsReadOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "token")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(pipe, []byte("retool_x1234567\n"), 0o600) }()
	began := time.Now()
	code, out, errs := run(t, nil, "tools", "list_users", "--spec", specFile(t), "--token-file", pipe)
	require.Zero(t, code, errs)
	require.Contains(t, out, "GET ")
	require.NoError(t, <-written)
	require.Less(t, time.Since(began), 20*time.Second, "nothing waits for a second writer")
}
