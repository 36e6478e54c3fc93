package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

// A call and its request are one trace with the attributes of the conventions.
func TestCallAndRequestMakeATrace(t *testing.T) {
	collector := traced(t)
	tel := start(t, telemetry.Options{Version: "1.2.3", Tools: []string{"get_user"}})
	var host string
	run := program(t, tel, func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		answers(`{"data":{}}`)(w, r)
	})
	ctx := telemetry.WithSession(t.Context(), telemetry.Session{ID: "s1", Protocol: "2025-11-25", Transport: "tcp"})
	ctx = telemetry.WithTemplate(ctx, "/users/{userId}")
	_, err := run.CallTool(ctx, "get_user", []byte(`{"userId":"user_1"}`))
	require.NoError(t, err)
	flush(t, tel)

	spans := collector.all(t)
	require.Len(t, spans, 2)
	call, request := spans["tools/call get_user"], spans["GET /users/{userId}"]
	require.NotNil(t, call)
	require.NotNil(t, request)
	require.Empty(t, call.ParentSpanId)
	require.Equal(t, call.SpanId, request.ParentSpanId)
	require.Equal(t, call.TraceId, request.TraceId)
	require.Equal(t, tracepb.Span_SPAN_KIND_SERVER, call.Kind)
	require.Equal(t, tracepb.Span_SPAN_KIND_CLIENT, request.Kind)
	require.Equal(t, map[string]any{
		"mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "get_user",
		"mcp.session.id": "s1", "mcp.protocol.version": "2025-11-25", "network.transport": "tcp",
	}, attributes(call.Attributes))
	at, err := url.Parse("http://" + host)
	require.NoError(t, err)
	port, err := strconv.ParseInt(at.Port(), 10, 64)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"http.request.method": "GET", "http.response.status_code": int64(200), "url.template": "/users/{userId}",
		"server.address": at.Hostname(), "server.port": port,
	}, attributes(request.Attributes))
	require.Equal(t, tracepb.Status_STATUS_CODE_UNSET, call.Status.GetCode())
	require.LessOrEqual(t, request.EndTimeUnixNano, call.EndTimeUnixNano)

	require.Equal(t, "github.com/retool-mcp/retool-mcp/internal/telemetry", collector.scope.Name)
	require.Equal(t, "1.2.3", collector.scope.Version)
	require.Regexp(t, `^https://opentelemetry.io/schemas/1\.`, collector.schema)
	resource := attributes(collector.resource.Attributes)
	require.Equal(t, "retool-mcp", resource["service.name"])
	require.Equal(t, "1.2.3", resource["service.version"])
	require.Equal(t, "go", resource["telemetry.sdk.language"])
}

func TestFailuresHaveATypeAndNoMessage(t *testing.T) {
	unreachable := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for _, x := range []struct {
		name, tool, arguments string
		instance              http.HandlerFunc
		call, request         map[string]any // what of an error is on the spans; nil for no span
	}{
		{"arguments that do not fit", "get_user", `{}`, answers(`{}`), map[string]any{"error.type": "tool_error"}, nil},
		{
			"a refusal", "get_user", `{"userId":"user_1"}`, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
			map[string]any{"error.type": "tool_error"},
			map[string]any{"error.type": "403", "http.response.status_code": int64(403)},
		},
		{
			"no answer", "get_user", `{"userId":"user_1"}`, unreachable,
			map[string]any{"error.type": "tool_error"},
			map[string]any{"error.type": "*errors.errorString"},
		},
		{"no such tool", "no_such_tool", `{}`, answers(`{}`), map[string]any{"error.type": "-32603", "rpc.response.status_code": "-32603"}, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			collector := traced(t)
			tel := start(t, telemetry.Options{Tools: []string{"get_user"}})
			_, _ = program(t, tel, x.instance).CallTool(t.Context(), x.tool, []byte(x.arguments))
			flush(t, tel)
			spans := collector.all(t)
			call := spans["tools/call get_user"]
			if x.tool != "get_user" {
				call = spans["tools/call"] // a name that anybody may make up is no name of a span
				require.NotContains(t, attributes(call.Attributes), "gen_ai.tool.name")
			}
			require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, call.Status.Code)
			require.Empty(t, call.Status.Message)
			require.Subset(t, attributes(call.Attributes), x.call)
			if x.request == nil {
				require.Len(t, spans, 1)
				return
			}
			request := spans["GET"]
			require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, request.Status.Code)
			require.Empty(t, request.Status.Message)
			require.Subset(t, attributes(request.Attributes), x.request)
			require.Empty(t, request.Events)
		})
	}
}

