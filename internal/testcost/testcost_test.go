package testcost_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

// failed records a failure instead of ending the test.
type failed struct {
	testing.TB
	yes bool
}

func (f *failed) Helper()               {}
func (f *failed) Fatalf(string, ...any) { f.yes = true }

func TestRequireLinear(t *testing.T) {
	for name, x := range map[string]struct {
		cost func(n int) time.Duration
		want bool
	}{
		"constant":  {func(int) time.Duration { return time.Second }, true},
		"linear":    {func(n int) time.Duration { return time.Duration(n) * time.Millisecond }, true},
		"quadratic": {func(n int) time.Duration { return time.Duration(n*n) * time.Millisecond }, false},
		"noise":     {func(n int) time.Duration { return time.Duration(n * n) }, true},
	} {
		f := &failed{TB: t}
		testcost.RequireLinear(f, 10, time.Millisecond, x.cost)
		require.Equal(t, x.want, !f.yes, name)
	}
}

func TestCostOfWork(t *testing.T) {
	work := func() {
		sum := 0
		for i := range 50_000_000 {
			sum += i ^ sum
		}
		require.NotZero(t, sum)
	}
	require.Positive(t, testcost.Of(work))
}
