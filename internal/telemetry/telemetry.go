package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// Options configure a Telemetry. The variables that OpenTelemetry defines
// configure traces.
type Options struct {
	// Version of the program.
	Version string
	// Tools are the names that may be labels; all others count as "unknown".
	Tools []string
	// Gauges is called at each scrape, from any goroutine; nil means zeros.
	Gauges func() Gauges
	// Log receives lost traces and failed scrapes; nil discards them.
	Log *slog.Logger
}

// Gauges are the gauges at one moment.
type Gauges struct{ CallsInFlight, CallsWaiting, Streams, Sessions int }

// Telemetry counts and traces. It is safe for concurrent use.
type Telemetry struct {
	metrics *meter
	traces  *traces // nil without traces
	formats formats
	tools   atomic.Pointer[map[string]string]
}

// New returns a Telemetry. It sends nothing yet. An error names the invalid
// variable of OpenTelemetry without its value, which may be a secret.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	log := cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	wanted, err := tracesWanted()
	if err != nil {
		return nil, err
	}
	formats, err := formatsFromEnvironment()
	if err != nil && wanted {
		return nil, err
	}
	t := &Telemetry{metrics: newMeter(o, log), formats: formats}
	t.SetTools(o.Tools)
	if wanted {
		if t.traces, err = newTraces(ctx, o.Version, log); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// SetTools replaces the names that may be labels. Existing counts stay.
func (t *Telemetry) SetTools(names []string) {
	tools := make(map[string]string, len(names))
	for _, name := range names {
		name = strings.ToValidUTF8(name, "_") // labels are valid UTF-8
		tools[name] = name
	}
	t.tools.Store(&tools)
}

// tool returns the label of a tool, "" for an unknown one. It is a copy of our
// own: the caller's string may share memory with a whole message, which would
// live as long as the metric.
func (t *Telemetry) tool(name string) string { return (*t.tools.Load())[name] }

// Shutdown sends the remaining traces; later ones are dropped. When ctx ends
// first, it returns and the rest is lost.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.traces == nil {
		return nil
	}
	if err := t.traces.shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// ToolCaller calls a tool by name with raw JSON arguments. An error is a fault of
// this program, not of the call.
type ToolCaller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// internalError is the JSON-RPC code of a fault of this program.
const internalError = "-32603"

// Instrument counts and traces the calls of next.
func (t *Telemetry) Instrument(next ToolCaller) ToolCaller { return instrumented{t, next} }

type instrumented struct {
	t    *Telemetry
	next ToolCaller
}

// CallTool implements ToolCaller. A call that panics counts as failed, and the
// panic continues.
func (r instrumented) CallTool(ctx context.Context, name string, arguments []byte) (outcome result.Result, err error) {
	tool := r.t.tool(name)
	ctx, span := r.t.startCall(ctx, tool)
	began := time.Now()
	status, failure := "failed", "panic"
	defer func() {
		r.t.metrics.call(tool, status, time.Since(began))
		if failure == internalError {
			span.SetAttributes(semconv.RPCResponseStatusCode(internalError))
		}
		end(span, failure)
	}()
	outcome, err = r.next.CallTool(ctx, name, arguments)
	switch {
	case err != nil:
		failure = internalError
	case outcome.IsError:
		status, failure = "error", "tool_error" // named by the conventions
	default:
		status, failure = "ok", ""
	}
	return outcome, err
}
