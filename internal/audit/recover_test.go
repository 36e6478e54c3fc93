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

// sample is a log of a few lines in which the last write is under way, as a
// process leaves it that is killed.
func sample(t testing.TB) string {
	t.Helper()
	file := place(t)
	log := open(t, file, audit.Options{Now: clock})
	add(t, log, read("r1"), write(audit.Begin, "w1"), audit.Entry{Phase: audit.End, Call: "w1", Status: 204}, write(audit.Begin, "w2"))
	return text(t, file)
}

const recoveredLine = `"log":"recovered","torn":%d,"torn_hash":"%x"`

// A crash may cut the log off at any byte. The next start is whole and says what
// was there, and a crash of that start may come at any byte again.
func TestCutOffAtAnyByte(t *testing.T) {
	all := sample(t)
	for cut := range len(all) {
		if cut%9 > 0 && !strings.Contains(all[max(0, cut-3):min(cut+2, len(all))], "\n") {
			continue // each start takes the time of the disk
		}
		kept := all[:cut]
		file := lay(t, map[string]string{"audit.log": kept})
		log := open(t, file, audit.Options{})
		add(t, log, read("after"))
		require.NoError(t, log.Close())

		after := text(t, file)
		require.True(t, strings.HasPrefix(after, kept), "nothing is deleted")
		report := whole(t, file)
		left := kept
		if all[cut] == '\n' {
			left += "\n" // nothing else was missing
		}
		torn := left[strings.LastIndexByte(left, '\n')+1:]
		left = left[:len(left)-len(torn)]
		if torn == "" {
			require.Empty(t, report.Recovered)
			require.NotContains(t, after, "recovered")
		} else {
			require.Len(t, report.Recovered, 1)
			require.Equal(t, uint64(strings.Count(left, "\n")+1), report.Recovered[0].Sequence)
			require.Contains(t, after, fmt.Sprintf(recoveredLine, len(torn), sha256.Sum256([]byte(torn))))
		}
		require.Equal(t, left != "", len(report.UncleanStops) == 1, "somebody had opened it")
		require.Len(t, report.Unfinished, strings.Count(left, `"begin"`)-strings.Count(left, `"call":"w1","status"`))
	}
}

func TestCutOffAgainWhileRecovering(t *testing.T) {
	all := sample(t)
	all = all[:len(all)-100]
	first := lay(t, map[string]string{"audit.log": all})
	require.NoError(t, open(t, first, audit.Options{Now: clock}).Close())
	whole(t, first)
	before := text(t, first)
	end := strings.Index(before, `{"seq":6,`) // behind the line that covers of the truncated one
	for cut := len(all) + 1; cut < end; cut += 1 + cut%20 {
		file := lay(t, map[string]string{"audit.log": before[:cut]})
		log := open(t, file, audit.Options{})
		add(t, log, read("after"))
		require.NoError(t, log.Close())
		require.True(t, strings.HasPrefix(text(t, file), before[:cut]))
		report := whole(t, file)
		require.Len(t, report.Recovered, 1)

		// And once more.
		again := text(t, file)
		again = again[:cut+50]
		file = lay(t, map[string]string{"audit.log": again})
		require.NoError(t, open(t, file, audit.Options{}).Close())
		require.True(t, strings.HasPrefix(text(t, file), again))
		whole(t, file)
	}
}

// What a crash cannot leave is not gone on with, so that it stays where it is
// found.
func TestEndsThatNoCrashLeaves(t *testing.T) {
	all := sample(t)
	last := strings.LastIndexByte(all[:len(all)-1], '\n') + 1
	another := "0" // than the hash of the last line begins with
	if strings.Contains(all[last:], `"hash":"0`) {
		another = "1"
	}
	const (
		neither = "what follows line %d is neither whole nor what a crash leaves: "
		noEnd   = "the log cannot be gone on with; verifying it tells where it is wrong, and with its files moved elsewhere a new one begins"
	)
	for name, test := range map[string]struct {
		data string
		want string // "" if it is taken up
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
		"without a whole line":       {all[50:200], fmt.Sprintf(neither, 0) + noEnd},
	} {
		t.Run(name, func(t *testing.T) {
			file := lay(t, map[string]string{"audit.log": test.data})
			log, err := audit.Open(file, audit.Options{})
			if test.want == "" {
				require.NoError(t, err)
				require.NoError(t, log.Close())
				whole(t, file)
				return
			}
			require.EqualError(t, err, fmt.Sprintf("the audit log %q cannot be opened: %s", file, test.want))
			require.Equal(t, test.data, text(t, file))
			_, err = audit.Verify(file)
			require.Error(t, err)
		})
	}
}

// A truncated line may be longer than what is read at once, and so may the one before.
func TestLongLinesAreRecovered(t *testing.T) {
	file := place(t)
	log := open(t, file, audit.Options{})
	long := read("long")
	long.Error = strings.Repeat("long ", 100<<10)
	add(t, log, long, long)
	all := text(t, file)
	for _, cut := range []int{len(all) - 1, len(all) - 2, len(all) - 300<<10, len(all)/2 + 10, len(all)/2 - 10} {
		file := lay(t, map[string]string{"audit.log": all[:cut]})
		require.NoError(t, open(t, file, audit.Options{}).Close())
		whole(t, file)
	}
}

// What was begun and never ended is what an operator has to look at after a crash.
func TestUnfinishedWrites(t *testing.T) {
	file := lay(t, map[string]string{"audit.log": sample(t)})
	report := whole(t, file)
	require.Len(t, report.Unfinished, 1)
	require.Equal(t, "w2", report.Unfinished[0].Call)
	require.Equal(t, "delete_user", report.Unfinished[0].Tool)
	require.Equal(t, "DELETE /users/{userId}", report.Unfinished[0].Operation)
	require.Equal(t, report.Last, report.Unfinished[0].Position)
	require.False(t, report.Closed)
	require.Empty(t, report.UncleanStops, "it may be in use")

	log := open(t, file, audit.Options{})
	add(t, log, write(audit.Begin, "w3"), write(audit.Begin, "w3"), write(audit.End, "w3"), write(audit.End, "never begun"))
	require.NoError(t, log.Close())
	report = whole(t, file)
	require.Len(t, report.UncleanStops, 1)
	require.Equal(t, uint64(6), report.UncleanStops[0].Sequence)
	require.Len(t, report.Unfinished, 2)
	require.Equal(t, []string{"w2", "w3"}, []string{report.Unfinished[0].Call, report.Unfinished[1].Call})
	require.NoError(t, os.Remove(file))
}
