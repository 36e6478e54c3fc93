//go:build linux || darwin

package audit_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// childFile names the log in the environment of the process that is to be killed.
const (
	childFile = "AUDIT_TEST_FILE"
	childKind = "AUDIT_TEST_KIND"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		child(file, os.Getenv(childKind))
		os.Exit(1) // it was not killed
	}
	os.Exit(m.Run())
}

// kinds of logs to kill a process at: most of what it does is another thing each.
var killed = map[string]struct {
	options audit.Options
	bytes   int // of the arguments
}{
	"lines":     {audit.Options{}, 100},
	"rotations": {audit.Options{MaxBytes: 1}, 100},
	"some each": {audit.Options{MaxBytes: 8 << 10}, 1000},
	"long":      {audit.Options{MaxBytes: 4 << 20}, 1 << 20},
	"pruning":   {audit.Options{MaxBytes: 4 << 10, Keep: 2}, 100},
}

// child appends until it is killed, and says on its output which entries it was
// told to be in the log.
func child(file, kind string) {
	setup := killed[kind]
	log, err := audit.Open(file, setup.options)
	if err != nil {
		fmt.Println("!", err)
		return
	}
	long := `"` + strings.Repeat("x", setup.bytes) + `"`
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := 0; ; i++ {
				call := fmt.Sprintf("%d-%d-%d", os.Getpid(), worker, i)
				entries := []audit.Entry{read(call)}
				if worker%2 == 0 {
					entries = []audit.Entry{write(audit.Begin, call), {Phase: audit.End, Call: call, Status: 204}}
				}
				entries[0].Arguments = []byte(long)
				for _, e := range entries {
					if err := log.Append(e); err != nil {
						fmt.Println("!", err)
						return
					}
					// Written at once, so that it is true whenever the end comes.
					_, _ = os.Stdout.WriteString(call + " " + string(e.Phase) + "\n")
				}
			}
		})
	}
	group.Wait()
}

// kill runs the child for a while, kills it, and returns what it said last.
func kill(t *testing.T, file, kind string, after time.Duration) (promised []string) {
	t.Helper()
	cmd := testprocess.Command(t, append(os.Environ(), childFile+"="+file, childKind+"="+kind))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	output := bufio.NewReader(out)
	first, err := output.ReadString('\n') // it is under way
	require.NoError(t, err)
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	rest, err := io.ReadAll(output)
	require.NoError(t, err)
	require.ErrorContains(t, cmd.Wait(), "signal: killed")
	for line := range strings.Lines(first + string(rest)) {
		require.NotContains(t, line, "!")
		promised = append(promised, strings.TrimSuffix(line, "\n"))
	}
	return promised
}

// A process that is killed again and again leaves a log that is whole after the
// next start, and in it every line that it was told to be there.
func TestKilled(t *testing.T) {
	rounds := 12
	if n, err := strconv.Atoi(os.Getenv("AUDIT_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	for kind, setup := range killed {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			file := place(t)
			var promised []string
			var torn, inRotation, unfinished int
			for round := range rounds {
				if kind == "long" {
					file, promised = place(t), nil // it grows quickly
				}
				said := kill(t, file, kind, time.Duration(rand.IntN(20_000))*time.Microsecond)
				promised = append(promised, said...)
				if _, err := audit.Verify(file); err != nil {
					require.ErrorContains(t, err, ": cut short: ", "nothing but the last line may be torn")
				}
				if _, err := os.Stat(file); err != nil {
					inRotation++
				}
				log, err := audit.Open(file, setup.options)
				require.NoError(t, err)
				add(t, log, read("after"), write(audit.Begin, "w"), write(audit.End, "w"))
				require.NoError(t, log.Close())

				report := whole(t, file)
				require.NoFileExists(t, file+".next")
				if setup.options.Keep == 0 {
					require.Equal(t, report.Lines, report.Last.Sequence)
					if kind != "long" {
						require.Len(t, report.UncleanStops, round+1)
					}
				}
				if kind == "long" {
					unfinished += len(report.Unfinished)
					torn += len(report.Recovered)
				} else {
					unfinished, torn = len(report.Unfinished), len(report.Recovered)
				}
				if setup.options.Keep > 0 {
					promised = said // of those before, no file may be left
				}
				holds(t, file, promised, setup.options.Keep > 0)
			}
			t.Logf("%d lines were promised; in the end %d were torn, %d rotations interrupted, %d writes unfinished", len(promised), torn, inRotation, unfinished)
		})
	}
}

// holds checks that all lines that were promised are in the log, once. Of a log
// that was pruned, the oldest of each worker may be gone.
func holds(t *testing.T, file string, promised []string, isPruned bool) {
	t.Helper()
	found := map[string]int{}
	for line := range strings.Lines(text(t, file)) {
		_, phase, _ := strings.Cut(line, `"phase":"`)
		phase, rest, _ := strings.Cut(phase, `","call":"`)
		call, _, _ := strings.Cut(rest, `"`)
		found[call+" "+phase]++
	}
	left := map[string]bool{} // workers of which something is left
	for _, p := range promised {
		worker := p[:strings.LastIndexByte(p, '-')]
		if !isPruned || found[p] > 0 || left[worker] {
			require.Equal(t, 1, found[p], "%s in %s", p, filepath.Dir(file))
			left[worker] = true
		}
	}
	require.NotEmpty(t, left)
}

// Closing lets another process in at once; so does the end of a process.
func TestAnotherProcessWrites(t *testing.T) {
	file := place(t)
	log := open(t, file, audit.Options{})
	cmd := testprocess.Command(t, append(os.Environ(), childFile+"="+file, childKind+"=lines"))
	out, err := cmd.Output()
	require.Error(t, err)
	require.Equal(t, fmt.Sprintf("! the audit log %q cannot be opened: it is in use by another process, or a second time by this one: each needs a file of its own\n", file), string(out))
	require.NoError(t, log.Close())
	require.NotEmpty(t, kill(t, file, "lines", 0))
	require.NoError(t, open(t, file, audit.Options{}).Close())
	whole(t, file)
}
