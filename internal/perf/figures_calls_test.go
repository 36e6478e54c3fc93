package perf_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	latencyCalls  = 3000 // of each sort
	latencyWarmUp = 300
	rateRounds    = 9
	rateTime      = time.Second // that a round takes, about
	inFlight      = 32
)

// measureLatency makes calls one after the other, each beside a plain request for
// the same response, and compares the medians.
func measureLatency(t *testing.T, r *report, path string) {
	address := upstream(t).URL
	p := retoolMCP(t, path, t.TempDir(), address)
	for _, k := range kinds() {
		s, _ := p.start(t, "")
		size := s.greet(t, k)
		get, line := getter(t, address+k.path, 1), requestOf(k)
		var plain, calls []time.Duration
		for i := range latencyWarmUp + latencyCalls {
			began := time.Now()
			require.NoError(t, get())
			between := time.Now()
			answer, err := s.call(line)
			ended := time.Now()
			require.NoError(t, err)
			require.Len(t, answer, size)
			if i < latencyWarmUp {
				continue
			}
			plain, calls = append(plain, between.Sub(began)), append(calls, ended.Sub(between))
		}
		s.stop(t)
		r.note(fmt.Sprintf("plain request, %s answer (%.1f KB), median", k.name, float64(len(k.body))/1000), fmt.Sprintf("%.3f ms", milliseconds(median(plain))))
		r.note("tool call, "+k.name+" answer, median", fmt.Sprintf("%.3f ms", milliseconds(median(calls))))
		most := maxOverhead
		if k.items > 1 {
			most = maxPageOverhead
		}
		r.atMost("what the call adds, "+k.name+" answer", "%.3f ms", milliseconds(median(calls)-median(plain)), most)
	}
}

// measureRate keeps 32 calls in flight and counts responses.
func measureRate(t *testing.T, r *report, path string) {
	address := upstream(t).URL
	p := retoolMCP(t, path, t.TempDir(), address)
	budgets := map[string]float64{"small": minSmallRate, "page": minPageRate, "table": minPageRate}
	for _, k := range kinds() {
		s, _ := p.start(t, "")
		size, line := s.greet(t, k), requestOf(k)
		calls := 0
		flood := func(n int) error {
			calls += n
			return s.flood(line, n, inFlight, size)
		}
		rates := rounds(t, flood)
		r.atLeast(fmt.Sprintf("calls, %d in flight, %s answer, median of %d rounds", inFlight, k.name, rateRounds), "%.0f/s", median(rates), budgets[k.name])
		r.note("the same, best round", fmt.Sprintf("%.0f/s", slices.Max(rates)))
		if runtime.GOOS == "linux" {
			r.note("resident memory after these calls", fmt.Sprintf("%.1f MiB", s.memory(t, "VmRSS")))
		}
		s.stop(t)
		r.note("processor time of the server per such call", fmt.Sprintf("%.3f ms", milliseconds(s.used())/float64(calls)))
		get := getter(t, address+k.path, inFlight)
		r.note("plain requests, as many in flight, "+k.name+" answer", fmt.Sprintf("%.0f/s", median(rounds(t, func(n int) error { return together(n, get) }))))
	}
}

// rounds returns the rates of some rounds, after a trial that sets their size.
func rounds(t *testing.T, do func(n int) error) (rates []float64) {
	t.Helper()
	const trial = 1000
	n := trial
	for i := range rateRounds + 1 {
		began := time.Now()
		require.NoError(t, do(n))
		rate := float64(n) / time.Since(began).Seconds()
		if i > 0 {
			rates = append(rates, rate)
		}
		n = max(trial, int(rate*rateTime.Seconds()))
	}
	return rates
}

// together calls do n times from as many goroutines as there are calls in flight.
func together(n int, do func() error) error {
	var left atomic.Int64
	left.Store(int64(n))
	var group sync.WaitGroup
	failed := make(chan error, inFlight)
	for range inFlight {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failed)
	return <-failed // nil from a closed channel: all went well
}
