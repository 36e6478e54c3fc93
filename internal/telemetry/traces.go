package telemetry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
)

// serviceName is the default service name of traces.
const serviceName = "retool-mcp"

// traces sends spans to a collector.
type traces struct {
	exporter *collector
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// newTraces sets up what the environment asks for. The SDK reads sampler,
// resource, limits and batches itself.
func newTraces(ctx context.Context, version string, log *slog.Logger) (*traces, error) {
	settings, err := readCollectorSettings(version)
	if err != nil {
		return nil, err
	}
	if err := checkSDKVariables(); err != nil {
		return nil, err
	}
	// Both are global in the library and write to standard error by default. The
	// logger repeats values of variables, so it is off; the errors that matter
	// reach the handler.
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(&lossReport{log: log})

	// Later options take precedence.
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName(serviceName), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this program for traces: %w", err)
	}
	exporter := newCollector(settings)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithBatcher(exporter),
		sdktrace.WithoutPanicRecording()) // a panic message may hold secrets
	return &traces{
		exporter: exporter,
		provider: provider,
		tracer:   provider.Tracer("github.com/retool-mcp/retool-mcp/internal/telemetry", trace.WithInstrumentationVersion(version), trace.WithSchemaURL(semconv.SchemaURL)),
	}, nil
}

// shutdown sends the remaining spans. With a deadline the provider would leave its
// processors running, so it gets none; the exporter, the only part that takes
// time, is stopped instead.
func (t *traces) shutdown(ctx context.Context) error {
	forever := context.WithoutCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = t.exporter.Shutdown(forever) })
	err := t.provider.Shutdown(forever)
	if !stop() {
		return ctx.Err()
	}
	return err
}

// lossInterval is the minimum time between two log lines about lost traces:
// without a collector some are lost every few seconds.
const lossInterval = time.Minute

// lossReport is the error handler of OpenTelemetry. It receives the batches of
// spans that could not be sent.
type lossReport struct {
	log *slog.Logger

	mu         sync.Mutex // protects the fields below
	last       time.Time  // when it last logged
	suppressed int        // losses since then
}

func (l *lossReport) Handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) < lossInterval {
		l.suppressed++
		return
	}
	l.log.Warn("traces were lost", "reason", reason(err), "further_losses", l.suppressed)
	l.last, l.suppressed = time.Now(), 0
}

// reason describes err without the collector's address and response, which may
// hold secrets.
func reason(err error) string {
	// Without a connection there is no response that it could repeat.
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate.Error()
	}
	if status, ok := errors.AsType[httpStatusError](err); ok {
		return "the collector responds with " + status.Error()
	}
	network, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errBusy):
		return "the collector is busy for too long"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), ok && network.Timeout(),
		strings.Contains(err.Error(), "timeout"): // the SDK words its deadline this way
		return "the collector does not respond in time"
	default:
		return "the collector refuses them, or its response is not valid"
	}
}
