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
	"github.com/retool-mcp/retool-mcp/internal/testseed"
)

// Environment of a child process: the log that it appends to until it is killed, and
// the kind of test.
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

// killed are logs in which a process spends most of its time on different work.
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

// child appends until it is killed, and prints the entries that Append confirmed.
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
					// Unbuffered: it may be killed at any time.
					_, _ = os.Stdout.WriteString(call + " " + string(e.Phase) + "\n")
				}
			}
		})
	}
	group.Wait()
}

// kill runs the child for a while, kills it, and returns what it printed.
func kill(t *testing.T, file, kind string, after time.Duration) (confirmed []string) {
	t.Helper()
	cmd := testprocess.Command(t, append(os.Environ(), childFile+"="+file, childKind+"="+kind))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	output := bufio.NewReader(out)
	first, err := output.ReadString('\n')
	require.NoError(t, err)
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	rest, err := io.ReadAll(output)
	require.NoError(t, err)
	require.ErrorContains(t, cmd.Wait(), "signal: killed")
	for line := range strings.Lines(first + string(rest)) {
		require.NotContains(t, line, "!")
		confirmed = append(confirmed, strings.TrimSuffix(line, "\n"))
	}
	return confirmed
}

// However often a process is killed, the log is valid after the next start and has
// every line that Append confirmed.
func TestKilled(t *testing.T) {
	rounds := 5
	if n, err := strconv.Atoi(os.Getenv("AUDIT_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	seed := testseed.New(t)
	for kind, setup := range killed {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			file := onDisk(t)
			var confirmed []string
			var truncated, inRotation, unfinished int
			for round := range rounds {
				if kind == "long" {
					file, confirmed = onDisk(t), nil // it grows quickly
				}
				printed := kill(t, file, kind, time.Duration(random.IntN(20_000))*time.Microsecond)
				confirmed = append(confirmed, printed...)
				if _, err := audit.Verify(file); err != nil {
					require.ErrorContains(t, err, reasonEnd, "only the last line may be truncated")
				}
				if _, err := os.Stat(file); err != nil {
					inRotation++
				}
				log, err := audit.Open(file, setup.options)
				require.NoError(t, err)
				add(t, log, read("after"), write(audit.Begin, "w"), write(audit.End, "w"))
				require.NoError(t, log.Close())

				report := verified(t, file)
				require.NoFileExists(t, file+".next")
				if setup.options.Keep == 0 {
					require.Equal(t, report.Lines, report.Last.Sequence)
					if kind != "long" {
						require.Len(t, report.UncleanStops, round+1)
					}
				}
				if kind == "long" {
					unfinished += len(report.Unfinished)
					truncated += len(report.Recovered)
				} else {
					unfinished, truncated = len(report.Unfinished), len(report.Recovered)
				}
				if setup.options.Keep > 0 {
					confirmed = printed // all older files may be pruned
				}
				requireLines(t, file, confirmed, setup.options.Keep > 0)
			}
			t.Logf("%d lines confirmed; %d lines truncated, %d rotations interrupted, %d writes unfinished", len(confirmed), truncated, inRotation, unfinished)
		})
	}
}

// requireLines checks that all confirmed lines are in the log once. In a pruned log
// the oldest ones of each worker may be missing.
func requireLines(t *testing.T, file string, confirmed []string, isPruned bool) {
	t.Helper()
	found := map[string]int{}
	for line := range strings.Lines(text(t, file)) {
		_, phase, _ := strings.Cut(line, `"phase":"`)
		phase, rest, _ := strings.Cut(phase, `","call":"`)
		call, _, _ := strings.Cut(rest, `"`)
		found[call+" "+phase]++
	}
	left := map[string]bool{} // workers with a line
	for _, p := range confirmed {
		worker := p[:strings.LastIndexByte(p, '-')]
		if !isPruned || found[p] > 0 || left[worker] {
			require.Equal(t, 1, found[p], "%s in %s", p, filepath.Dir(file))
			left[worker] = true
		}
	}
	require.NotEmpty(t, left)
}

// The lock is free once the log is closed or the process has ended.
func TestOneProcessWrites(t *testing.T) {
	file := logPath(t)
	log := open(t, file, audit.Options{})
	cmd := testprocess.Command(t, append(os.Environ(), childFile+"="+file, childKind+"=lines"))
	out, err := cmd.Output()
	require.Error(t, err)
	require.Equal(t, fmt.Sprintf("! open audit log %q: another process or another part of this one has it open: each needs its own file\n", file), string(out))
	require.NoError(t, log.Close())
	require.NotEmpty(t, kill(t, file, "lines", 0))
	require.NoError(t, open(t, file, audit.Options{}).Close())
	verified(t, file)
}
