package perf_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A report collects figures and holds those that have a budget against it.
type report struct {
	machine string
	rows    [][3]string // what, figure, budget
	missed  []string
}

// note adds a figure without a budget.
func (r *report) note(what, figure string) { r.rows = append(r.rows, [3]string{what, figure, ""}) }

// atMost and atLeast add a figure with one. The format words figure and budget.
func (r *report) atMost(what, format string, figure, budget float64) {
	r.compare(what, fmt.Sprintf(format, figure), "≤ "+fmt.Sprintf(format, budget), figure <= budget)
}

func (r *report) atLeast(what, format string, figure, budget float64) {
	r.compare(what, fmt.Sprintf(format, figure), "≥ "+fmt.Sprintf(format, budget), figure >= budget)
}

func (r *report) compare(what, figure, budget string, kept bool) {
	if !kept {
		r.missed = append(r.missed, fmt.Sprintf("%s: %s, not %s", what, figure, budget))
		budget += " **missed**"
	}
	r.rows = append(r.rows, [3]string{what, figure, budget})
}

// print writes the report as docs/performance.md has it.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\nMeasured on %s\n\n| what | figure | budget |\n|---|---|---|\n", machine())
	for _, row := range r.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row[:], " | "))
	}
	fmt.Fprintln(w)
}

// machine describes the machine of the figures and its load, which other work
// makes useless.
func machine() string {
	text := fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load average " + strings.Fields(string(load))[0]
	}
	return text
}

func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "processor"
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// spread formats the minimum and the median of durations.
func spread(durations []time.Duration) string {
	return fmt.Sprintf("%.1f / %.1f ms", milliseconds(slices.Min(durations)), milliseconds(median(durations)))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func TestReportNamesMissedBudgets(t *testing.T) {
	r := &report{}
	r.note("noted", "7")
	r.atMost("kept", "%.1f ms", 1.5, 1.5)
	r.atMost("too slow", "%.1f ms", 1.6, 1.5)
	r.atLeast("also kept", "%.0f calls/s", 100, 100)
	r.atLeast("too few", "%.0f calls/s", 99, 100)
	require.Equal(t, []string{"too slow: 1.6 ms, not ≤ 1.5 ms", "too few: 99 calls/s, not ≥ 100 calls/s"}, r.missed)

	var out strings.Builder
	r.print(&out)
	require.Contains(t, out.String(), "| noted | 7 |  |\n| kept | 1.5 ms | ≤ 1.5 ms |\n| too slow | 1.6 ms | ≤ 1.5 ms **missed** |\n")
}

func TestMedian(t *testing.T) {
	values := []int{9, 1, 5, 3, 7}
	require.Equal(t, 5, median(values))
	require.Equal(t, []int{9, 1, 5, 3, 7}, values, "the order is unchanged")
}
