package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

// canary is in arguments, responses, errors and everything else that a caller or
// Retool sends. It must be in no metric, span or log line.
const canary = "canary0123456789"

func TestMetricsTracesAndLogHoldNoSecrets(t *testing.T) {
	collector := traced(t)
	var log bytes.Buffer
	tel := start(t, telemetry.Options{
		Tools: []string{"get_user", "create_group", "list_users"}, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	meta := map[string]any{"traceparent": parentA, "tracestate": "v=" + canary, "baggage": "k=" + canary, canary: canary}
	header := http.Header{"Authorization": {"Bearer " + canary}, "Tracestate": {"v=" + canary}, "Baggage": {"k;;" + canary}, "X-" + canary: {canary}}
	ctx := caller.With(t.Context(), caller.Caller{ID: canary, Token: canary, RequestID: "req-1", Toolsets: []string{canary}})
	ctx = tel.Extract(ctx, meta, header)

	seen := 0
	run := program(t, tel, func(w http.ResponseWriter, r *http.Request) {
		seen++
		w.Header().Set("X-"+canary, canary)
		switch {
		case r.Method == http.MethodPost:
			http.Error(w, `{"message":"`+canary+`"}`, http.StatusConflict)
		case r.URL.Query().Has("email"):
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, canary)
		default:
			answers(`{"data":{"name":"`+canary+`"}}`)(w, r)
		}
	})
	for _, call := range [][2]string{
		{"get_user", `{"userId":"user_` + canary + `"}`},
		{"get_user", `{"` + canary + `":"` + canary + `"}`},
		{"create_group", `{"name":"` + canary + `"}`},
		{"list_users", `{"email":"` + canary + `"}`},
		{canary, `{}`},
	} {
		_, _ = run.CallTool(ctx, call[0], []byte(call[1]))
	}
	require.Equal(t, 3, seen, "one call does not fit and one has no tool")
	failing := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, errors.New(canary) }))
	_, err := failing.CallTool(ctx, "list_users", nil)
	require.Error(t, err)
	panicking := tel.Instrument(runs(func(context.Context) (result.Result, error) { panic(canary) }))
	require.Panics(t, func() { _, _ = panicking.CallTool(ctx, "list_users", nil) })
	upstream := tel.Transport(roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New(canary) }))
	inCall := tel.Instrument(runs(func(ctx context.Context) (result.Result, error) {
		r, err := http.NewRequestWithContext(ctx, canary, "http://"+canary+":"+canary+"@example.com/"+canary+"?"+canary+"#"+canary, nil)
		require.NoError(t, err)
		_, err = upstream.RoundTrip(r) //nolint:bodyclose // there is none
		return result.Result{Text: canary, IsError: true}, err
	}))
	_, err = inCall.CallTool(ctx, "list_users", nil)
	require.Error(t, err)

	text, _ := metrics(t, tel)
	flush(t, tel)
	require.Len(t, collector.spans, 5+3+3+1, "calls, requests, faults, and the request of the last")
	require.Contains(t, text, `retool_mcp_calls_total{status="failed",tool="list_users"} 3`)
	require.NotContains(t, text, canary)
	require.NotContains(t, text, token)
	sent := string(collector.raw)
	require.Contains(t, sent, "tools/call get_user")
	// By the protocol the caller's trace state is part of every span.
	for _, span := range collector.spans {
		require.Equal(t, "v="+canary, span.TraceState)
	}
	require.Equal(t, len(collector.spans), bytes.Count(collector.raw, []byte(canary)))
	require.NotContains(t, sent, token)
	require.NotContains(t, sent, "user_")
	require.NotContains(t, log.String(), canary)
}
