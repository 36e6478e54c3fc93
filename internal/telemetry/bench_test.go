package telemetry_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

var nothing = runs(func(context.Context) (result.Result, error) { return result.Result{}, nil })

// The benchmark below measures the time; allocations are the same on every machine.
func TestCallWithoutTracesAllocatesLittle(t *testing.T) {
	environment(t)
	run := start(t, telemetry.Options{Tools: []string{"list_users"}}).Instrument(nothing)
	ctx := caller.With(t.Context(), caller.Caller{RequestID: "req-1"})
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = run.CallTool(ctx, "list_users", nil) }), 2.0)
}

func BenchmarkRunner(b *testing.B) {
	b.Run("without traces", func(b *testing.B) {
		environment(b)
		benchmarkRunner(b)
	})
	b.Run("with traces", func(b *testing.B) {
		traced(b)
		benchmarkRunner(b)
	})
}

func benchmarkRunner(b *testing.B) {
	b.Helper()
	run := start(b, telemetry.Options{Tools: []string{"list_users"}}).Instrument(nothing)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = run.CallTool(b.Context(), "list_users", nil)
	}
}

func BenchmarkTransport(b *testing.B) {
	environment(b)
	upstream := start(b, telemetry.Options{}).Transport(roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))
	r, err := http.NewRequestWithContext(caller.With(b.Context(), caller.Caller{RequestID: "req-1"}), http.MethodGet, "http://127.0.0.1/", nil)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := upstream.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

func BenchmarkExtract(b *testing.B) {
	environment(b)
	tel := start(b, telemetry.Options{})
	for name, meta := range map[string]map[string]any{"nothing": nil, "a trace": {"traceparent": parentA}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tel.Extract(b.Context(), meta, nil)
			}
		})
	}
}
