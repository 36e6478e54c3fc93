package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// logPath returns the path of a log in a new folder: in memory where the system has
// such a folder, since most tests would spend their time in syncs.
func logPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "audit")
	if err != nil {
		return onDisk(t)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "audit.log")
}

// onDisk is logPath for tests in which syncs take time.
func onDisk(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "audit.log")
}

func open(t testing.TB, file string, o audit.Options) *audit.Log {
	t.Helper()
	log, err := audit.Open(file, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// clock always returns the same time.
func clock() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC) }

// read returns the entry of a read, write one of a write.
func read(call string) audit.Entry {
	return audit.Entry{Phase: audit.End, Call: call, Tool: "list_users", Operation: "GET /users", Status: 200}
}

func write(phase audit.Phase, call string) audit.Entry {
	return audit.Entry{Phase: phase, Call: call, Tool: "disable_user", Operation: "DELETE /users/{userId}", Arguments: json.RawMessage(`{"user_id":"` + call + `"}`)}
}

func add(t testing.TB, log *audit.Log, entries ...audit.Entry) {
	t.Helper()
	for _, e := range entries {
		require.NoError(t, log.Append(e))
	}
}

// verified requires that the log is valid.
func verified(t testing.TB, file string, kept ...audit.Head) audit.Report {
	t.Helper()
	report, err := audit.Verify(file, kept...)
	require.NoError(t, err)
	return report
}

// brokenAt requires that the log is not valid.
func brokenAt(t testing.TB, file string, kept ...audit.Head) (*audit.BrokenError, audit.Report) {
	t.Helper()
	report, err := audit.Verify(file, kept...)
	var wrong *audit.BrokenError
	require.ErrorAs(t, err, &wrong)
	return wrong, report
}

// readFiles returns the files of a folder by name, without locks.
func readFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, f := range found {
		if filepath.Ext(f.Name()) != ".lock" {
			data, err := os.ReadFile(filepath.Join(dir, f.Name()))
			require.NoError(t, err)
			files[f.Name()] = string(data)
		}
	}
	return files
}

// writeFiles writes the files to a new folder and returns the path of its log.
func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	file := logPath(t)
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(data), 0o600))
	}
	return file
}

// text returns all lines of the log, oldest first.
func text(t testing.TB, file string) string {
	t.Helper()
	files := readFiles(t, filepath.Dir(file))
	var all strings.Builder
	for _, name := range names(files) {
		all.WriteString(files[name])
	}
	return all.String()
}

// names returns the names of the files of a log, oldest first.
func names(files map[string]string) []string {
	var sorted []string
	for name := range files {
		if name != "audit.log" {
			sorted = append(sorted, name)
		}
	}
	slices.Sort(sorted)
	if _, ok := files["audit.log"]; ok {
		sorted = append(sorted, "audit.log")
	}
	return sorted
}

// kinds returns the phase and call of each entry, and the kind of each event.
func kinds(t testing.TB, file string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(text(t, file)) {
		var l struct{ Phase, Log, Call string }
		if json.Unmarshal([]byte(line), &l) != nil {
			all = append(all, "truncated")
			continue
		}
		all = append(all, strings.TrimSpace(l.Log+l.Phase+" "+l.Call))
	}
	return all
}

func numbered(n int) string { return fmt.Sprintf("call-%04d", n) }

func isBroken(err error) bool {
	_, is := errors.AsType[*audit.BrokenError](err)
	return is
}
