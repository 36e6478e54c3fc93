package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const (
	traceparentField = "traceparent"
	baggageField     = "baggage"
)

// linkKey finds the trace that the HTTP request belongs to, where the message
// in it belongs to another.
type linkKey struct{}

// Extract returns ctx within the caller's trace and with their baggage. What
// the message's _meta says (SEP-414) counts more than the headers of the
// request that carried it: several messages may share one request. The trace
// of the request is then linked to.
//
// What is malformed is passed over, as the standard demands.
func (t *Telemetry) Extract(ctx context.Context, meta map[string]any, header http.Header) context.Context {
	ctx = t.formats.extract(ctx, propagation.HeaderCarrier(header))
	carried := trace.SpanContextFromContext(ctx)
	ctx = t.formats.extract(ctx, metaCarrier(meta))
	if carried.IsValid() && !carried.Equal(trace.SpanContextFromContext(ctx)) {
		ctx = context.WithValue(ctx, linkKey{}, carried)
	}
	return ctx
}

// traceparent names the trace of ctx to Retool, "" if it is in none. Neither
// tracestate nor baggage go there: they are the caller's and may tell more
// than whose call it is.
func (t *Telemetry) traceparent(ctx context.Context) string {
	if !t.formats.trace {
		return ""
	}
	var parent parentCarrier
	propagation.TraceContext{}.Inject(ctx, &parent)
	return string(parent)
}

// formats are those in which a trace passes from program to program.
type formats struct{ trace, baggage bool }

// formatsFromEnvironment reads OTEL_PROPAGATORS, which the library leaves to
// each program.
func formatsFromEnvironment() (formats, error) {
	const name = "OTEL_PROPAGATORS"
	list := strings.TrimSpace(os.Getenv(name))
	if list == "" {
		return formats{trace: true, baggage: true}, nil
	}
	var f formats
	for word := range strings.SplitSeq(list, ",") {
		switch strings.TrimSpace(word) {
		case "tracecontext":
			f.trace = true
		case "baggage":
			f.baggage = true
		case "none":
		default:
			return f, fmt.Errorf("%s may list tracecontext and baggage, or be none: MCP has no other formats", name)
		}
	}
	return f, nil
}

// extract leaves in ctx what carrier does not say.
func (f formats) extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if f.trace {
		ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	}
	if text := carrier.Get(baggageField); f.baggage && text != "" {
		// Not the library's own propagator: it reports what is malformed, in
		// words of the caller.
		if bag, _ := baggage.Parse(text); bag.Len() > 0 {
			ctx = baggage.ContextWithBaggage(ctx, bag)
		}
	}
	return ctx
}

// metaCarrier reads the _meta of a message.
type metaCarrier map[string]any

// Get is for propagation.
func (m metaCarrier) Get(key string) string {
	text, _ := m[key].(string)
	return text
}

// Set is for propagation. Nothing is written to a _meta.
func (metaCarrier) Set(string, string) {}

// Keys is for propagation.
func (metaCarrier) Keys() []string { return nil }

// parentCarrier takes a traceparent and nothing else.
type parentCarrier string

// Get is for propagation.
func (parentCarrier) Get(string) string { return "" }

// Set is for propagation.
func (c *parentCarrier) Set(key, value string) {
	if key == traceparentField {
		*c = parentCarrier(value)
	}
}

// Keys is for propagation.
func (parentCarrier) Keys() []string { return nil }
