package audit_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
)

// sampleLog returns a short log of a killed process, whose last write has no end.
func sampleLog(t testing.TB) string {
	t.Helper()
	file := logPath(t)
	log := open(t, file, audit.Options{Now: clock})
	add(t, log, read("r1"), write(audit.Begin, "w1"), audit.Entry{Phase: audit.End, Call: "w1", Status: 204}, write(audit.Begin, "w2"))
	return text(t, file)
}

const recoveredRest = `"log":"recovered","torn":%d,"torn_hash":"%x"`

// After a crash at any byte, the next start completes the log and records what was
// truncated.
func TestTruncationAtEveryByte(t *testing.T) {
	all := sampleLog(t)
	for cut := range len(all) {
		if cut%9 > 0 && !strings.Contains(all[max(0, cut-3):min(cut+2, len(all))], "\n") {
			continue
		}
		kept := all[:cut]
		file := writeFiles(t, map[string]string{"audit.log": kept})
		log := open(t, file, audit.Options{})
		add(t, log, read("after"))
		require.NoError(t, log.Close())

		after := text(t, file)
		require.True(t, strings.HasPrefix(after, kept), "nothing is deleted")
		report := verified(t, file)
		left := kept
		if all[cut] == '\n' {
			left += "\n" // nothing else was missing
		}
		truncated := left[strings.LastIndexByte(left, '\n')+1:]
		left = left[:len(left)-len(truncated)]
		if truncated == "" {
			require.Empty(t, report.Recovered)
			require.NotContains(t, after, "recovered")
		} else {
			require.Len(t, report.Recovered, 1)
			require.Equal(t, uint64(strings.Count(left, "\n")+1), report.Recovered[0].Sequence)
			require.Contains(t, after, fmt.Sprintf(recoveredRest, len(truncated), sha256.Sum256([]byte(truncated))))
		}
		require.Equal(t, left != "", len(report.UncleanStops) == 1, "it had an opened line")
		require.Len(t, report.Unfinished, strings.Count(left, `"begin"`)-strings.Count(left, `"call":"w1","status"`))
	}
}

func TestTruncationDuringRecovery(t *testing.T) {
	all := sampleLog(t)
	all = all[:len(all)-100]
	first := writeFiles(t, map[string]string{"audit.log": all})
	require.NoError(t, open(t, first, audit.Options{Now: clock}).Close())
	verified(t, first)
	before := text(t, first)
	end := strings.Index(before, `{"seq":6,`) // behind the line that covers of the truncated one
	for cut := len(all) + 1; cut < end; cut += 1 + cut%20 {
		file := writeFiles(t, map[string]string{"audit.log": before[:cut]})
		log := open(t, file, audit.Options{})
		add(t, log, read("after"))
		require.NoError(t, log.Close())
		require.True(t, strings.HasPrefix(text(t, file), before[:cut]))
		report := verified(t, file)
		require.Len(t, report.Recovered, 1)

		// And once more.
		again := text(t, file)
		again = again[:cut+50]
		file = writeFiles(t, map[string]string{"audit.log": again})
		require.NoError(t, open(t, file, audit.Options{}).Close())
		require.True(t, strings.HasPrefix(text(t, file), again))
		verified(t, file)
	}
}

// Open does not continue or change a log that ends as no crash can leave it.
func TestEndsThatACrashCannotLeave(t *testing.T) {
	all := sampleLog(t)
	last := strings.LastIndexByte(all[:len(all)-1], '\n') + 1
	another := "0" // than the first digit of the last hash
	if strings.Contains(all[last:], `"hash":"0`) {
		another = "1"
	}
	const (
		neither = "the data after line %d is neither a line nor a truncated one: "
		noEnd   = "the log cannot be continued: verify it to find the fault, or move its files away to start a new log"
	)
	for name, test := range map[string]struct {
		data string
		want string // "" if Open continues it
	}{
		"as it was":                  {all, ""},
		"zeros after a power cut":    {all + strings.Repeat("\x00", 300), ""},
		"zeros after the beginning":  {all[:last+9] + strings.Repeat("\x00", 300), ""},
		"an empty line":              {all + "\n", ""},
		"a changed letter":           {strings.Replace(all, `"user_id":"w2"`, `"user_id":"u2"`, 1), fmt.Sprintf(neither, 4) + noEnd},
		"a changed hash":             {all[:len(all)-4] + "x\"}\n", fmt.Sprintf(neither, 4) + noEnd},
		"a word":                     {all + "hello\n", fmt.Sprintf(neither, 5) + noEnd},
		"a word without an end":      {all + "hello", fmt.Sprintf(neither, 5) + noEnd},
		"a line of another number":   {all + `{"seq":7,"prev":"`, fmt.Sprintf(neither, 5) + noEnd},
		"one that follows no line":   {all + `{"seq":6,"prev":"` + another, fmt.Sprintf(neither, 5) + noEnd},
		"an object that is not ours": {all + "{}", fmt.Sprintf(neither, 5) + noEnd},
		"without a valid line":       {all[50:200], fmt.Sprintf(neither, 0) + noEnd},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFiles(t, map[string]string{"audit.log": test.data})
			log, err := audit.Open(file, audit.Options{})
			if test.want == "" {
				require.NoError(t, err)
				require.NoError(t, log.Close())
				verified(t, file)
				return
			}
			require.EqualError(t, err, fmt.Sprintf("open audit log %q: %s", file, test.want))
			require.Equal(t, test.data, text(t, file))
			_, err = audit.Verify(file)
			require.Error(t, err)
		})
	}
}

// A truncated line may be longer than one read, and so may the line before.
func TestRecoverLongLines(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{})
	long := read("long")
	long.Error = strings.Repeat("long ", 100<<10)
	add(t, log, long, long)
	all := text(t, file)
	for _, cut := range []int{len(all) - 1, len(all) - 2, len(all) - 300<<10, len(all)/2 + 10, len(all)/2 - 10} {
		file := writeFiles(t, map[string]string{"audit.log": all[:cut]})
		require.NoError(t, open(t, file, audit.Options{}).Close())
		verified(t, file)
	}
}

// Operators look at writes without an end after a crash.
func TestUnfinishedWrites(t *testing.T) {
	file := writeFiles(t, map[string]string{"audit.log": sampleLog(t)})
	report := verified(t, file)
	require.Len(t, report.Unfinished, 1)
	require.Equal(t, "w2", report.Unfinished[0].Call)
	require.Equal(t, "disable_user", report.Unfinished[0].Tool)
	require.Equal(t, "DELETE /users/{userId}", report.Unfinished[0].Operation)
	require.Equal(t, report.Last, report.Unfinished[0].Position)
	require.False(t, report.Closed)
	require.Empty(t, report.UncleanStops, "it may be in use")

	log := open(t, file, audit.Options{})
	add(t, log, write(audit.Begin, "w3"), write(audit.Begin, "w3"), write(audit.End, "w3"), write(audit.End, "never begun"))
	require.NoError(t, log.Close())
	report = verified(t, file)
	require.Len(t, report.UncleanStops, 1)
	require.Equal(t, uint64(6), report.UncleanStops[0].Sequence)
	require.Len(t, report.Unfinished, 2)
	require.Equal(t, []string{"w2", "w3"}, []string{report.Unfinished[0].Call, report.Unfinished[1].Call})
	require.NoError(t, os.Remove(file))
}
