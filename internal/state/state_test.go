package state_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/file"
	"github.com/retool-mcp/retool-mcp/internal/state"
)

func open(t *testing.T, path string) *state.Folder {
	t.Helper()
	f, err := state.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

// What one process leaves, the next one finds.
func TestTheNextProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "retool-mcp")
	first, now := open(t, path), time.Now()
	require.Len(t, first.Key(), 32)
	seen, err := first.Seen("plan", now)
	require.NoError(t, err)
	require.False(t, seen)
	for _, want := range []bool{true, false} {
		used, err := open(t, path).Use("plan", now)
		require.NoError(t, err)
		require.Equal(t, want, used)
	}
	second := open(t, path)
	require.Equal(t, first.Key(), second.Key())
	for _, f := range []*state.Folder{first, second} {
		seen, err := f.Seen("plan", now)
		require.NoError(t, err)
		require.True(t, seen)
	}
	require.NotEqual(t, first.Key(), open(t, t.TempDir()+"/other").Key())
	if file.HasModes {
		require.Equal(t, map[string]os.FileMode{"": 0o700, "plan-key": 0o600, "applied-plans.json": 0o600, "plans.lock": 0o600}, modes(t, path))
	}
}

func modes(t *testing.T, path string) map[string]os.FileMode {
	t.Helper()
	found := map[string]os.FileMode{}
	require.NoError(t, filepath.Walk(path, func(name string, info os.FileInfo, err error) error {
		found[strings.TrimPrefix(strings.TrimPrefix(name, path), "/")] = info.Mode().Perm()
		return err
	}))
	return found
}

// What is too old to know counts as used, and what nobody can apply any more is
// forgotten.
func TestOldPlans(t *testing.T) {
	path := t.TempDir() + "/s"
	f := open(t, path)
	old := time.Now().Add(-61 * time.Minute)
	seen, err := f.Seen("old", old)
	require.NoError(t, err)
	require.True(t, seen)
	first, err := f.Use("old", old)
	require.NoError(t, err)
	require.False(t, first)
	name := filepath.Join(path, "applied-plans.json")
	require.NoError(t, os.WriteFile(name, fmt.Appendf(nil, `{"old":%d,"recent":%d}`, old.Unix(), time.Now().Unix()), 0o600))
	first, err = f.Use("new", time.Now())
	require.NoError(t, err)
	require.True(t, first)
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Contains(t, string(text), `"recent"`)
	require.NotContains(t, string(text), `"old"`)
}

// Of many that apply one plan at once, one may.
func TestAtOnce(t *testing.T) {
	path := t.TempDir() + "/s"
	var firsts atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			f, err := state.Open(path)
			if !assertNoError(t, err) {
				return
			}
			defer f.Close()
			first, err := f.Use("plan", time.Now())
			if assertNoError(t, err) && first {
				firsts.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, firsts.Load())
}

func assertNoError(t *testing.T, err error) bool {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	return err == nil
}

func TestWhatOthersCouldUse(t *testing.T) {
	if !file.HasModes {
		t.Skip("no modes")
	}
	path := t.TempDir() + "/s"
	f := open(t, path)
	_, err := f.Use("plan", time.Now())
	require.NoError(t, err)
	refused := func(want string) {
		t.Helper()
		_, err := state.Open(path)
		require.ErrorContains(t, err, want)
	}
	for _, mode := range []os.FileMode{0o755, 0o770, 0o701} {
		require.NoError(t, os.Chmod(path, mode))
		refused(fmt.Sprintf("others can use the state folder %q (mode %04o): run chmod 700 %s", path, mode, path))
	}
	require.NoError(t, os.Chmod(path, 0o700))
	for name, replace := range map[string]string{"plan-key": "holds no key", "applied-plans.json": "is damaged"} {
		at := filepath.Join(path, name)
		require.NoError(t, os.Chmod(at, 0o640))
		_, err := state.Open(path)
		if err == nil {
			_, err = f.Use("other", time.Now())
		}
		require.ErrorContains(t, err, "chmod 600")
		require.NoError(t, os.WriteFile(at, []byte("x"), 0o600))
		require.NoError(t, os.Chmod(at, 0o600))
		if _, err = state.Open(path); err == nil {
			_, err = f.Use("other", time.Now())
		}
		require.ErrorContains(t, err, replace)
		require.NoError(t, os.Remove(at))
		require.NoError(t, os.Symlink("/etc/passwd", at))
		if _, err = state.Open(path); err == nil {
			_, err = f.Use("other", time.Now())
		}
		require.ErrorContains(t, err, "symbolic link")
		require.NoError(t, os.Remove(at))
	}
	require.NoError(t, os.WriteFile(path+"2", nil, 0o600))
	_, err = state.Open(path + "2")
	require.ErrorContains(t, err, "the state folder")
}

// Neither the folder nor a file may be somebody else's, whatever its mode and whoever
// this process is.
func TestWhatBelongsToOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const nobody = 65534
	path := t.TempDir() + "/s"
	f := open(t, path)
	_, err := f.Use("plan", time.Now())
	require.NoError(t, err)
	for _, name := range []string{".", "plan-key", "applied-plans.json"} {
		require.NoError(t, os.Chown(filepath.Join(path, name), nobody, nobody))
		if _, err = state.Open(path); err == nil {
			_, err = f.Use("other", time.Now())
		}
		require.ErrorContains(t, err, "belongs to another user", name)
		require.NoError(t, os.Chown(filepath.Join(path, name), 0, 0))
	}
	_, err = f.Use("other", time.Now())
	require.NoError(t, err)
}

func TestPath(t *testing.T) {
	given := t.TempDir()
	t.Setenv("XDG_STATE_HOME", given)
	path, err := state.Path()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(given, "retool-mcp"), path)
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("HOME", "/home/ada")
	for _, relative := range []string{"", "here"} {
		t.Setenv("XDG_STATE_HOME", relative)
		path, err = state.Path()
		require.NoError(t, err)
		require.Equal(t, "/home/ada/.local/state/retool-mcp", path)
	}
	t.Setenv("HOME", "")
	_, err = state.Path()
	require.ErrorContains(t, err, "set XDG_STATE_HOME")
}
