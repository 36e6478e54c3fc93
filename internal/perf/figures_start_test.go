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
)

const (
	startPairs   = 150 // of starts compared with each other
	startWarmUp  = 10  // pairs before them
	firstStarts  = 30
	memoryStarts = 9
)

// measureStart compares starts with those of a one-tool server, in turn, since
// a machine changes its pace within seconds.
func measureStart(t *testing.T, r *report, path string) {
	cache := t.TempDir()
	ours := retoolMCP(t, path, cache, "")
	floor := program{path: build(t, "onetool", "./internal/perf/onetool"), env: environment(t.TempDir(), ""), tools: 1}
	var warm, one, first, warmUsed, oneUsed []time.Duration
	var ratios []float64
	for i := range startWarmUp + startPairs {
		a, aUsed := startOnce(t, ours)
		b, bUsed := startOnce(t, floor)
		if i < startWarmUp {
			continue
		}
		warm, one = append(warm, a), append(one, b)
		warmUsed, oneUsed = append(warmUsed, aUsed), append(oneUsed, bUsed)
		ratios = append(ratios, float64(a)/float64(b))
	}
	for range firstStarts {
		clearCache(t, cache)
		took, _ := startOnce(t, ours)
		first = append(first, took)
	}
	r.note("start to the tool list, one-tool server, min / median", spread(one))
	r.note(fmt.Sprintf("start to the tool list, %d tools, cached, min / median", ours.tools), spread(warm))
	r.atMost(fmt.Sprintf("the same as a ratio, median of %d pairs", startPairs), "%.2f", median(ratios), maxStartRatio)
	r.note("processor time of these starts, to the end of the process, medians", fmt.Sprintf("%.1f and %.1f ms", milliseconds(median(oneUsed)), milliseconds(median(warmUsed))))
	r.note("first start, nothing cached, min / median", spread(first))
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
