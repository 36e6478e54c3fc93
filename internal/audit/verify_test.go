package audit_test

import (
	"crypto/sha256"
	"errors"
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

// sampleFiles writes a log with some of everything: three files, a line truncated
// by a crash, and a closed line. It returns the files by name.
func sampleFiles(t testing.TB) map[string]string {
	t.Helper()
	file := logPath(t)
	const maxBytes = 1500
	log := open(t, file, audit.Options{MaxBytes: maxBytes, Now: clock})
	add(t, log, read("r1"), write(audit.Begin, "w1"), write(audit.End, "w1"), read("r2"), write(audit.Begin, "w2"))
	file = writeFiles(t, readFiles(t, filepath.Dir(file)))
	all, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(file, int64(len(all)-120)))
	log = open(t, file, audit.Options{MaxBytes: maxBytes, Now: clock})
	add(t, log, write(audit.Begin, "w3"), write(audit.End, "w3"), read("r3"))
	require.NoError(t, log.Close())
	files := readFiles(t, filepath.Dir(file))
	require.Len(t, files, 3)
	require.Len(t, verified(t, file).Recovered, 1)
	return files
}

// fake returns a line that is valid except for its place in the chain.
func fake(seq int, prev, rest string) string {
	body := fmt.Sprintf(`{"seq":%d,"prev":%q,"time":"2026-03-14T15:09:26.535897Z",%s`, seq, prev, rest)
	return fmt.Sprintf("%s,\"hash\":\"%x\"}\n", body, sha256.Sum256([]byte(body)))
}

// hashOf returns the hash in a line.
func hashOf(line string) string { return line[len(line)-67 : len(line)-3] }

// old makes Verify not wait for the rest of an incomplete line.
func old(t testing.TB, path string) {
	t.Helper()
	require.NoError(t, os.Chtimes(path, clock(), clock()))
}

// A change of any byte is detected, including the bytes of a truncated line, names
// and newlines.
func TestEveryByteIsVerified(t *testing.T) {
	files := sampleFiles(t)
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := writeFiles(t, files)
			path := filepath.Join(filepath.Dir(file), name)
			target, err := os.OpenFile(path, os.O_WRONLY, 0)
			require.NoError(t, err)
			defer target.Close()
			put := func(i int, c byte) {
				_, err := target.WriteAt([]byte{c}, int64(i))
				require.NoError(t, err)
			}
			line, start := 1, 1 // start is that of the truncated line before a recovered one
			for i := range len(data) {
				others := []byte{data[i] ^ 1, '\n', data[i] ^ 0x80, ' ', '"', 0}
				for _, to := range others[:1+min(1, (i+1)%3)*(i%5)] {
					if to == data[i] {
						continue
					}
					put(i, to)
					old(t, path)
					_, err := audit.Verify(file)
					wrong, ok := errors.AsType[*audit.BrokenError](err)
					if !ok || wrong.File != path || wrong.Line != start || wrong.Reason == "" {
						t.Fatalf("byte %d, %q instead of %q: %v", i, to, data[i], err)
					}
				}
				put(i, data[i])
				if data[i] == '\n' {
					line++
					if data[i-1] == '}' {
						start = line
					}
				}
			}
			verified(t, file)
		})
	}
}

