package telemetry_test

import (
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

const (
	traceA, spanA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0000aaaa0000aaaa"
	traceB, spanB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "bbbbbbbbbbbbbbbb"
	parentA       = "00-" + traceA + "-" + spanA + "-01"
	parentB       = "00-" + traceB + "-" + spanB + "-01"
)

func TestExtract(t *testing.T) {
	for _, x := range []struct {
		name         string
		meta         map[string]any
		header       http.Header
		trace, state string
		baggage      string
	}{
		{name: "nothing"},
		{"only headers", nil, http.Header{"Traceparent": {parentA}, "Tracestate": {"v=a"}, "Baggage": {"k=a"}}, traceA, "v=a", "k=a"},
		{"only _meta", map[string]any{"traceparent": parentB, "tracestate": "v=b", "baggage": "k=b"}, nil, traceB, "v=b", "k=b"},
		{
			"_meta counts more",
			map[string]any{"traceparent": parentB, "tracestate": "v=b", "baggage": "k=b"},
			http.Header{"Traceparent": {parentA}, "Tracestate": {"v=a"}, "Baggage": {"k=a"}},
			traceB, "v=b", "k=b",
		},
		{
			"no state of the one with a trace of the other",
			map[string]any{"traceparent": parentB},
			http.Header{"Traceparent": {parentA}, "Tracestate": {"v=a"}},
			traceB, "", "",
		},
		{"_meta without a trace", map[string]any{"progressToken": "1"}, http.Header{"Traceparent": {parentA}}, traceA, "", ""},
		{"malformed _meta", map[string]any{"traceparent": "00-1-2-3", "baggage": ";;="}, http.Header{"Traceparent": {parentA}, "Baggage": {"k=a"}}, traceA, "", "k=a"},
		{"_meta of other types", map[string]any{"traceparent": 7, "baggage": []any{"k=b"}, "tracestate": nil}, http.Header{"Traceparent": {parentA}}, traceA, "", ""},
		{"all zeros", map[string]any{"traceparent": "00-" + strings.Repeat("0", 32) + "-" + spanB + "-01"}, nil, "", "", ""},
		{"too much baggage", map[string]any{"traceparent": parentB, "baggage": "k=" + strings.Repeat("b", 10_000)}, nil, traceB, "", ""},
	} {
		for _, on := range []bool{false, true} {
			t.Run(x.name, func(t *testing.T) {
				environment(t)
				if on {
					traced(t)
				}
				ctx := start(t, telemetry.Options{}).Extract(t.Context(), x.meta, x.header)
				at := trace.SpanContextFromContext(ctx)
				require.Equal(t, x.trace != "", at.IsValid())
				if x.trace != "" {
					require.Equal(t, x.trace, at.TraceID().String())
					require.True(t, at.IsRemote())
				}
				require.Equal(t, x.state, at.TraceState().String())
				require.Equal(t, x.baggage, baggage.FromContext(ctx).String())
			})
		}
	}
}

// Of a message and the HTTP request that carried it, one is the parent and the
// other is linked.
func TestSpansJoinTheCallersTrace(t *testing.T) {
	for _, x := range []struct {
		name          string
		meta          map[string]any
		header        http.Header
		trace, parent string
		linked        string
	}{
		{"of the headers", nil, http.Header{"Traceparent": {parentA}}, traceA, spanA, ""},
		{"of _meta", map[string]any{"traceparent": parentB}, nil, traceB, spanB, ""},
		{"of both", map[string]any{"traceparent": parentB}, http.Header{"Traceparent": {parentA}}, traceB, spanB, spanA},
		{"of both, the same", map[string]any{"traceparent": parentA}, http.Header{"Traceparent": {parentA}}, traceA, spanA, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			collector := traced(t)
			tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
			run := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
			_, err := run.CallTool(tel.Extract(t.Context(), x.meta, x.header), "list_users", nil)
			require.NoError(t, err)
			flush(t, tel)
			span := collector.all(t)["tools/call list_users"]
			require.Equal(t, x.trace, hex.EncodeToString(span.TraceId))
			require.Equal(t, x.parent, hex.EncodeToString(span.ParentSpanId))
			if x.linked == "" {
				require.Empty(t, span.Links)
				return
			}
			require.Len(t, span.Links, 1)
			require.Equal(t, x.linked, hex.EncodeToString(span.Links[0].SpanId))
		})
	}
}

