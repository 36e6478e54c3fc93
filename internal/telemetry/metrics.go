package telemetry

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// namespace is the prefix of all our metrics.
const namespace = "retool_mcp_"

// unknownTool is the label of calls whose tool is not served.
const unknownTool = "unknown"

// buckets are seconds, from a response over the nearest network to the usual
// deadline of a call. Retool's slowest operations take 4 s.
var buckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// maxScrapes is the limit of concurrent scrapes: two replicas of Prometheus and
// a person.
const maxScrapes = 4

// helpTexts completes the HELP lines of our metrics, which the library leaves
// empty.
var helpTexts = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, metric := range [][2]string{
		{"call_duration_seconds", "Duration of tool calls."},
		{"calls_in_flight", "Calls in progress."},
		{"calls_total", "Tool calls by outcome: ok, error (reported to the caller), failed (a fault of this program)."},
		{"calls_waiting", "Calls waiting in the queue."},
		{"info", "Always 1; the label is the version."},
		{"sessions", "Open sessions."},
		{"sign_ins_refused_total", "Refused sign-ins by method and reason."},
		{"streams", "Open streams."},
		{"upstream_duration_seconds", "Time from a request to Retool to the end of its response."},
		{"upstream_requests_total", "Requests to Retool by status class; error means no complete response."},
	} {
		line := "# HELP " + namespace + metric[0]
		pairs = append(pairs, line+"\n", line+" "+metric[1]+"\n")
	}
	return strings.NewReplacer(pairs...)
})

// meter counts what the server does.
type meter struct {
	set     *metrics.Set
	gauges  func() Gauges
	log     *slog.Logger
	scrapes chan struct{} // holds one element for each running scrape
}

func newMeter(o Options, log *slog.Logger) *meter {
	// The setting is global in the library; nothing else in the program uses it.
	metrics.ExposeMetadata(true)
	m := &meter{set: metrics.NewSet(), gauges: o.Gauges, log: log, scrapes: make(chan struct{}, maxScrapes)}
	if m.gauges == nil {
		m.gauges = func() Gauges { return Gauges{} }
	}
	m.set.NewGauge(namespace+`info{version="`+label.Replace(strings.ToValidUTF8(o.Version, "_"))+`"}`, nil).Set(1)
	return m
}

// call counts a call of a tool, "" for one that is not served.
func (m *meter) call(tool, status string, took time.Duration) {
	if tool == "" {
		tool = unknownTool
	}
	tool = label.Replace(tool)
	m.set.GetOrCreateCounter(namespace + `calls_total{status="` + status + `",tool="` + tool + `"}`).Inc()
	m.set.GetOrCreatePrometheusHistogramExt(namespace+`call_duration_seconds{tool="`+tool+`"}`, buckets).Update(took.Seconds())
}

func (m *meter) request(method, status string, took time.Duration) {
	m.set.GetOrCreateCounter(namespace + `upstream_requests_total{method="` + method + `",status="` + status + `"}`).Inc()
	m.set.GetOrCreatePrometheusHistogramExt(namespace+`upstream_duration_seconds{method="`+method+`"}`, buckets).Update(took.Seconds())
}

// SignInRefused counts a refused sign-in. Method and reason are from short lists.
func (t *Telemetry) SignInRefused(method, reason string) {
	t.metrics.set.GetOrCreateCounter(namespace + `sign_ins_refused_total{method="` + method + `",reason="` + reason + `"}`).Inc()
}

// label escapes the value of a label.
var label = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Metrics is a handler that responds with all metrics in Prometheus text format.
func (t *Telemetry) Metrics() http.Handler { return t.metrics }

func (m *meter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	select {
	case m.scrapes <- struct{}{}:
		defer func() { <-m.scrapes }()
	default:
		http.Error(w, "too many concurrent scrapes", http.StatusServiceUnavailable)
		return
	}
	defer func() {
		if reason := recover(); reason != nil {
			m.log.Warn("scrape failed", "reason", reason)
			http.Error(w, "scrape failed", http.StatusInternalServerError)
		}
	}()
	var out bytes.Buffer
	m.write(&out)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = helpTexts().WriteString(w, out.String()) // the client is gone if it fails
}

// write writes all metrics. It reads the gauges once, so that they are consistent.
func (m *meter) write(out *bytes.Buffer) {
	m.set.WritePrometheus(out)
	now := m.gauges()
	for _, gauge := range []struct {
		name  string
		value int
	}{
		{"calls_in_flight", now.CallsInFlight}, {"calls_waiting", now.CallsWaiting}, {"sessions", now.Sessions}, {"streams", now.Streams},
	} {
		metrics.WriteGaugeUint64(out, namespace+gauge.name, uint64(max(0, gauge.value)))
	}
	metrics.WriteGoMetrics(out)
	metrics.WriteProcMetrics(out)
	metrics.WriteFDMetrics(out)
}
