package audit_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// lived is a log with some of everything: three files, a crash that cut a line
// off, and an end. It returns the files by name.
func lived(t testing.TB) map[string]string {
	t.Helper()
	file := place(t)
	const most = 1500
	log := open(t, file, audit.Options{MaxBytes: most, Now: clock})
	add(t, log, read("r1"), write(audit.Begin, "w1"), write(audit.End, "w1"), read("r2"), write(audit.Begin, "w2"))
	file = lay(t, contents(t, filepath.Dir(file)))
	all, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(file, int64(len(all)-120)))
	log = open(t, file, audit.Options{MaxBytes: most, Now: clock})
	add(t, log, write(audit.Begin, "w3"), write(audit.End, "w3"), read("r3"))
	require.NoError(t, log.Close())
	files := contents(t, filepath.Dir(file))
	require.Len(t, files, 3)
	require.Len(t, whole(t, file).Recovered, 1)
	return files
}

// fake makes a line that is whole by itself.
func fake(seq int, prev, rest string) string {
	body := fmt.Sprintf(`{"seq":%d,"prev":%q,"time":"2026-03-14T15:09:26.535897Z",%s`, seq, prev, rest)
	return fmt.Sprintf("%s,\"hash\":\"%x\"}\n", body, sha256.Sum256([]byte(body)))
}

// hashOf is the hash that a line bears.
func hashOf(line string) string { return line[len(line)-67 : len(line)-3] }

// Every byte of the log counts, also those of a truncated line, of names, and the
// newlines.
func TestOneByteIsChanged(t *testing.T) {
	files := lived(t)
	file := lay(t, files)
	for name, data := range files {
		path := filepath.Join(filepath.Dir(file), name)
		line, told := 1, 1 // told is where a crash began what a syncTimer line covers of
		for i := range len(data) {
			others := []byte{data[i] ^ 1, '\n', data[i] ^ 0x80, ' ', '"', 0}
			for _, to := range others[:1+min(1, (i+1)%3)*(i%5)] {
				if to == data[i] {
					continue
				}
				changed := []byte(data)
				changed[i] = to
				require.NoError(t, os.WriteFile(path, changed, 0o600))
				require.NoError(t, os.Chtimes(path, clock(), clock()), "or Verify waits for the rest of a line")
				wrong, _ := broken(t, file)
				where := fmt.Sprintf("%s, byte %d, %q instead of %q: %v", name, i, to, data[i], wrong)
				require.Equal(t, path, wrong.File, where)
				require.Equal(t, told, wrong.Line, where)
				require.Equal(t, audit.Changed, wrong.Fault, where)
			}
			if data[i] == '\n' {
				line++
				if data[i-1] == '}' {
					told = line
				}
			}
		}
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
	}
	whole(t, file)
}

// All that can be done to whole lines, at every place of the log.
func TestLinesAreRearranged(t *testing.T) {
	files := lived(t)
	file := lay(t, files)
	elsewhere := place(t)
	add(t, open(t, elsewhere, audit.Options{}), read("r1"), read("r2"))
	other := strings.SplitAfter(text(t, elsewhere), "\n")
	sorted := names(files)
	for _, name := range sorted {
		path := filepath.Join(filepath.Dir(file), name)
		lines := strings.SplitAfter(strings.TrimSuffix(files[name], "\n"), "\n")
		lines[len(lines)-1] += "\n"
		newest := name == "audit.log"
		check := func(what string, at int, lines []string, want ...audit.Fault) *audit.BrokenError {
			t.Helper()
			require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600))
			wrong, report := broken(t, file)
			text := fmt.Sprintf("%s, line %d %s: %v", name, at+1, what, wrong)
			require.Contains(t, want, wrong.Fault, text)
			require.NotEmpty(t, wrong.Reason)
			if wrong.File == path {
				require.Contains(t, []int{at, at + 1, at + 2}, wrong.Line, text)
			} else {
				require.Equal(t, []int{len(lines), 1}, []int{at, wrong.Line}, text)
			}
			if report.Lines > 0 {
				require.Equal(t, wrong.Sequence, report.Last.Sequence+1, text)
			}
			require.NoError(t, os.WriteFile(path, []byte(files[name]), 0o600))
			return wrong
		}
		for i := range lines {
			torn := !strings.HasSuffix(lines[i], "\"}\n")
			told := i > 0 && !strings.HasSuffix(lines[i-1], "\"}\n")
			last := newest && i == len(lines)-1
			without := slices.Delete(slices.Clone(lines), i, i+1)
			switch {
			case last: // no chain can find that; a head that was kept can
				require.NoError(t, os.WriteFile(path, []byte(strings.Join(without, "")), 0o600))
				require.False(t, whole(t, file).Closed)
			case told:
				check("deleted", i-1, without, audit.CutShort)
			default:
				check("deleted", i, without, audit.Missing)
			}
			if i+1 < len(lines) {
				swapped := slices.Clone(lines)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				want := []audit.Fault{audit.OutOfOrder}
				if torn || told || !strings.HasSuffix(lines[i+1], "\"}\n") {
					want = []audit.Fault{audit.OutOfOrder, audit.Missing, audit.Foreign, audit.Changed, audit.CutShort}
				}
				check("swapped", i, swapped, want...)
			}
			doubled := slices.Insert(slices.Clone(lines), i, lines[i])
			if torn {
				check("doubled", i, doubled, audit.Changed)
			} else {
				check("doubled", i+1, doubled, audit.OutOfOrder)
			}
			for what, inserted := range map[string]string{
				"word": "hello\n", "empty line": "\n", "object": "{}\n", "line of another log": other[2], "later line of another log": fake(500, strings.Repeat("0", 64), `"log":"closed"`),
			} {
				if torn || told {
					check(what+" inserted", max(0, i-1), slices.Insert(slices.Clone(lines), i, inserted), audit.Changed, audit.Foreign, audit.CutShort)
				} else {
					check(what+" inserted", i, slices.Insert(slices.Clone(lines), i, inserted), audit.Foreign)
				}
			}
		}
	}
	whole(t, file)
}

