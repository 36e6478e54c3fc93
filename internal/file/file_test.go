package file_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

func TestReplaceWritesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "state")
	for _, content := range []string{"old", "newer and longer", ""} {
		require.NoError(t, file.Replace(name, []byte(content)))
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, content, string(got))
	}
	info, err := os.Stat(name)
	require.NoError(t, err)
	if file.HasModes {
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.Error(t, file.Replace(filepath.Join(dir, "folder"), nil), "it cannot replace a folder")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "what failed leaves nothing")
}

func TestLeftoversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".state.new-1", ".state.new-2", ".other.new-1", ".state.old", "state"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	long := time.Now().Add(-2 * time.Hour)
	for _, name := range []string{".state.new-1", ".other.new-1", ".state.old", "state"} {
		require.NoError(t, os.Chtimes(filepath.Join(dir, name), long, long))
	}
	file.RemoveLeftovers(dir, "state")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, []string{".other.new-1", ".state.new-2", ".state.old", "state"}, names, "one may still be written, the rest is not ours")
}

func TestPrivateFilesAreNew(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	defer root.Close()
	f, info, err := file.CreatePrivate(root, "a")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	if file.HasModes {
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}
	_, _, err = file.CreatePrivate(root, "a")
	require.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, file.SyncFolder(root))
}

func TestCauseHasNoPath(t *testing.T) {
	_, err := os.Open(filepath.Join(t.TempDir(), "missing"))
	require.NotContains(t, file.Cause(err).Error(), "missing")
	require.ErrorIs(t, file.Cause(err), fs.ErrNotExist)
	require.NotContains(t, file.Cause(os.Rename("missing", "b")).Error(), "missing")
	require.Equal(t, fs.ErrClosed, file.Cause(fs.ErrClosed))
}
