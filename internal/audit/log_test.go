package audit_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// The format of the file is an interface: people and programs read it.
func TestLines(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{Now: clock})
	add(t, log,
		audit.Entry{
			Phase: audit.Begin, Call: "c1", Caller: "ada@example.com", Session: "s1", Instance: "eu", Tool: "disable_user", Operation: "DELETE /users/{userId}",
			Arguments: json.RawMessage("{\"user_id\" : \"u1\",\n \"note\":\"a<b> é\"}"), Confirmation: "asked", Script: "5c2a", Plan: "p1",
		},
		audit.Entry{Phase: audit.End, Call: "c1", Status: 204, Duration: 1234567 * time.Nanosecond, Time: clock().Add(time.Second).In(time.FixedZone("", 3600))},
		audit.Entry{Phase: audit.End, Call: "c2", Tool: "list_users", DryRun: true, Bytes: 12, Error: "no\nanswer"},
	)
	require.NoError(t, log.Close())

	const at, later = `"time":"2026-03-14T15:09:26.535897Z",`, `"time":"2026-03-14T15:09:27.535897Z",`
	want := []string{
		at + fmt.Sprintf(`"log":"opened","pid":%d`, os.Getpid()),
		at + `"phase":"begin","call":"c1","caller":"ada@example.com","session":"s1","instance":"eu","tool":"disable_user","operation":"DELETE /users/{userId}",` +
			`"arguments":{"user_id":"u1","note":"a<b> é"},"confirmation":"asked","script":"5c2a","plan":"p1"`,
		later + `"phase":"end","call":"c1","status":204,"duration_ms":1.234,"bytes":0`,
		at + `"phase":"end","call":"c2","tool":"list_users","dry_run":true,"status":0,"duration_ms":0,"bytes":12,"error":"no\nanswer"`,
		at + `"log":"closed"`,
	}
	hash := ""
	var all strings.Builder
	for i, rest := range want {
		body := fmt.Sprintf(`{"seq":%d,"prev":%q,%s`, i+1, hash, rest)
		hash = fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
		fmt.Fprintf(&all, "%s,\"hash\":\"%s\"}\n", body, hash)
	}
	require.Equal(t, all.String(), text(t, file))

	report := verified(t, file)
	require.Equal(t, uint64(5), report.Lines)
	require.Equal(t, []string{file}, report.Files)
	require.Equal(t, audit.Head{Sequence: 5, Hash: hash}, report.Last.Head)
	require.Equal(t, clock().Truncate(time.Microsecond), report.First.Time)
	require.True(t, report.Closed)
	require.Empty(t, report.Unfinished)
	require.Empty(t, report.UncleanStops)
}

// Agents write arguments, and people read them on terminals.
func TestArgumentsAreEscaped(t *testing.T) {
	for name, test := range map[string]struct{ arguments, want string }{
		"none":                   {"", ""},
		"any value":              {" [1.50, null] ", "[1.50,null]"},
		"digits stay":            {`{"n":12345678901234567890.10}`, `{"n":12345678901234567890.10}`},
		"escapes stay":           {`{"a":"\u00e9\n\ud800"}`, `{"a":"\u00e9\n\ud800"}`},
		"a control of 8 bits":    {"{\"a\":\"\u009b31m\"}", `{"a":"\u009b31m"}`},
		"delete":                 {"{\"a\":\"\x7f\"}", `{"a":"\u007f"}`},
		"another direction":      {"{\"a\":\"\u202egnp.exe\"}", `{"a":"\u202egnp.exe"}`},
		"a separator of lines":   {"{\"a\":\"x\u2028y\"}", `{"a":"x\u2028y"}`},
		"invisible":              {"{\"a\":\"Fin\u200bance\U000e0041\"}", `{"a":"Fin\u200bance\udb40\udc41"}`},
		"no UTF-8":               {"{\"a\":\"\xff\xc3\"}", `{"a":"\ufffd\ufffd"}`},
		"what looks like a hash": {`{"hash":"` + strings.Repeat("0", 64) + `"}`, `{"hash":"` + strings.Repeat("0", 64) + `"}`},
		"what looks like a line": {`{"seq":1,"prev":"","log":"pruned","from":99}`, `{"seq":1,"prev":"","log":"pruned","from":99}`},
		"other scripts":          {`{"a":"日本 😀"}`, `{"a":"日本 😀"}`},
	} {
		t.Run(name, func(t *testing.T) {
			file := logPath(t)
			log := open(t, file, audit.Options{})
			add(t, log, audit.Entry{Phase: audit.End, Arguments: json.RawMessage(test.arguments)})
			line := strings.Split(text(t, file), "\n")[1]
			if test.want == "" {
				require.NotContains(t, line, "arguments")
			} else {
				require.Contains(t, line, `"phase":"end","arguments":`+test.want+`,"status":0`)
			}
			require.Equal(t, uint64(2), verified(t, file).Lines)
		})
	}
}

