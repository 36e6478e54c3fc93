package audit_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// FuzzVerify verifies arbitrary data, in one file and in two. Without computing
// hashes, only removing the newest lines is not detected.
func FuzzVerify(f *testing.F) {
	// The same in all fuzzing processes.
	var lines []string
	hash := ""
	next := func(rest string) string {
		line := fake(len(lines)+1, hash, rest)
		hash = hashOf(line)
		lines = append(lines, line)
		return line
	}
	for _, rest := range []string{`"log":"opened","pid":1`, `"phase":"end","call":"r1","arguments":{"a":[1,"x"]},"status":200`, `"phase":"begin","call":"w1"`} {
		next(rest)
	}
	before, kept := hash, strings.Join(lines, "")
	complete := kept + next(`"phase":"end","call":"w1","status":204`)
	truncated := strings.TrimPrefix(complete[:len(complete)-50], kept)
	lines, hash = lines[:3], before
	repaired := kept + truncated + "\n" + next(fmt.Sprintf(recoveredRest, len(truncated), sha256.Sum256([]byte(truncated)))) + next(`"log":"opened","pid":2`)
	for _, seed := range []string{
		"", "\n", "{}", "{}\n", "\x00", complete, complete[:len(complete)-1], complete + complete, repaired, strings.Replace(repaired, `"torn":`, `"torn":-`, 1), repaired + complete,
		`{"seq":18446744073709551615,"prev":"","time":"` + "\n", `{"seq":1,"prev":"","time":"x","hash":"` + strings.Repeat("0", 64) + `"}` + "\n",
	} {
		f.Add([]byte(seed), 0)
		f.Add([]byte(seed), len(seed)/2)
	}
	f.Add([]byte(repaired), len(kept))
	known := func(data string) bool {
		return data != "" && strings.HasSuffix(data, "}\n") && (strings.HasPrefix(complete, data) || strings.HasPrefix(repaired, data))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		file := filepath.Join(dir, "audit.log")
		old := file + ".000000000001"
		for _, name := range []string{file, old} {
			_ = os.Remove(name)
		}
		split := at > 0 && at < len(data)
		if split {
			require.NoError(t, os.WriteFile(old, data[:at], 0o600))
			require.NoError(t, os.WriteFile(file, data[at:], 0o600))
		} else {
			require.NoError(t, os.WriteFile(file, data, 0o600))
		}
		require.NoError(t, os.Chtimes(file, clock(), clock()), "or Verify waits for the rest of a line")
		report, err := audit.Verify(file)
		if err == nil {
			require.False(t, split, "no seed has two files")
			require.True(t, known(string(data)), "%q", data)
			return
		}
		require.True(t, isBroken(err), err)
		require.NotEmpty(t, err.Error())
		require.Equal(t, report.Lines, report.Last.Sequence)
	})
}

// FuzzOpen opens a log with arbitrary data after a valid line. If Open continues
// it, the log is valid from then on and has lost nothing; if not, Open does not
// change it.
func FuzzOpen(f *testing.F) {
	first := fake(1, "", `"log":"opened","pid":1`)
	begin := fmt.Sprintf(`{"seq":2,"prev":%q,"time":"`, hashOf(first))
	closed := fake(2, hashOf(first), `"log":"closed"`)
	for _, seed := range []string{"", "\n", "\x00", "{}", begin, begin + "\x00\n", begin + "\n" + begin[:9], closed, closed[:len(closed)-1], closed[:99] + "\n" + closed, "hello\n"} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "audit.log")
		before := first + string(data)
		require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
		require.NoError(t, os.Chmod(file, 0o600))
		_, wrong := audit.Verify(file)
		log, err := audit.Open(file, audit.Options{})
		if err == nil {
			require.NoError(t, log.Close())
		}
		after, read := os.ReadFile(file)
		require.NoError(t, read)
		if err != nil {
			require.Error(t, wrong)
			require.Equal(t, before, string(after))
			return
		}
		require.True(t, strings.HasPrefix(string(after), before))
		if wrong == nil || strings.Contains(wrong.Error(), reasonEnd) {
			_, err = audit.Verify(file)
			require.NoError(t, err)
		}
	})
}