// Deleted, swapped, doubled and inserted lines are detected at every place.
func TestRearrangedLines(t *testing.T) {
	files := sampleFiles(t)
	file := writeFiles(t, files)
	other := logPath(t)
	add(t, open(t, other, audit.Options{}), read("r1"), read("r2"))
	foreign := strings.SplitAfter(text(t, other), "\n")
	for _, name := range names(files) {
		path := filepath.Join(filepath.Dir(file), name)
		lines := strings.SplitAfter(strings.TrimSuffix(files[name], "\n"), "\n")
		lines[len(lines)-1] += "\n"
		check := func(what string, at int, lines []string, reasons ...string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600))
			wrong, report := brokenAt(t, file)
			text := fmt.Sprintf("%s, line %d %s: %v", name, at+1, what, wrong)
			require.Contains(t, reasons, strings.TrimRight(wrong.Reason, "0123456789"), text)
			if wrong.File == path {
				require.Contains(t, []int{at, at + 1, at + 2}, wrong.Line, text)
			} else {
				require.Equal(t, []int{len(lines), 1}, []int{at, wrong.Line}, text)
			}
			if report.Lines > 0 {
				require.Equal(t, wrong.Sequence, report.Last.Sequence+1, text)
			}
			require.NoError(t, os.WriteFile(path, []byte(files[name]), 0o600))
		}
		for i := range lines {
			truncated := !strings.HasSuffix(lines[i], "\"}\n")
			afterTruncated := i > 0 && !strings.HasSuffix(lines[i-1], "\"}\n")
			last := name == "audit.log" && i == len(lines)-1
			without := slices.Delete(slices.Clone(lines), i, i+1)
			switch {
			case last: // only a kept head detects that
				require.NoError(t, os.WriteFile(path, []byte(strings.Join(without, "")), 0o600))
				require.False(t, verified(t, file).Closed)
			case afterTruncated:
				check("deleted", i-1, without, reasonIncomplete)
			case truncated:
				check("deleted", i, without, reasonRecovered)
			default: // the next line may be a truncated one
				check("deleted", i, without, reasonSequence, reasonFormat)
			}
			if i+1 < len(lines) {
				swapped := slices.Clone(lines)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				reasons := []string{reasonSequence}
				if truncated || afterTruncated || !strings.HasSuffix(lines[i+1], "\"}\n") {
					reasons = []string{reasonSequence, reasonIncomplete, reasonRecovered, reasonFormat}
				}
				check("swapped", i, swapped, reasons...)
			}
			doubled := slices.Insert(slices.Clone(lines), i, lines[i])
			if truncated {
				check("doubled", i, doubled, reasonIncomplete)
			} else {
				check("doubled", i+1, doubled, reasonSequence)
			}
			for what, inserted := range map[string]string{
				"word": "hello\n", "empty line": "\n", "object": "{}\n", "line of another log": foreign[2], "later line of another log": fake(500, strings.Repeat("0", 64), `"log":"closed"`),
			} {
				at := i
				if afterTruncated {
					at = i - 1
				}
				check(what+" inserted", at, slices.Insert(slices.Clone(lines), i, inserted), reasonFormat, reasonIncomplete, reasonSequence, reasonPrev)
			}
		}
	}
	verified(t, file)
}

// Reasons of broken lines.
const (
	reasonFormat     = "it is truncated or not a line of an audit log"
	reasonHash       = "its hash does not match"
	reasonIncomplete = "it is incomplete, and no line after it records that a crash truncated it"
	reasonEnd        = "the log ends within this line"
	reasonSequence   = "its sequence number is "
	reasonPrev       = "its previous hash does not match the line before"
	reasonRotated    = "the first line of a new file must be a rotated line"
	reasonRecovered  = "it records a truncated line that is missing"
)

// A rewritten line with a new hash does not match the line after it.
func TestRewrittenLine(t *testing.T) {
	all := strings.SplitAfter(strings.TrimSuffix(sampleLog(t), "\n"), "\n")
	all[len(all)-1] += "\n"
	for i, line := range all {
		prev := ""
		if i > 0 {
			prev = hashOf(all[i-1])
		}
		lines := slices.Clone(all)
		lines[i] = fake(i+1, prev, `"phase":"end","call":"harmless"`)
		file := writeFiles(t, map[string]string{"audit.log": strings.Join(lines, "")})
		if i == len(all)-1 { // there is no line after it
			verified(t, file)
			wrong, _ := brokenAt(t, file, audit.Head{Sequence: uint64(i + 1), Hash: hashOf(line)})
			require.Equal(t, fmt.Sprintf("the hash of line %d differs from the kept one: the log was rewritten from there or earlier", i+1), wrong.Reason)
			continue
		}
		wrong, _ := brokenAt(t, file)
		require.Equal(t, i+2, wrong.Line)
		require.Equal(t, reasonPrev, wrong.Reason)
	}
}

