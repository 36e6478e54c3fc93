package audit_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// writeLog writes reads, each to its own file: a file is full after one line.
func writeLog(t testing.TB, file string, entries, keep int) {
	t.Helper()
	log := open(t, file, audit.Options{MaxBytes: 1, Keep: keep, Now: clock})
	for i := range entries {
		add(t, log, read(numbered(i)))
	}
	require.NoError(t, log.Close())
}

func TestRotation(t *testing.T) {
	file := logPath(t)
	writeLog(t, file, 3, 0)
	require.Equal(t, []string{"audit.log.000000000001", "audit.log.000000000002", "audit.log.000000000004", "audit.log.000000000006", "audit.log"}, names(readFiles(t, filepath.Dir(file))))
	require.Equal(t, []string{"opened", "rotated", "end call-0000", "rotated", "end call-0001", "rotated", "end call-0002", "rotated", "closed"}, kinds(t, file))
	require.Contains(t, text(t, file), `"log":"rotated","before":"audit.log.000000000004"`)
	report := verified(t, file)
	require.Len(t, report.Files, 5)
	require.Equal(t, filepath.Join(filepath.Dir(file), "audit.log.000000000001"), report.Files[0])
	require.Equal(t, uint64(9), report.Lines)
	require.True(t, report.Closed)
	require.Empty(t, report.UncleanStops)

	writeLog(t, file, 0, 0)
	require.Empty(t, verified(t, file).UncleanStops)
}

func TestSizes(t *testing.T) {
	file := logPath(t)
	const most = 4 << 10
	log := open(t, file, audit.Options{MaxBytes: most})
	for i := range 100 {
		add(t, log, read(numbered(i)))
	}
	large := read("large")
	large.Error = strings.Repeat("x", 2*most)
	add(t, log, large, read("last"))
	verified(t, file)
	files := readFiles(t, filepath.Dir(file))
	for i, name := range names(files) {
		switch data := files[name]; {
		case i == len(files)-2:
			require.Contains(t, data, `"call":"large"`)
			require.Equal(t, 2, strings.Count(data, "\n"), "it has its own file")
		case i < len(files)-3:
			require.InDelta(t, most-200, len(data), 200)
		default:
			require.LessOrEqual(t, len(data), most)
		}
	}
}

func TestPruning(t *testing.T) {
	for name, keep := range map[string]int{"one": 1, "two": 2, "five": 5} {
		t.Run(name, func(t *testing.T) {
			file := logPath(t)
			writeLog(t, file, 12, keep)
			require.Len(t, readFiles(t, filepath.Dir(file)), keep+1)
			report := verified(t, file)
			require.Greater(t, report.First.Sequence, uint64(1))
			require.Equal(t, report.Last.Sequence-report.First.Sequence+1, report.Lines)

			writeLog(t, file, 2, 1)
			require.Len(t, readFiles(t, filepath.Dir(file)), 2)
			verified(t, file)
		})
	}
	t.Run("later", func(t *testing.T) {
		file := logPath(t)
		writeLog(t, file, 6, 0)
		before := verified(t, file)
		log := open(t, file, audit.Options{Keep: 2})
		require.Len(t, readFiles(t, filepath.Dir(file)), 3)
		require.NoError(t, log.Close())
		report := verified(t, file)
		require.Contains(t, text(t, file), fmt.Sprintf(`"from":%d`, report.First.Sequence))
		require.Greater(t, report.First.Sequence, before.First.Sequence)

		// Of what is not recorded, nothing may be missing.
		oldest := report.Files[0]
		require.NoError(t, os.Remove(oldest))
		wrong, _ := brokenAt(t, file)
		require.Equal(t, report.First.Sequence, wrong.Sequence)
		require.Contains(t, wrong.Reason, "up to the end of "+filepath.Base(oldest)+", are missing but were not pruned")
	})
	t.Run("a crash before the files are removed", func(t *testing.T) {
		file := logPath(t)
		writeLog(t, file, 4, 0)
		full := readFiles(t, filepath.Dir(file))
		require.NoError(t, open(t, file, audit.Options{Keep: 2}).Close())
		after := readFiles(t, filepath.Dir(file))
		sorted := names(full)
		for n := range sorted[:len(sorted)-3] { // how many were removed when it came
			files := map[string]string{}
			for _, name := range sorted[n:] {
				files[name] = full[name]
			}
			files["audit.log"] = after["audit.log"]
			again := writeFiles(t, files)
			verified(t, again)
			require.NoError(t, open(t, again, audit.Options{Keep: 2}).Close())
			verified(t, again)
			require.Len(t, readFiles(t, filepath.Dir(again)), 3)
		}
	})
}