// A line whose hash was computed anew does not fit to the one behind it.
func TestALineIsRewritten(t *testing.T) {
	all := strings.SplitAfter(strings.TrimSuffix(sample(t), "\n"), "\n")
	all[len(all)-1] += "\n"
	for i, line := range all {
		prev := ""
		if i > 0 {
			prev = hashOf(all[i-1])
		}
		rewritten := fake(i+1, prev, `"phase":"end","call":"harmless"`)
		require.Len(t, hashOf(line), 64)
		lines := slices.Clone(all)
		lines[i] = rewritten
		file := lay(t, map[string]string{"audit.log": strings.Join(lines, "")})
		if i == len(all)-1 { // nothing is behind it
			whole(t, file)
			wrong, _ := broken(t, file, audit.Head{Sequence: uint64(i + 1), Hash: hashOf(line)})
			require.Equal(t, audit.Changed, wrong.Fault)
			continue
		}
		wrong, _ := broken(t, file)
		require.Equal(t, i+2, wrong.Line)
		if i == len(all)-2 {
			require.Equal(t, audit.Foreign, wrong.Fault)
			require.Equal(t, fmt.Sprintf("it is line %d of another log, or the line before it was changed and its hash computed anew", i+2), wrong.Reason)
		} else {
			require.Equal(t, audit.Changed, wrong.Fault)
			require.Equal(t, "it does not follow from the line before, which was changed and its hash computed anew, or all from here on is of another log", wrong.Reason)
		}
	}
}

// Cut off at any byte, the log is either found to be cut short or ends with a
// whole line; then it is the head that covers, and a closed log that is not closed.
func TestCutShort(t *testing.T) {
	files := lived(t)
	sorted := names(files)
	complete := whole(t, lay(t, files))
	for n, name := range sorted {
		data := files[name]
		file := lay(t, files)
		path := filepath.Join(filepath.Dir(file), name)
		for cut := range len(data) {
			require.NoError(t, os.WriteFile(path, []byte(data[:cut]), 0o600))
			require.NoError(t, os.Chtimes(path, clock(), clock()), "or Verify waits for the rest of a line")
			atEnd := cut > 0 && data[cut-1] == '\n'
			report, err := audit.Verify(file)
			switch {
			case atEnd && n == len(sorted)-1:
				require.NoError(t, err)
				require.False(t, report.Closed)
				wrong, _ := broken(t, file, complete.Last.Head)
				require.Equal(t, audit.CutShort, wrong.Fault)
				require.Equal(t, fmt.Sprintf("the log ends with line %d, and line %d was there once", report.Last.Sequence, complete.Last.Sequence), wrong.Reason)
			case cut == 0 && n < len(sorted)-1 || atEnd && strings.HasSuffix(data[:cut], "\"}\n"):
				require.ErrorContains(t, err, ": missing: ", cut)
				require.True(t, isBroken(err))
			default:
				require.ErrorContains(t, err, ": cut short: ", cut)
				require.ErrorContains(t, err, path)
			}
		}
	}
}