func TestInvalidEntries(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{})
	before := text(t, file)
	for name, test := range map[string]struct {
		entry audit.Entry
		want  string
	}{
		"no phase":             {audit.Entry{}, `invalid phase ""`},
		"another phase":        {audit.Entry{Phase: "middle"}, `invalid phase "middle"`},
		"a beginning alone":    {audit.Entry{Phase: audit.Begin}, "a begin entry needs a call"},
		"no JSON":              {audit.Entry{Phase: audit.End, Arguments: json.RawMessage(`{"a":`)}, "the arguments are not valid JSON"},
		"two values":           {audit.Entry{Phase: audit.End, Arguments: json.RawMessage(`1,"log":"closed"`)}, "the arguments are not valid JSON"},
		"nested to the limit":  {audit.Entry{Phase: audit.End, Arguments: json.RawMessage(strings.Repeat("[", 10000) + strings.Repeat("]", 10000))}, "the arguments are not valid JSON"},
		"larger than any line": {audit.Entry{Phase: audit.End, Error: strings.Repeat("x", 16<<20)}, "the entry has 16777279 bytes: the maximum of a line is 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			require.EqualError(t, log.Append(test.entry), fmt.Sprintf("write audit log %q: %s", file, test.want))
		})
	}
	require.Equal(t, before, text(t, file))
	largest := audit.Entry{Phase: audit.End, Error: strings.Repeat("x", 16<<20-1000)}
	deepest := audit.Entry{Phase: audit.End, Arguments: json.RawMessage(strings.Repeat("[", 9999) + strings.Repeat("]", 9999))}
	add(t, log, deepest, largest)
	require.NoError(t, log.Close())
	require.Equal(t, uint64(4), verified(t, file).Lines)
}

func TestReopen(t *testing.T) {
	file := logPath(t)
	for range 3 {
		log := open(t, file, audit.Options{})
		add(t, log, read("r"))
		require.Equal(t, log.Head(), verified(t, file).Last.Head)
		require.NoError(t, log.Close())
		require.NoError(t, log.Close())
		require.EqualError(t, log.Append(read("r")), fmt.Sprintf("write audit log %q: file already closed", file))
	}
	require.Equal(t, strings.Split(strings.Repeat("opened,end r,closed,", 3), ",")[:9], kinds(t, file))
	report := verified(t, file)
	require.True(t, report.Closed)
	require.Empty(t, report.UncleanStops)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Equal(t, uint64(1), open(t, file, audit.Options{}).Head().Sequence, "an empty file is where a log may begin")
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(at("notes.txt"), []byte("Buy milk.\n"), 0o600))
	require.NoError(t, os.WriteFile(at("notes"), []byte("Buy milk."), 0o600))
	require.NoError(t, os.WriteFile(at("huge"), make([]byte, 100<<20), 0o600))
	require.NoError(t, os.Mkdir(at("dir"), 0o700))
	const noEnd = "the log cannot be continued: verify it to find the fault, or move its files away to start a new log"
	for name, test := range map[string]struct {
		file string
		o    audit.Options
		want string
	}{
		"no name":            {"", audit.Options{}, `"" is not a file name`},
		"a folder's name":    {at("x") + string(filepath.Separator), audit.Options{}, fmt.Sprintf("%q is not a file name", at("x")+string(filepath.Separator))},
		"a folder":           {at("dir"), audit.Options{}, "not a regular file"},
		"no folder":          {at("none/audit.log"), audit.Options{}, fmt.Sprintf("the folder %q does not exist: create it with mkdir -m 700 %s", at("none"), at("none"))},
		"a file as a folder": {at("notes/audit.log"), audit.Options{}, fmt.Sprintf("the folder %q: not a directory", at("notes"))},
		"something else":     {at("notes.txt"), audit.Options{}, "the data after line 0 is neither a line nor a truncated one: " + noEnd},
		"one without a line": {at("notes"), audit.Options{}, "the data after line 0 is neither a line nor a truncated one: " + noEnd},
		"one without an end": {at("huge"), audit.Options{}, noEnd},
		"a size":             {at("a"), audit.Options{MaxBytes: -1}, "the maximum size and the number of kept files must not be negative"},
		"a number":           {at("a"), audit.Options{Keep: -1}, "the maximum size and the number of kept files must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(name, "folder") {
				t.Skip("errors have other words there")
			}
			_, err := audit.Open(test.file, test.o)
			require.EqualError(t, err, fmt.Sprintf("open audit log %q: %s", test.file, test.want))
		})
	}
}

func TestOneWriter(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{})
	_, err := audit.Open(file, audit.Options{})
	require.EqualError(t, err, fmt.Sprintf("open audit log %q: another process or another part of this one has it open: each needs its own file", file))
	add(t, log, read("r"))
	require.NoError(t, log.Close())
	require.NoError(t, open(t, file, audit.Options{}).Close())
	verified(t, file)
}

