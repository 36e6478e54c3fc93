//go:build unix

package file_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// A start waits for these files.
func TestReadingEnds(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"pipe", "open", "late"} {
		require.NoError(t, syscall.Mkfifo(at(name), 0o600))
	}
	require.NoError(t, os.Symlink("pipe", at("link")))
	writer, err := os.OpenFile(at("open"), os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { writer.Close() })
	_, err = writer.WriteString("half")
	require.NoError(t, err)

	late := make(chan error, 1)
	go func() { late <- os.WriteFile(at("late"), []byte("\xef\xbb\xbflate"), 0) }() // blocks until it is read
	substituted, other, err := os.Pipe()                                            // as of <(…)
	require.NoError(t, err)
	t.Cleanup(func() { substituted.Close() })
	_, err = other.WriteString("early")
	require.NoError(t, err)
	require.NoError(t, other.Close())
	for name, want := range map[string]string{
		at("late"): "late", "/dev/fd/" + strconv.Itoa(int(substituted.Fd())): "early", os.DevNull: "",
	} {
		data, err := file.ReadText(name)
		require.NoError(t, err, name)
		require.Equal(t, want, string(data), name)
	}
	require.NoError(t, <-late)

	for name, says := range map[string]string{"/dev/zero": "not a regular file", dir: "is a directory", at("missing"): "no such file"} {
		_, err := file.ReadText(name)
		require.ErrorContains(t, err, says)
	}
	t.Cleanup(file.SetWait(100 * time.Millisecond))
	for _, name := range []string{"pipe", "link", "open"} {
		_, err := file.ReadText(at(name))
		require.ErrorContains(t, err, "did not end within 100ms", name)
	}
}