// A crash between any two steps of a rotation leaves what Verify accepts and Open
// completes.
func TestInterruptedRotation(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{MaxBytes: 1 << 10, Now: clock})
	add(t, log, read("r1"), read("r2"))
	require.Len(t, readFiles(t, filepath.Dir(file)), 1)
	add(t, log, read("r3"), read("r4"))
	after := readFiles(t, filepath.Dir(file))
	require.Len(t, after, 2)
	const old = "audit.log.000000000001"
	full := after[old]
	next, _, _ := strings.Cut(after["audit.log"], "\n")
	next += "\n"
	for name, files := range map[string]map[string]string{
		"the new file was made":          {"audit.log": full, "audit.log.next": ""},
		"its first line was cut off":     {"audit.log": full, "audit.log.next": next[:100]},
		"its first line was written":     {"audit.log": full, "audit.log.next": next},
		"the old file has its name":      {old: full, "audit.log.next": next},
		"the new file has its name":      {old: full, "audit.log": next},
		"another one had been cut off":   {old: full, "audit.log": next, "audit.log.next": next[:100]},
		"the first file was to be begun": {"audit.log.next": next[:100]},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFiles(t, files)
			if name != "the first file was to be begun" {
				report := verified(t, file)
				require.Contains(t, []uint64{uint64(strings.Count(full, "\n")), uint64(strings.Count(full, "\n") + 1)}, report.Lines)
			}
			log := open(t, file, audit.Options{MaxBytes: 1 << 10})
			add(t, log, read("after"), write(audit.Begin, "w"), write(audit.End, "w"))
			require.NoError(t, log.Close())
			report := verified(t, file)
			require.True(t, strings.HasPrefix(text(t, file), files["audit.log"]+files[old]) || files[old] != "")
			require.NotContains(t, readFiles(t, filepath.Dir(file)), "audit.log.next")
			require.Equal(t, strings.Count(text(t, file), "\n"), int(report.Lines))
			if files[old]+files["audit.log"] != "" {
				require.Contains(t, text(t, file), `"call":"r2"`)
				require.Len(t, report.UncleanStops, 1)
			}
		})
	}
}

func TestRotationThatCannotContinue(t *testing.T) {
	file := logPath(t)
	writeLog(t, file, 2, 0)
	all := readFiles(t, filepath.Dir(file))
	const old = "audit.log.000000000004"
	const noEnd = "the log cannot be continued: verify it to find the fault, or move its files away to start a new log"
	without := func(changes map[string]string) map[string]string {
		files := maps.Clone(all)
		for name, data := range changes {
			if files[name] = data; data == "" {
				delete(files, name)
			}
		}
		return files
	}
	for name, test := range map[string]struct {
		files  map[string]string
		want   string // with the folder and a slash as %[1]s
		broken string
	}{
		"the newest file is missing": {
			without(map[string]string{"audit.log": ""}), `"%[1]saudit.log" is missing, but "%[1]s` + old + `" precedes it: ` + noEnd, "the newest file is missing",
		},
		"another is in its place": {
			without(map[string]string{"audit.log": "", "audit.log.next": all["audit.log.000000000001"]}), `"%[1]saudit.log" is missing, but "%[1]s` + old + `" precedes it: ` + noEnd, reasonSequence + "1",
		},
		"the one before was cut off": {
			without(map[string]string{"audit.log": "", old: all[old][:len(all[old])-1], "audit.log.next": all["audit.log"]}), `"%[1]saudit.log" is missing, but "%[1]s` + old + `" precedes it: ` + noEnd, reasonFormat,
		},
		"the newest file has no line": {
			without(map[string]string{"audit.log": "{"}), `"%[1]saudit.log" does not continue "%[1]s` + old + `": ` + noEnd, reasonFormat,
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFiles(t, test.files)
			dir := filepath.Dir(file) + string(filepath.Separator)
			before := readFiles(t, dir)
			_, err := audit.Open(file, audit.Options{})
			require.EqualError(t, err, fmt.Sprintf("open audit log %q: ", file)+fmt.Sprintf(test.want, dir))
			require.Equal(t, before, readFiles(t, dir))
			wrong, _ := brokenAt(t, file)
			require.Equal(t, test.broken, wrong.Reason)
		})
	}
	t.Run("the newest file is empty", func(t *testing.T) {
		file := writeFiles(t, without(nil))
		require.NoError(t, os.Truncate(file, 0))
		_, err := audit.Open(file, audit.Options{})
		require.ErrorContains(t, err, "does not continue")
		wrong, _ := brokenAt(t, file)
		require.Equal(t, "it has no line", wrong.Reason)
		require.Equal(t, file, wrong.File)
	})
}

func TestFailedRotation(t *testing.T) {
	t.Run("the name is taken", func(t *testing.T) {
		file := logPath(t)
		log := open(t, file, audit.Options{MaxBytes: 1})
		old := file + ".000000000001"
		require.NoError(t, os.Mkdir(old, 0o700))
		before, err := os.ReadFile(file)
		require.NoError(t, err)
		for range 2 {
			require.EqualError(t, log.Append(read("r")), fmt.Sprintf("write audit log %q: %q already exists", file, old))
		}
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.NoError(t, os.Remove(old))
		add(t, log, read("r"))
		require.NoError(t, log.Close())
		verified(t, file)
	})
	t.Run("no new file can be made", func(t *testing.T) {
		if os.Geteuid() == 0 || runtime.GOOS == "windows" {
			t.Skip("it can always")
		}
		file := logPath(t)
		log := open(t, file, audit.Options{MaxBytes: 1})
		require.NoError(t, os.Chmod(filepath.Dir(file), 0o500))
		require.EqualError(t, log.Append(read("r")), fmt.Sprintf("write audit log %q: permission denied", file))
		require.NoError(t, os.Chmod(filepath.Dir(file), 0o700))
		add(t, log, read("r"))
		require.NoError(t, log.Close())
		verified(t, file)
	})
}