func TestErrorTypesOfRequests(t *testing.T) {
	for _, x := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
		{&url.Error{Op: "Get", URL: "http://secret", Err: context.Canceled}, "canceled"},
		{errors.New("secret"), "*errors.errorString"},
		{&http.MaxBytesError{}, "*http.MaxBytesError"},
	} {
		collector := traced(t)
		tel := start(t, telemetry.Options{})
		upstream := tel.Transport(roundTrip(func(*http.Request) (*http.Response, error) { return nil, x.err }))
		run := tel.Instrument(runs(func(ctx context.Context) (result.Result, error) {
			r, err := http.NewRequestWithContext(ctx, "BREW", "https://example.com/users/1?q=2", nil)
			require.NoError(t, err)
			_, err = upstream.RoundTrip(r) //nolint:bodyclose // there is none
			require.Equal(t, x.err, err)
			return result.Result{}, nil
		}))
		_, err := run.CallTool(t.Context(), "", nil)
		require.NoError(t, err)
		flush(t, tel)
		require.Equal(t, map[string]any{
			"http.request.method": "_OTHER", "server.address": "example.com", "server.port": int64(443), "error.type": x.want,
		}, attributes(collector.all(t)["HTTP"].Attributes))
	}
}

func TestPanicEndsItsSpan(t *testing.T) {
	collector := traced(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	run := tel.Instrument(runs(func(context.Context) (result.Result, error) { panic("secret") }))
	require.Panics(t, func() { _, _ = run.CallTool(t.Context(), "list_users", nil) })
	flush(t, tel)
	span := collector.all(t)["tools/call list_users"]
	require.Equal(t, "panic", attributes(span.Attributes)["error.type"])
	require.Empty(t, span.Events)
	require.NotContains(t, string(collector.raw), "secret")
}

// Such as readiness checks.
func TestRequestsOutsideOfCallsAreNotTraced(t *testing.T) {
	collector := traced(t)
	tel := start(t, telemetry.Options{})
	upstream := tel.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		require.NotContains(t, r.Header, "Traceparent")
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	resp, err := upstream.RoundTrip(r)
	require.NoError(t, err)
	resp.Body.Close()
	flush(t, tel)
	require.Empty(t, collector.all(t))
	require.Equal(t, map[string]float64{"GET,2xx": 1}, series(t, tel, "retool_mcp_upstream_requests_total"))
}

func TestEnvironment(t *testing.T) {
	call := func(t *testing.T, tel *telemetry.Telemetry) {
		t.Helper()
		run := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
		_, err := run.CallTool(t.Context(), "list_users", nil)
		require.NoError(t, err)
		flush(t, tel)
	}
	t.Run("resource, headers and compression", func(t *testing.T) {
		collector := traced(t, "OTEL_SERVICE_NAME=mcp-eu", "OTEL_RESOURCE_ATTRIBUTES=k8s.pod.name=pod-1,team=a%20b",
			"OTEL_EXPORTER_OTLP_HEADERS=api-key=to%20the%20collector", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
		call(t, start(t, telemetry.Options{Version: "1.2.3"}))
		resource := attributes(collector.resource.Attributes)
		require.Equal(t, "mcp-eu", resource["service.name"])
		require.Equal(t, "1.2.3", resource["service.version"])
		require.Equal(t, "pod-1", resource["k8s.pod.name"])
		require.Equal(t, "a b", resource["team"])
		require.Equal(t, "/v1/traces", collector.requests[0].URL.Path)
		require.Equal(t, "to the collector", collector.requests[0].Header.Get("Api-Key"))
		require.Equal(t, "gzip", collector.requests[0].Header.Get("Content-Encoding"))
	})
	t.Run("address of its own for traces", func(t *testing.T) {
		collector := newCollector(t, (*httptest.Server).Start)
		environment(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="+collector.URL+"/ingest", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf")
		call(t, start(t, telemetry.Options{}))
		require.Equal(t, "/ingest", collector.requests[0].URL.Path)
	})
	t.Run("sampler", func(t *testing.T) {
		collector := traced(t, "OTEL_TRACES_SAMPLER=always_off")
		call(t, start(t, telemetry.Options{}))
		require.Empty(t, collector.all(t))
	})
	for name, set := range map[string][]string{
		"not asked for":       nil,
		"no exporter":         {"OTEL_EXPORTER_OTLP_ENDPOINT=COLLECTOR", "OTEL_TRACES_EXPORTER=none"},
		"disabled":            {"OTEL_EXPORTER_OTLP_ENDPOINT=COLLECTOR", "OTEL_SDK_DISABLED=TRUE"},
		"collector of others": {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=COLLECTOR"},
		"off, and unusable":   {"OTEL_SDK_DISABLED=true", "OTEL_EXPORTER_OTLP_ENDPOINT=nonsense", "OTEL_PROPAGATORS=b3"},
	} {
		t.Run(name, func(t *testing.T) {
			collector := newCollector(t, (*httptest.Server).Start)
			for i, v := range set {
				if key, value, _ := strings.Cut(v, "="); value == "COLLECTOR" {
					set[i] = key + "=" + collector.URL
				}
			}
			environment(t, set...)
			call(t, start(t, telemetry.Options{}))
			require.Empty(t, collector.requests)
		})
	}
}
