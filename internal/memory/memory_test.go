package memory_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/memory"
)

const mb = 1 << 20

// begin starts a call that has taken n bytes.
func begin(t *testing.T, b *memory.Budget, n int64) (*memory.Call, func()) {
	t.Helper()
	ctx, release := b.With(t.Context())
	c := memory.From(ctx)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	require.NoError(t, c.Grow(ctx, n))
	return c, release
}

func TestCallsTakeMemory(t *testing.T) {
	b := memory.NewBudget()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		each  int64
		calls int // that may have so much at once; 0 means any number
	}{
		"nothing": {0, 0}, "little": {mb / 2, 0}, "some": {mb, 16}, "much": {3 * mb, 4}, "most": {memory.Most, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var releases []func()
			for range max(test.calls, 0) {
				_, release := begin(t, b, test.each) //nolint:contextcheck // each call has its own
				releases = append(releases, release)
			}
			ctx, release := b.With(ended)
			err := memory.From(ctx).Grow(ctx, test.each)
			if test.calls == 0 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, context.Canceled)
			}
			release()
			for _, release := range releases {
				release()
			}
			_, release = begin(t, b, test.each) //nolint:contextcheck // each call has its own
			release()
		})
	}
}

func TestOneCallHasABound(t *testing.T) {
	b := memory.NewBudget()
	c, release := begin(t, b, memory.Most)
	require.ErrorIs(t, c.Grow(t.Context(), 1), memory.ErrTooMuch)
	release()
	c, release = begin(t, b, 1)
	require.ErrorIs(t, c.Grow(t.Context(), memory.Most), memory.ErrTooMuch)
	require.NoError(t, c.Grow(t.Context(), memory.Most-1), "what is refused is not taken")
	release()
	require.NoError(t, memory.From(t.Context()).Grow(t.Context(), 1000*mb), "without a budget there is no bound")
}

func TestAFewCallsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget()
		_, release := begin(t, b, memory.Most)
		var waiting sync.WaitGroup
		for range 4 + 8 { // with a place in the class below, or waiting for one
			waiting.Go(func() {
				ctx, release := b.With(t.Context())
				defer release()
				if err := memory.From(ctx).Grow(ctx, 10*mb); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, done := b.With(t.Context())
		require.ErrorIs(t, memory.From(ctx).Grow(ctx, 10*mb), memory.ErrBusy)
		done()
		small, done := begin(t, b, mb)
		require.NoError(t, small.Grow(t.Context(), 1))
		done()
		release()
		waiting.Wait()
	})
}

// Calls that grow bit by bit never wait for each other in a circle.
func TestGrowingCallsGoOn(t *testing.T) {
	b := memory.NewBudget()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var calls sync.WaitGroup
	for range 200 {
		calls.Go(func() {
			ctx, release := b.With(ctx)
			defer release()
			for range 100 {
				if err := memory.From(ctx).Grow(ctx, mb/2); err != nil {
					if ctx.Err() != nil {
						t.Error("it waited in vain")
					}
					return
				}
			}
		})
	}
	calls.Wait()
	_, release := begin(t, b, memory.Most)
	release()
}

func TestShrink(t *testing.T) {
	b := memory.NewBudget()
	c, release := begin(t, b, memory.Most)
	defer release()
	c.Shrink(mb / 2)
	_, other := begin(t, b, memory.Most)
	other()
	require.NoError(t, c.Grow(t.Context(), memory.Most-mb/2))
	c.Shrink(memory.Most + 1)
	require.ErrorIs(t, c.Grow(t.Context(), 1), memory.ErrTooMuch)
}