// A file that is truncated at any byte is detected. If the newest file ends with a
// complete line, only a kept head detects it, and a closed log is not closed.
func TestTruncatedFiles(t *testing.T) {
	files := sampleFiles(t)
	sorted := names(files)
	complete := verified(t, writeFiles(t, files))
	for n, name := range sorted {
		data := files[name]
		newest := n == len(sorted)-1
		file := writeFiles(t, files)
		path := filepath.Join(filepath.Dir(file), name)
		for cut := len(data) - 1; cut >= 0; cut-- {
			require.NoError(t, os.Truncate(path, int64(cut)))
			old(t, path)
			atEnd := cut > 0 && data[cut-1] == '\n'
			report, err := audit.Verify(file)
			if newest && atEnd {
				require.NoError(t, err)
				require.False(t, report.Closed)
				wrong, _ := brokenAt(t, file, complete.Last.Head)
				require.Equal(t, fmt.Sprintf("the log ends with line %d, before the kept line %d", report.Last.Sequence, complete.Last.Sequence), wrong.Reason)
				continue
			}
			require.True(t, isBroken(err), cut)
			switch {
			case newest && cut == 0:
				require.EqualError(t, err, path+": it has no line")
			case newest && strings.Contains(data[:cut], "\n"):
				require.ErrorContains(t, err, path)
				require.ErrorContains(t, err, reasonEnd)
			case cut == 0 || atEnd && strings.HasSuffix(data[:cut], "\"}\n"):
				require.ErrorContains(t, err, reasonSequence)
			default:
				require.ErrorContains(t, err, path)
				require.Regexp(t, reasonFormat+"$|"+reasonIncomplete+"$|"+reasonEnd+"$", err)
			}
		}
	}
}

func TestMissingAndMovedFiles(t *testing.T) {
	file := logPath(t)
	writeLog(t, file, 4, 0)
	files := readFiles(t, filepath.Dir(file))
	sorted := names(files)
	for i, name := range sorted {
		t.Run("without "+name, func(t *testing.T) {
			file := writeFiles(t, files)
			path := filepath.Join(filepath.Dir(file), name)
			require.NoError(t, os.Remove(path))
			wrong, report := brokenAt(t, file)
			switch name {
			case "audit.log":
				require.EqualError(t, wrong, file+": the newest file is missing")
			case sorted[0]:
				require.EqualError(t, wrong, fmt.Sprintf("%s, line 1, expected to be line 1 of the log: its sequence number is 2, and the lines before it, up to the end of %s, are missing but were not pruned", filepath.Join(filepath.Dir(file), sorted[1]), name))
				require.Equal(t, uint64(2), report.First.Sequence)
			default:
				require.Equal(t, filepath.Join(filepath.Dir(file), sorted[i+1]), wrong.File)
				require.Contains(t, wrong.Reason, reasonSequence)
			}
		})
		if i == 0 {
			continue
		}
		t.Run("swapped with "+name, func(t *testing.T) {
			swapped := maps.Clone(files)
			swapped[name], swapped[sorted[i-1]] = files[sorted[i-1]], files[name]
			wrong, _ := brokenAt(t, writeFiles(t, swapped))
			require.Contains(t, wrong.Reason, reasonSequence)
		})
	}
	t.Run("other files beside it", func(t *testing.T) {
		with := map[string]string{"audit.log.1": "x", "audit.log.gz": "x", "audit.log.000000000001.gz": "x", "audit.log.00000000000001": "x", "audit.log2": "x", "xaudit.log.000000000001": "x"}
		maps.Copy(with, files)
		require.Len(t, verified(t, writeFiles(t, with)).Files, len(files))
	})
	t.Run("from another log", func(t *testing.T) {
		other := logPath(t)
		log := open(t, other, audit.Options{MaxBytes: 1})
		for i := range 4 {
			add(t, log, read(numbered(i)))
		}
		require.NoError(t, log.Close())
		mixed := readFiles(t, filepath.Dir(other))
		mixed[sorted[2]] = files[sorted[2]]
		wrong, _ := brokenAt(t, writeFiles(t, mixed))
		require.Equal(t, sorted[2], filepath.Base(wrong.File))
		require.Contains(t, []string{reasonPrev}, wrong.Reason)
	})
	t.Run("all in one", func(t *testing.T) {
		verified(t, writeFiles(t, map[string]string{"audit.log": text(t, file)}))
	})
}

