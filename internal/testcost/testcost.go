// Package testcost measures what work costs, for tests of limits that hold on a
// busy machine too. Only tests may import it.
package testcost

import (
	"testing"
	"time"
)

// Of returns the processor time that this process uses while work runs. Tests that
// measure it must not run in parallel with others.
func Of(work func()) time.Duration {
	start := processorTime()
	work()
	return processorTime() - start
}

// RequireLinear requires that eight times as much takes about eight times as long,
// and not 64 times. Cost prepares work on n things and returns what the work cost,
// see [Of]; what is below least cannot be told from noise. One of several attempts
// must show it.
func RequireLinear(t testing.TB, n int, least time.Duration, cost func(n int) time.Duration) {
	t.Helper()
	took := func(n int) time.Duration { return max(cost(n), least) }
	const attempts = 5
	var small, large time.Duration
	for range attempts {
		small = min(took(n), took(n))
		if large = took(8 * n); large < 32*small {
			return
		}
	}
	t.Fatalf("not linear: %d took %v, and %d took %v", n, small, 8*n, large)
}
