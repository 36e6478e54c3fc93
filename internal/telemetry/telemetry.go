package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// Options are the settings of a Telemetry. What concerns traces comes from the
// variables that OpenTelemetry defines.
type Options struct {
	// Version is the program's.
	Version string
	// Tools are the names that may be labels; every other counts as "unknown".
	Tools []string
	// Gauges is asked at each scrape, from any goroutine; nil means zeros.
	Gauges func() Gauges
	// Log hears of traces that could not be sent and of failed scrapes; nil
	// means nobody does.
	Log *slog.Logger
}

// Gauges is what goes on at one moment.
type Gauges struct{ CallsInFlight, CallsWaiting, Streams, Sessions int }

// Telemetry counts and traces. It is safe for concurrent use.
type Telemetry struct {
	metrics *meter
	traces  *traces // nil if nobody asks for them
	formats formats
	tools   atomic.Pointer[map[string]string]
}

// New makes a Telemetry. It sends nothing. An error names the variable of
// OpenTelemetry that cannot be used and does not repeat its value, which may
// be a secret.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
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

// SetTools says which names may be labels from now on. What was counted under
// others stays as it is.
func (t *Telemetry) SetTools(names []string) {
	tools := make(map[string]string, len(names))
	for _, name := range names {
		name = strings.ToValidUTF8(name, "_") // labels are valid UTF-8
		tools[name] = name
	}
	t.tools.Store(&tools)
}

// tool is the name under which a call counts, "" for one that no tool has. It
// is our own copy: the caller's may be part of the message that it came in,
// which would live as long as the metric.
func (t *Telemetry) tool(name string) string { return (*t.tools.Load())[name] }

// Shutdown sends the traces that are still here and ends those that are made
// later. It returns by the time that ctx does; what has not been sent by then
// is lost.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.traces == nil {
		return nil
	}
	if err := t.traces.shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}