func TestKeptHeads(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{MaxBytes: 1})
	var heads []audit.Head
	for i := range 6 {
		add(t, log, read(numbered(i)))
		heads = append(heads, log.Head())
	}
	require.NoError(t, log.Close())
	verified(t, file, heads...)
	slices.Reverse(heads)
	report := verified(t, file, heads...)
	verified(t, file, report.First.Head, report.Last.Head, report.Last.Head)

	ahead := report.Last.Head
	ahead.Sequence++
	wrong, _ := brokenAt(t, file, heads[2], ahead)
	require.EqualError(t, wrong, file+": the log ends with line 15, before the kept line 16")
	for _, head := range heads {
		other := head
		other.Hash = strings.Repeat("0", 64)
		wrong, _ := brokenAt(t, file, head, other)
		require.Equal(t, fmt.Sprintf("the hash of line %d differs from the kept one: the log was rewritten from there or earlier", head.Sequence), wrong.Reason)
	}

	log = open(t, file, audit.Options{Keep: 1})
	require.NoError(t, log.Close())
	report = verified(t, file)
	require.Equal(t, uint64(12), report.First.Sequence)
	verified(t, file, heads[0])
	_, err := audit.Verify(file, heads[1])
	require.NoError(t, err, "the first remaining line has the hash of the one before")
	_, err = audit.Verify(file, heads[2])
	require.EqualError(t, err, fmt.Sprintf("verify audit log %q: the kept line %d is older than line 12, the first of the log", file, heads[2].Sequence))
	require.False(t, isBroken(err))
}