func TestUnsampledTraceStaysUnsampled(t *testing.T) {
	collector := traced(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	var got string
	run := program(t, tel, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Traceparent")
		answers(`{"data":[]}`)(w, r)
	})
	_, err := run.CallTool(tel.Extract(t.Context(), map[string]any{"traceparent": strings.TrimSuffix(parentA, "01") + "00"}, nil), "list_users", nil)
	require.NoError(t, err)
	flush(t, tel)
	require.Empty(t, collector.all(t))
	require.Regexp(t, "^00-"+traceA+"-[0-9a-f]{16}-00$", got)
}

// Retool learns which request of ours it serves, and nothing more.
func TestHeadersToRetool(t *testing.T) {
	own := map[string]bool{"Accept": true, "Accept-Encoding": true, "Authorization": true, "User-Agent": true}
	for _, x := range []struct {
		name       string
		tracing    bool
		meta       map[string]any
		id         string
		propagator string
		want       map[string]string // patterns
	}{
		{name: "neither"},
		{name: "id alone", id: "req-1", want: map[string]string{"X-Request-Id": "^req-1$"}},
		{
			name: "the caller's trace is passed on", meta: map[string]any{"traceparent": parentA, "tracestate": "v=a", "baggage": "k=a"}, id: "req-1",
			want: map[string]string{"X-Request-Id": "^req-1$", "Traceparent": "^" + parentA + "$"},
		},
		{name: "a trace of our own", tracing: true, want: map[string]string{"Traceparent": "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$"}},
		{
			name: "our span in the caller's trace", tracing: true, meta: map[string]any{"traceparent": parentA, "tracestate": "v=a", "baggage": "k=a"},
			want: map[string]string{"Traceparent": "^00-" + traceA + "-[0-9a-f]{16}-01$"},
		},
		{name: "no propagation", tracing: true, propagator: "none", meta: map[string]any{"traceparent": parentA, "baggage": "k=a"}},
		{name: "baggage alone", tracing: true, propagator: "baggage", meta: map[string]any{"traceparent": parentA, "baggage": "k=a"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			environment(t)
			if x.tracing {
				traced(t)
			}
			t.Setenv("OTEL_PROPAGATORS", x.propagator)
			tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
			var header http.Header
			run := program(t, tel, func(w http.ResponseWriter, r *http.Request) {
				header = r.Header.Clone()
				answers(`{"data":[]}`)(w, r)
			})
			ctx := caller.With(t.Context(), caller.Caller{RequestID: x.id})
			_, err := run.CallTool(tel.Extract(ctx, x.meta, nil), "list_users", nil)
			require.NoError(t, err)
			require.Equal(t, "Bearer "+token, header.Get("Authorization"))
			maps.DeleteFunc(header, func(name string, _ []string) bool { return own[name] })
			require.Len(t, header, len(x.want), header)
			for name, pattern := range x.want {
				require.Regexp(t, pattern, header.Get(name), name)
			}
			if x.tracing {
				require.NotContains(t, header.Get("Traceparent"), spanA, "the parent is our span, not the caller's")
			}
		})
	}
}

func TestRequestIsNotChanged(t *testing.T) {
	traced(t)
	tel := start(t, telemetry.Options{})
	var sent *http.Request
	upstream := tel.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))
	ctx := tel.Extract(caller.With(t.Context(), caller.Caller{RequestID: "req-1"}), nil, http.Header{"Traceparent": {parentA}})
	for _, header := range []http.Header{{"X-Request-Id": {"mine"}}, nil} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
		require.NoError(t, err)
		r.Header = header
		before := header.Clone()
		resp, err := upstream.RoundTrip(r)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, before, r.Header)
		require.Equal(t, "req-1", sent.Header.Get("X-Request-Id"))
		require.Contains(t, sent.Header.Get("Traceparent"), traceA)
	}
}
