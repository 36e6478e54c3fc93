package perf_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const (
	startRounds  = 150 // of starts compared with each other
	startWarmUp  = 10  // rounds before them
	firstStarts  = 30
	memoryStarts = 9
)

// A starter is a program that is started again and again.
type starter struct {
	program
	took, used []time.Duration
	ratios     []float64 // to the start of another program just before
}

func (s *starter) start(t *testing.T) time.Duration {
	t.Helper()
	took, used := startOnce(t, s.program)
	s.took, s.used = append(s.took, took), append(s.used, used)
	return took
}

// measureStart compares starts with those of a one-tool server, in turn, since
// a machine changes its pace within seconds.
func measureStart(t *testing.T, r *report, path string) {
	cache := t.TempDir()
	floor := &starter{program: program{path: build(t, "onetool", "./internal/perf/onetool"), env: environment(t.TempDir(), ""), tools: 1}}
	file := &starter{program: retoolMCP(t, path, cache, "")}
	inside := &starter{program: file.program}
	inside.args, inside.tools = []string{"serve", "--spec", docsource.Embedded}, len(embedded.Catalog().Tools)+localTools
	for range startWarmUp {
		startOnce(t, floor.program)
		startOnce(t, file.program)
		startOnce(t, inside.program)
	}
	for range startRounds {
		one := floor.start(t)
		for _, s := range []*starter{file, inside} {
			s.ratios = append(s.ratios, float64(s.start(t))/float64(one))
		}
	}
	first := &starter{program: file.program}
	for range firstStarts {
		clearCache(t, cache)
		first.start(t)
	}

	r.note("start to the tool list, one-tool server, min / median", spread(floor.took))
	r.note("processor time of such a start, to the end of the process, median", fmt.Sprintf("%.1f ms", milliseconds(median(floor.used))))
	for _, s := range []struct {
		*starter
		name string
		most float64
	}{{file, "document from a file, cached", maxStartRatio}, {inside, "embedded document", maxEmbeddedRatio}} {
		r.note(fmt.Sprintf("start to the tool list, %d tools, %s, min / median", s.tools, s.name), spread(s.took))
		r.note("processor time of such a start, median", fmt.Sprintf("%.1f ms", milliseconds(median(s.used))))
		r.atMost(fmt.Sprintf("the start as a ratio to that of one tool, median of %d", startRounds), "%.2f", median(s.ratios), s.most)
	}
	r.note("first start with a document from a file, nothing cached, min / median", spread(first.took))
}

func startOnce(t *testing.T, p program) (took, used time.Duration) {
	t.Helper()
	s, took := p.startToList(t)
	s.stop(t)
	return took, s.used()
}

// measureMemory reads what the system says of a process that has listed its
// tools.
func measureMemory(t *testing.T, r *report, path string) {
	if runtime.GOOS != "linux" {
		r.note("resident memory after the tool list", "measured on Linux only")
		return
	}
	p := retoolMCP(t, path, t.TempDir(), "")
	startOnce(t, p) // fills the cache
	var all, own []float64
	for range memoryStarts {
		s, _ := p.startToList(t)
		all, own = append(all, s.memory(t, "VmRSS")), append(own, s.memory(t, "RssAnon"))
		s.stop(t)
	}
	r.atMost("resident memory after the tool list, median", "%.1f MiB", median(all), maxMemory)
	r.note("of that not backed by the program's file, median", fmt.Sprintf("%.1f MiB", median(own)))
}

// memory returns a figure from /proc/PID/status in MiB.
func (s *process) memory(t testing.TB, name string) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			require.NoError(t, err)
			return float64(kib) / 1024
		}
	}
	require.FailNow(t, "no "+name+" in the status of the process")
	return 0
}