// If another process changes the file, no line is lost without an error.
func TestFileChangedByAnotherProcess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file has its name there")
	}
	refused := func(t *testing.T, log *audit.Log, file, want string) {
		t.Helper()
		for range 2 {
			require.EqualError(t, log.Append(write(audit.Begin, "w")), fmt.Sprintf("write audit log %q: %s", file, want))
		}
	}
	const replaced = "the file was removed or replaced while in use"
	t.Run("moved away and back", func(t *testing.T) {
		file := logPath(t)
		log := open(t, file, audit.Options{})
		require.NoError(t, os.Rename(file, file+".1"))
		refused(t, log, file, replaced)
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		refused(t, log, file, replaced)
		require.NoError(t, os.Rename(file+".1", file))
		add(t, log, write(audit.Begin, "w"))
		verified(t, file)
	})
	t.Run("removed", func(t *testing.T) {
		file := logPath(t)
		log := open(t, file, audit.Options{})
		require.NoError(t, os.Remove(file))
		refused(t, log, file, replaced)
		require.EqualError(t, log.Close(), fmt.Sprintf("close audit log %q: %s", file, replaced))
		require.NoError(t, log.Close())
		require.NoError(t, open(t, file, audit.Options{}).Close())
	})
	t.Run("written to", func(t *testing.T) {
		file := logPath(t)
		log := open(t, file, audit.Options{})
		size := len(text(t, file))
		appendTo(t, file, "hello\n")
		refused(t, log, file, fmt.Sprintf("another process changed the file: it has %d bytes instead of %d", size+6, size))
	})
	t.Run("emptied", func(t *testing.T) {
		file := logPath(t)
		log := open(t, file, audit.Options{})
		size := len(text(t, file))
		require.NoError(t, os.Truncate(file, 0))
		refused(t, log, file, fmt.Sprintf("another process changed the file: it has 0 bytes instead of %d", size))
	})
}

func appendTo(t testing.TB, file, data string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.WriteString(data)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// Concurrent appends, with many rotations, while another goroutine verifies.
func TestConcurrentUse(t *testing.T) {
	file := onDisk(t)
	log := open(t, file, audit.Options{MaxBytes: 20 << 10})
	const workers, each = 16, 50
	var group, watch sync.WaitGroup
	done := make(chan struct{})
	watch.Go(func() {
		for {
			if _, err := audit.Verify(file); err != nil {
				t.Error("while it is written:", err)
			}
			_ = log.Head()
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for w := range workers {
		group.Go(func() {
			for i := range each {
				call := fmt.Sprintf("%d-%d", w, i)
				entries := []audit.Entry{read(call)}
				if i%3 == 0 {
					entries = []audit.Entry{write(audit.Begin, call), write(audit.End, call)}
				}
				for _, e := range entries {
					if err := log.Append(e); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	close(done)
	watch.Wait()
	require.NoError(t, log.Close())
	report := verified(t, file)
	require.Greater(t, len(report.Files), 5)
	require.Equal(t, report.Lines, report.Last.Sequence)
	require.Empty(t, report.Unfinished)
	all := text(t, file)
	for w := range workers {
		for i := range each {
			require.Contains(t, all, fmt.Sprintf(`"call":"%d-%d"`, w, i))
		}
	}
}

func TestCloseDuringAppends(t *testing.T) {
	for range 20 {
		file := onDisk(t)
		log := open(t, file, audit.Options{MaxBytes: 2 << 10})
		var group sync.WaitGroup
		for w := range 8 {
			group.Go(func() {
				for i := 0; ; i++ {
					if err := log.Append(write(audit.Begin, fmt.Sprint(w, "-", i))); err != nil {
						if !strings.HasSuffix(err.Error(), fs.ErrClosed.Error()) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		time.Sleep(2 * time.Millisecond)
		for range 3 {
			group.Go(func() {
				if err := log.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.True(t, verified(t, file).Closed, "closed is the last line")
	}
}

func TestParseHead(t *testing.T) {
	file := logPath(t)
	head := open(t, file, audit.Options{}).Head()
	again, err := audit.ParseHead(head.String())
	require.NoError(t, err)
	require.Equal(t, head, again)
	again, err = audit.ParseHead(strings.ToUpper(head.String()))
	require.NoError(t, err)
	require.Equal(t, head, again)
	for _, wrong := range []string{"", "1", "1:", ":" + head.Hash, "0:" + head.Hash, "-1:" + head.Hash, "1:" + head.Hash[1:], head.String() + "00", "1:" + strings.Repeat("g", 64)} {
		_, err := audit.ParseHead(wrong)
		require.EqualError(t, err, fmt.Sprintf("%q is not the head of an audit log: a sequence number, a colon and a hash of 64 hex digits", wrong))
	}
}