func TestFilesAreMissingOrMoved(t *testing.T) {
	file := place(t)
	fill(t, file, 4, 0)
	files := contents(t, filepath.Dir(file))
	sorted := names(files)
	for i, name := range sorted {
		t.Run("without "+name, func(t *testing.T) {
			file := lay(t, files)
			path := filepath.Join(filepath.Dir(file), name)
			require.NoError(t, os.Remove(path))
			wrong, report := broken(t, file)
			require.Equal(t, audit.Missing, wrong.Fault)
			switch name {
			case "audit.log":
				require.EqualError(t, wrong, file+": missing: older files of the log are there, and the newest is not")
			case sorted[0]:
				require.Equal(t, fmt.Sprintf("%s, line 1, where line 1 of the log should be: missing: line 2 is here, and the lines before it, up to the end of the file %s, were not removed by the log itself", filepath.Join(filepath.Dir(file), sorted[1]), name), wrong.Error())
				require.Equal(t, uint64(2), report.First.Sequence)
			default:
				require.Equal(t, filepath.Join(filepath.Dir(file), sorted[i+1]), wrong.File)
				require.Contains(t, wrong.Reason, "nowhere, nor is the file "+name)
			}
		})
		if i == 0 {
			continue
		}
		t.Run("swapped with "+name, func(t *testing.T) {
			swapped := maps.Clone(files)
			swapped[name], swapped[sorted[i-1]] = files[sorted[i-1]], files[name]
			wrong, _ := broken(t, lay(t, swapped))
			require.Contains(t, []audit.Fault{audit.OutOfOrder, audit.Foreign}, wrong.Fault, wrong.Error())
		})
	}
	t.Run("others lie beside it", func(t *testing.T) {
		with := map[string]string{"audit.log.1": "x", "audit.log.gz": "x", "audit.log.000000000001.gz": "x", "audit.log.00000000000001": "x", "audit.log2": "x", "xaudit.log.000000000001": "x"}
		maps.Copy(with, files)
		require.Len(t, whole(t, lay(t, with)).Files, len(files))
	})
	t.Run("from another log", func(t *testing.T) {
		other := place(t)
		log := open(t, other, audit.Options{MaxBytes: 1})
		for i := range 4 {
			add(t, log, read(numbered(i)))
		}
		require.NoError(t, log.Close())
		mixed := contents(t, filepath.Dir(other))
		mixed[sorted[2]] = files[sorted[2]]
		wrong, _ := broken(t, lay(t, mixed))
		require.Equal(t, sorted[2], filepath.Base(wrong.File))
		require.Equal(t, audit.Foreign, wrong.Fault)
	})
	t.Run("all in one", func(t *testing.T) {
		whole(t, lay(t, map[string]string{"audit.log": text(t, file)}))
	})
}

func TestHeadsThatWereKept(t *testing.T) {
	file := place(t)
	log := open(t, file, audit.Options{MaxBytes: 1})
	var heads []audit.Head
	for i := range 6 {
		add(t, log, read(numbered(i)))
		heads = append(heads, log.Head())
	}
	require.NoError(t, log.Close())
	whole(t, file, heads...)
	slices.Reverse(heads)
	report := whole(t, file, heads...)
	whole(t, file, report.First.Head, report.Last.Head, report.Last.Head)

	ahead := report.Last.Head
	ahead.Sequence++
	wrong, _ := broken(t, file, heads[2], ahead)
	require.EqualError(t, wrong, file+": cut short: the log ends with line 15, and line 16 was there once")
	for _, head := range heads {
		other := head
		other.Hash = strings.Repeat("0", 64)
		wrong, _ := broken(t, file, head, other)
		require.Equal(t, audit.Changed, wrong.Fault)
		require.Equal(t, fmt.Sprintf("line %d has another hash than the one that was kept elsewhere: the log was written anew from there or earlier", head.Sequence), wrong.Reason)
	}

	log = open(t, file, audit.Options{Keep: 1})
	require.NoError(t, log.Close())
	report = whole(t, file)
	require.Equal(t, uint64(12), report.First.Sequence)
	whole(t, file, heads[0])
	_, err := audit.Verify(file, heads[1])
	require.NoError(t, err, "the first line that is left holds the hash of the one before")
	_, err = audit.Verify(file, heads[2])
	require.EqualError(t, err, fmt.Sprintf("the audit log %q cannot be verified: line %d, which was kept elsewhere, is older than line 12, the first that is still there", file, heads[2].Sequence))
	require.False(t, isBroken(err))
}

