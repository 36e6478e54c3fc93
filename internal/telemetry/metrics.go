package telemetry

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace is how the names of all our metrics begin.
const namespace = "retool_mcp"

// unknownTool is the label of calls whose tool is not served.
const unknownTool = "unknown"

// buckets are seconds, from an answer off the nearest network to the usual
// deadline of a call. Retool's slowest operations take 4 s.
var buckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// maxScrapes is how many scrapes may go on at once: two replicas of Prometheus
// and somebody who looks.
const maxScrapes = 4

type metrics struct {
	registry         *prometheus.Registry
	log              *slog.Logger
	calls            *prometheus.CounterVec
	callDuration     *prometheus.HistogramVec
	requests         *prometheus.CounterVec
	upstreamDuration *prometheus.HistogramVec
}

func newMetrics(version string, gauges func() Gauges, log *slog.Logger) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	histogram := func(name, help, label string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, []string{label})
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		log:      log,
		calls: counter("calls_total",
			"Calls of tools by outcome: ok, error (the caller is told what went wrong), failed (this program is at fault).", "tool", "status"),
		callDuration: histogram("call_duration_seconds",
			"Time that a call of a tool took.", "tool"),
		requests: counter("upstream_requests_total",
			"Requests to Retool by class of status; error means that no whole answer came.", "method", "status"),
		upstreamDuration: histogram("upstream_duration_seconds",
			"Time from a request to Retool to the end of its answer.", "method"),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "info", Help: "Always 1; the label tells the version."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.calls, m.callDuration, m.requests, m.upstreamDuration, info, newMoment(gauges),
	)
	return m
}

// call counts a call of a tool, "" for one that is not served.
func (m *metrics) call(tool, status string, took time.Duration) {
	if tool == "" {
		tool = unknownTool
	}
	m.calls.WithLabelValues(tool, status).Inc()
	m.callDuration.WithLabelValues(tool).Observe(took.Seconds())
}

// request counts a request to Retool.
func (m *metrics) request(method, status string, took time.Duration) {
	m.requests.WithLabelValues(method, status).Inc()
	m.upstreamDuration.WithLabelValues(method).Observe(took.Seconds())
}

// Metrics answers with all metrics, in the text form of Prometheus.
func (t *Telemetry) Metrics() http.Handler {
	return promhttp.HandlerFor(t.metrics.registry, promhttp.HandlerOpts{
		ErrorLog:            scrapeLog{t.metrics.log},
		MaxRequestsInFlight: maxScrapes,
	})
}

// scrapeLog takes what promhttp has to say.
type scrapeLog struct{ log *slog.Logger }

// Println is for promhttp.
func (l scrapeLog) Println(words ...any) {
	l.log.Warn("a scrape failed", "reason", fmt.Sprint(words...))
}

// moment turns Gauges into metrics. It asks once per scrape, so that the four
// values belong together.
type moment struct {
	ask   func() Gauges
	descs [4]*prometheus.Desc
}

func newMoment(ask func() Gauges) *moment {
	if ask == nil {
		ask = func() Gauges { return Gauges{} }
	}
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil)
	}
	return &moment{ask, [4]*prometheus.Desc{
		desc("calls_in_flight", "Calls that are being worked on."),
		desc("calls_waiting", "Calls that wait for their turn."),
		desc("streams", "Streams that are open."),
		desc("sessions", "Sessions that are open."),
	}}
}

// Describe is for Prometheus.
func (m *moment) Describe(out chan<- *prometheus.Desc) {
	for _, d := range m.descs {
		out <- d
	}
}

// Collect is for Prometheus.
func (m *moment) Collect(out chan<- prometheus.Metric) {
	now := m.ask()
	for i, value := range [4]int{now.CallsInFlight, now.CallsWaiting, now.Streams, now.Sessions} {
		out <- prometheus.MustNewConstMetric(m.descs[i], prometheus.GaugeValue, float64(value))
	}
}
