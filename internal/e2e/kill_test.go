package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// kill ends the program as kill -9 and the OOM killer do.
func (s *session) kill() {
	s.t.Helper()
	s.killed = true
	require.NoError(s.t, s.process.Process.Kill())
	require.ErrorContains(s.t, s.client.Close(), "killed")
}

// unfinished returns the temporary files below a folder, which a killed process
// may leave. Their names begin with a dot.
func unfinished(folder string) (files []string) {
	_ = filepath.WalkDir(folder, func(name string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasPrefix(e.Name(), ".") {
			files = append(files, name)
		}
		return nil // a file may disappear
	})
	return files
}

// age makes files older than any that is still being written.
func age(t testing.TB, files []string) {
	t.Helper()
	long := time.Now().Add(-2 * time.Hour)
	for _, name := range files {
		require.NoError(t, os.Chtimes(name, long, long))
	}
}

// A sandbox that is killed repeatedly, also while it writes its state, starts
// with a complete state: the changes that were saved, in order and without a
// gap.
func TestSandboxStateSurvivesKill(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	state := filepath.Join(folder, "state.json")
	names, safe := []string{}, 0 // of all groups that may exist, and how many must
	for round := range 15 {
		s := connect(t, modern, environment(t, wholeResults), "--sandbox", "--sandbox-state", state)
		there := groupNames(s)
		require.GreaterOrEqual(t, len(there), safe, "round %d: what was safe is lost", round)
		require.LessOrEqual(t, len(there), len(names))
		require.Equal(t, names[:len(there)], there, "round %d", round)

		// Two of three rounds end during a write of the state.
		names = there
		left := len(unfinished(folder))
		for i := 0; i < 5+40*(round%3) || round%3 > 0 && len(unfinished(folder)) == left; i++ {
			name := fmt.Sprintf("Round %d, group %d", round, i)
			s.succeed("create_group", given(t, object{"name": name}))
			names = append(names, name)
		}
		if round%6 == 5 {
			last := fmt.Sprintf("%q", names[len(names)-1])
			require.Eventually(t, func() bool {
				saved, err := os.ReadFile(state)
				return err == nil && strings.Contains(string(saved), last)
			}, waitTime, 10*time.Millisecond, "changes are saved")
			safe = len(names)
		} else {
			safe = len(there)
		}
		s.kill()
	}
	left := unfinished(folder)
	require.NotEmpty(t, left, "it was killed during a write")
	age(t, left)
	s := connect(t, modern, environment(t, wholeResults), "--sandbox", "--sandbox-state", state)
	s.succeed("create_group", given(t, object{"name": "The last"}))
	s.quit()
	require.Empty(t, unfinished(folder), "no temporary file is left")
}

// groupNames returns the names of the groups that the test created, in order.
func groupNames(s *session) (names []string) {
	names = []string{}
	for _, g := range read[[]struct{ Name string }](s, "list_groups", nil) {
		if strings.HasPrefix(g.Name, "Round ") {
			names = append(names, g.Name)
		}
	}
	return names
}

// A start that is killed while it writes the cache leaves nothing that a later
// start reads as complete, and no file for good.
func TestCacheSurvivesKill(t *testing.T) {
	t.Parallel()
	document := "RETOOL_MCP_SPEC=" + referencedata.Path(t, referencedata.Documents[1])
	want := listed(t, environment(t, document))
	env := environment(t, document)
	writing := 0
	for round := range 40 {
		for _, name := range append(unfinished(cacheOf(env)), catalogs(t, env)...) {
			require.NoError(t, os.Remove(name))
		}
		cmd := exec.Command(binary, "tools", "--json")
		cmd.Env = env
		require.NoError(t, cmd.Start())
		for len(catalogs(t, env)) == 0 && len(unfinished(cacheOf(env))) == 0 { // until a file appears
			time.Sleep(20 * time.Microsecond)
		}
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it may have ended before
		writing += len(unfinished(cacheOf(env)))
		require.Equal(t, want, listed(t, env), "round %d", round)
	}
	t.Logf("killed while it wrote: %d of 40", writing)

	leftover := filepath.Join(filepath.Dir(catalogs(t, env)[0]), ".catalog-0.new-1")
	require.NoError(t, os.WriteFile(leftover, []byte("half a catalog"), 0o600))
	age(t, unfinished(cacheOf(env)))
	require.NoError(t, os.Remove(catalogs(t, env)[0]))
	require.Equal(t, want, listed(t, env))
	require.Empty(t, unfinished(cacheOf(env)), "no temporary file is left")
}

// catalogs returns the complete files of the cache.
func catalogs(t testing.TB, env []string) (files []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cacheOf(env), "*", "catalog-*"))
	require.NoError(t, err)
	return files
}
