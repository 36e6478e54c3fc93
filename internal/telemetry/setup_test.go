package telemetry_test

import (
	"compress/gzip"
	"context"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// environment sets the given NAME=value and unsets all other OTEL_ variables.
func environment(t testing.TB, set ...string) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
	for _, v := range set {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}

// start returns a Telemetry for the current environment. The test discards its
// remaining traces at the end.
func start(t testing.TB, o telemetry.Options) *telemetry.Telemetry {
	t.Helper()
	made, err := telemetry.New(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = made.Shutdown(ctx)
	})
	return made
}

// flush sends all traces.
func flush(t testing.TB, tel *telemetry.Telemetry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, tel.Shutdown(ctx))
}

// collector receives traces.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	raw      []byte // all bodies
	spans    []*tracepb.Span
	resource *resourcepb.Resource
	scope    *commonpb.InstrumentationScope
	schema   string
}

func newCollector(t testing.TB, begin func(*httptest.Server)) *collector {
	c := &collector{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unzipped
		}
		raw, err := io.ReadAll(body)
		if err != nil {
			return // the sender was stopped
		}
		var sent collectorpb.ExportTraceServiceRequest
		if err := proto.Unmarshal(raw, &sent); err != nil {
			t.Error("the collector got no message of its protocol:", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests, c.raw = append(c.requests, r), append(c.raw, raw...)
		for _, of := range sent.ResourceSpans {
			c.resource = of.Resource
			for _, scoped := range of.ScopeSpans {
				c.scope, c.schema = scoped.Scope, scoped.SchemaUrl
				c.spans = append(c.spans, scoped.Spans...)
			}
		}
	}))
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	begin(c.Server)
	t.Cleanup(c.Close)
	return c
}

// traced sets the environment so that traces go to a new collector.
func traced(t testing.TB, further ...string) *collector {
	t.Helper()
	c := newCollector(t, (*httptest.Server).Start)
	environment(t, append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL}, further...)...)
	return c
}

// all returns the received spans by name.
func (c *collector) all(t testing.TB) map[string]*tracepb.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]*tracepb.Span{}
	for _, s := range c.spans {
		require.NotContains(t, out, s.Name, "two spans of one name")
		out[s.Name] = s
	}
	return out
}

// attributes returns the attributes of a span or a resource as Go values.
func attributes(list []*commonpb.KeyValue) map[string]any {
	out := map[string]any{}
	for _, a := range list {
		switch v := a.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			out[a.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			out[a.Key] = v.IntValue
		default:
			out[a.Key] = a.Value.String()
		}
	}
	return out
}

// metrics scrapes over HTTP.
func metrics(t testing.TB, tel *telemetry.Telemetry) (text string, families map[string]*dto.MetricFamily) {
	t.Helper()
	server := httptest.NewServer(tel.Metrics())
	defer server.Close()
	resp, err := http.Get(server.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err = parser.TextToMetricFamilies(strings.NewReader(string(body)))
	require.NoError(t, err)
	return string(body), families
}

// series returns the values of a family by the values of its labels, joined with
// commas; for a histogram, the number of observations.
func series(t testing.TB, tel *telemetry.Telemetry, name string) map[string]float64 {
	t.Helper()
	_, families := metrics(t, tel)
	out := map[string]float64{}
	for _, m := range families[name].GetMetric() {
		var labels []string
		for _, l := range m.Label {
			labels = append(labels, l.GetValue())
		}
		out[strings.Join(labels, ",")] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return out
}

// catalog returns the embedded catalog.
func catalog(t testing.TB) *tools.Catalog {
	t.Helper()
	c := embedded.Catalog()
	return c
}

// token is the access token of all calls.
const token = "retool_01token456789012345678901234"

// program returns an instrumented runner for an instance that responds with
// handler.
func program(t testing.TB, tel *telemetry.Telemetry, handler http.HandlerFunc) telemetry.ToolCaller {
	t.Helper()
	instance := httptest.NewServer(handler)
	t.Cleanup(instance.Close)
	address, err := retool.ParseAddress(instance.URL, "")
	require.NoError(t, err)
	client := retool.New(retool.Options{Address: address, Token: token, Wrap: tel.Transport})
	return tel.Instrument(call.NewRunner(catalog(t), call.Options{Client: client, Log: slog.New(slog.DiscardHandler)}))
}

// runs implements ToolCaller.
type runs func(context.Context) (result.Result, error)

func (r runs) CallTool(ctx context.Context, _ string, _ []byte) (result.Result, error) { return r(ctx) }

func answers(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
}