// Lines with valid hashes and a valid place in the chain, but content that the log
// cannot have.
func TestForgedLines(t *testing.T) {
	all := sampleLog(t)
	head := hashOf(all)
	records := func(data string) string { return fmt.Sprintf(recoveredRest, len(data), sha256.Sum256([]byte(data))) }
	begin := fmt.Sprintf(`{"seq":6,"prev":%q`, head)
	closed := fake(6, head, `"log":"closed"`)
	unterminated := strings.TrimSuffix(closed, "\n")
	for name, test := range map[string]struct{ add, reason string }{
		"records a line that is missing":       {fake(6, head, records("")), reasonRecovered},
		"records bytes that are missing":       {fake(6, head, records("x")), reasonRecovered},
		"records what cannot be truncated":     {"x\n" + fake(6, head, records("x")), reasonFormat},
		"records an object":                    {"{}\n" + fake(6, head, records("{}")), reasonFormat},
		"records a valid line":                 {closed + fake(6, head, records(unterminated)), reasonSequence + "6"},
		"records fewer bytes":                  {begin + "\n" + fake(6, head, records(begin[1:])), reasonIncomplete},
		"records nothing":                      {begin + "\n" + fake(6, head, `"log":"recovered"`), reasonIncomplete},
		"is neither entry nor event":           {fake(6, head, `"call":"x"`), reasonFormat},
		"is both":                              {fake(6, head, `"call":"x","phase":"end","log":"closed"`), reasonFormat},
		"has two sequence numbers":             {fake(6, head, `"seq":7,"log":"closed"`), reasonFormat},
		"skips a sequence number":              {fake(7, head, `"log":"closed"`), reasonSequence + "7"},
		"belongs to another log":               {fake(6, strings.Repeat("0", 64), `"log":"closed"`), reasonPrev},
		"is the first of another log":          {fake(1, "", `"log":"closed"`), reasonSequence + "1"},
		"has no newline":                       {unterminated, reasonEnd},
		"has no newline and another place":     {strings.TrimSuffix(fake(6, strings.Repeat("0", 64), `"log":"closed"`), "\n"), reasonPrev},
		"has a space instead of a newline":     {unterminated + " ", reasonFormat},
		"has a space before its newline":       {unterminated + " \n", reasonFormat},
		"has another hash":                     {strings.Replace(closed, "closed", "opened", 1), reasonHash},
		"is truncated":                         {begin, reasonEnd},
		"is truncated, with a newline":         {begin + "\n", reasonEnd},
		"is a word":                            {"hello", reasonFormat},
		"is a word, with a newline":            {"hello\n", reasonFormat},
		"is longer than the maximum of a line": {`{"seq":6,` + strings.Repeat(" ", 17<<20) + "\n", reasonFormat},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFiles(t, map[string]string{"audit.log": all + test.add})
			old(t, file)
			wrong, report := brokenAt(t, file)
			require.Equal(t, test.reason, wrong.Reason)
			require.GreaterOrEqual(t, report.Lines, uint64(5))
			require.Equal(t, int(report.Lines)+1, wrong.Line)
		})
	}
	t.Run("a new file without a rotated line", func(t *testing.T) {
		cut := strings.LastIndexByte(all[:len(all)-1], '\n') + 1
		wrong, _ := brokenAt(t, writeFiles(t, map[string]string{"audit.log.000000000001": all[:cut], "audit.log": all[cut:]}))
		require.Equal(t, reasonRotated, wrong.Reason)

		crashed := writeFiles(t, map[string]string{"audit.log": all[:len(all)-50]})
		require.NoError(t, open(t, crashed, audit.Options{}).Close())
		repaired := text(t, crashed)
		wrong, _ = brokenAt(t, writeFiles(t, map[string]string{"audit.log.000000000001": repaired[:cut], "audit.log": repaired[cut:]}))
		require.Equal(t, reasonFormat, wrong.Reason)
	})
	t.Run("an empty log", func(t *testing.T) {
		file := writeFiles(t, map[string]string{"audit.log": ""})
		wrong, report := brokenAt(t, file)
		require.EqualError(t, wrong, file+": it has no line")
		require.Zero(t, report.Lines)
	})
}

// The log of an older version, with a line that a crash truncated, still verifies
// and can be continued.
func TestLogOfAnOlderVersion(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "first_format.log"))
	require.NoError(t, err)
	file := writeFiles(t, map[string]string{"audit.log": string(data)})
	report := verified(t, file)
	require.Equal(t, uint64(25), report.Lines)
	require.Len(t, report.Recovered, 1)
	require.Len(t, report.UncleanStops, 1)
	require.True(t, report.Closed)
	require.Empty(t, report.Unfinished)
	log := open(t, file, audit.Options{})
	add(t, log, read("r"))
	require.NoError(t, log.Close())
	require.Equal(t, uint64(28), verified(t, file).Lines)
}

func TestVerifyErrors(t *testing.T) {
	file := logPath(t)
	_, err := audit.Verify(file)
	require.EqualError(t, err, fmt.Sprintf("verify audit log %q: no such file or directory", file))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.False(t, isBroken(err))
	_, err = audit.Verify(filepath.Dir(file))
	require.ErrorContains(t, err, "not a regular file")
	_, err = audit.Verify(filepath.Join(file, "x"))
	require.ErrorContains(t, err, "does not exist")
}
