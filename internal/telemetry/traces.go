package telemetry

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
)

// serviceName is what traces call the program if the environment does not say.
const serviceName = "retool-mcp"

// scope says which code made a span.
const scope = "github.com/retool-mcp/retool-mcp/internal/telemetry"

// traces sends spans to a collector.
type traces struct {
	exporter *otlptrace.Exporter
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// newTraces makes what the environment asks for. Sampler, resource, limits and
// batches are read by the SDK itself, after checkEnvironment: the SDK passes
// over what it cannot use.
func newTraces(ctx context.Context, version string, log *slog.Logger) (*traces, error) {
	if err := checkEnvironment(); err != nil {
		return nil, err
	}
	// Both are global in the library: what fails behind the scenes, as sending
	// does, is told to no other place, and the default is to write to standard
	// error in a form of its own. The logger repeats values of variables, so
	// nobody hears it; the errors that matter come to the handler.
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(&lossReport{log: log})

	// What comes later counts more.
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName(serviceName), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this program for traces: %w", err)
	}
	to, err := newCollector(version)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_*: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithBatcher(exporter),
		sdktrace.WithoutPanicRecording()) // the text of a panic may hold anything
	return &traces{
		exporter: exporter,
		provider: provider,
		tracer:   provider.Tracer(scope, trace.WithInstrumentationVersion(version), trace.WithSchemaURL(semconv.SchemaURL)),
	}, nil
}

// shutdown sends what is left. Given a deadline, the provider would leave its
// processors at work behind it; so it gets none, and the exporter, which alone
// takes time, is stopped instead.
func (t *traces) shutdown(ctx context.Context) error {
	forever := context.WithoutCancel(ctx)
	inTime := context.AfterFunc(ctx, func() { _ = t.exporter.Shutdown(forever) })
	err := t.provider.Shutdown(forever)
	if !inTime() {
		return ctx.Err()
	}
	return err
}
