package sandbox_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestStateSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "org.json")
	var id, before string
	t.Run("before", func(t *testing.T) {
		a := start(t, sandbox.Options{State: file})
		id = text(a.object("create_group", request{}.with(map[string]any{"name": "Night shift"}))["id"])
		before = a.state()
	})
	t.Run("after", func(t *testing.T) {
		a := start(t, sandbox.Options{State: file, Seed: 99}) // the seed counts only for a new one
		require.Equal(t, before, a.state())
		require.Equal(t, "Night shift", a.object("get_group", at("groupId", id))["name"])
		next := a.object("create_group", request{}.with(map[string]any{"name": "Day shift"}))
		require.NotEqual(t, id, text(next["id"]), "an id is given out once")
	})
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, left, 1, "temporary files are left behind")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// A change is written by itself soon, and what is on disk is always whole.
func TestStateIsSavedAfterChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "org.json")
	a := start(t, sandbox.Options{State: file})
	for i := range 40 {
		a.ok("create_group", request{}.with(map[string]any{"name": "Shift " + text(i)}))
		if _, err := os.Stat(file); err != nil {
			continue
		}
		copied := filepath.Join(t.TempDir(), "copy.json")
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(copied, data, 0o600))
		box, err := sandbox.New(sandbox.Options{State: copied})
		require.NoError(t, err)
		require.NoError(t, box.Close())
		time.Sleep(10 * time.Millisecond)
	}
	require.Eventually(t, func() bool {
		data, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		now, err := a.box.MarshalJSON()
		return err == nil && bytes.Equal(now, data)
	}, 5*time.Second, 20*time.Millisecond)
}

func TestInvalidStateFilesAreRefused(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "other JSON": `{"users":1}`, "an object": `{}`, "half": `{"id":"org_1","users":{"last":`} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "org.json")
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
			_, err := sandbox.New(sandbox.Options{State: file})
			require.ErrorContains(t, err, "is not a sandbox state file")
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, content, string(data), "the file is left alone")
		})
	}
	_, err := sandbox.New(sandbox.Options{State: t.TempDir()})
	require.Error(t, err)
}