// A whole line that is linked well, but says what the log cannot have written.
func TestLinesThatDoNotFit(t *testing.T) {
	all := sample(t)
	head := hashOf(all)
	torn := func(data string) string {
		return fmt.Sprintf(`"log":"recovered","torn":%d,"torn_hash":"%x"`, len(data), sha256.Sum256([]byte(data)))
	}
	begin := fmt.Sprintf(`{"seq":6,"prev":%q`, head)
	for name, test := range map[string]struct {
		add   string
		fault audit.Fault
	}{
		"tells of what is not there":     {fake(6, head, torn("")), audit.Missing},
		"tells of what was there":        {fake(6, head, torn("x")), audit.Missing},
		"tells of what is no beginning":  {"x\n" + fake(6, head, torn("x")), audit.Changed},
		"tells of what is an object":     {"{}\n" + fake(6, head, torn("{}")), audit.Changed},
		"tells of a line that is whole":  {fake(6, head, `"log":"closed"`) + fake(6, head, torn(strings.TrimSuffix(fake(6, head, `"log":"closed"`), "\n"))), audit.Foreign},
		"tells of less than there is":    {begin + "\n" + fake(6, head, torn(begin[1:])), audit.Changed},
		"tells of nothing":               {begin + "\n" + fake(6, head, `"log":"recovered"`), audit.Changed},
		"is neither entry nor own":       {fake(6, head, `"call":"x"`), audit.Changed},
		"is both":                        {fake(6, head, `"call":"x","phase":"end","log":"closed"`), audit.Changed},
		"says two numbers":               {fake(6, head, `"seq":7,"log":"closed"`), audit.Changed},
		"is a number too far":            {fake(7, head, `"log":"closed"`), audit.Missing},
		"is of another log":              {fake(6, strings.Repeat("0", 64), `"log":"closed"`), audit.Foreign},
		"is a beginning of another log":  {fake(1, "", `"log":"closed"`), audit.Foreign},
		"has no newline":                 {strings.TrimSuffix(fake(6, head, `"log":"closed"`), "\n"), audit.CutShort},
		"has a space for a newline":      {strings.TrimSuffix(fake(6, head, `"log":"closed"`), "\n") + " ", audit.Changed},
		"has more than a newline":        {strings.TrimSuffix(fake(6, head, `"log":"closed"`), "\n") + " \n", audit.Changed},
		"is cut off":                     {begin, audit.CutShort},
		"is cut off, with a newline":     {begin + "\n", audit.CutShort},
		"is a word":                      {"hello", audit.Foreign},
		"is a word, with a newline":      {"hello\n", audit.Foreign},
		"is longer than any line of one": {`{"seq":6,` + strings.Repeat(" ", 17<<20) + "\n", audit.Changed},
	} {
		t.Run(name, func(t *testing.T) {
			file := lay(t, map[string]string{"audit.log": all + test.add})
			wrong, report := broken(t, file)
			require.Equal(t, test.fault, wrong.Fault, wrong.Error())
			require.GreaterOrEqual(t, report.Lines, uint64(5))
			require.Equal(t, int(report.Lines)+1, wrong.Line)
		})
	}
	t.Run("a new file does not begin as one", func(t *testing.T) {
		cut := strings.LastIndexByte(all[:len(all)-1], '\n') + 1
		wrong, _ := broken(t, lay(t, map[string]string{"audit.log.000000000001": all[:cut], "audit.log": all[cut:]}))
		require.Equal(t, audit.Foreign, wrong.Fault)
		require.Equal(t, "it is not how a new file of this log begins", wrong.Reason)

		crashed := lay(t, map[string]string{"audit.log": all[:len(all)-50]})
		require.NoError(t, open(t, crashed, audit.Options{}).Close())
		mended := text(t, crashed)
		wrong, _ = broken(t, lay(t, map[string]string{"audit.log.000000000001": mended[:cut], "audit.log": mended[cut:]}))
		require.Equal(t, audit.Foreign, wrong.Fault)
		require.Equal(t, "it is not how a new file of this log begins", wrong.Reason)
	})
	t.Run("an empty log", func(t *testing.T) {
		file := lay(t, map[string]string{"audit.log": ""})
		wrong, report := broken(t, file)
		require.EqualError(t, wrong, file+": cut short: there is no line in it")
		require.Zero(t, report.Lines)
	})
}

func TestVerifyCannotFindOut(t *testing.T) {
	file := place(t)
	_, err := audit.Verify(file)
	require.EqualError(t, err, fmt.Sprintf("the audit log %q cannot be verified: %q: no such file or directory", file, file))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.False(t, isBroken(err))
	_, err = audit.Verify(filepath.Dir(file))
	require.ErrorContains(t, err, "is not a regular file")
	_, err = audit.Verify(filepath.Join(file, "x"))
	require.ErrorContains(t, err, "does not exist")
}
