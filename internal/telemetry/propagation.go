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
	tracestateField  = "tracestate"
	baggageField     = "baggage"
)

// linkKey is the context key of the HTTP request's trace, where the message in it
// belongs to another.
type linkKey struct{}

// Extract returns ctx within the caller's trace and with its baggage. The
// message's _meta (SEP-414) takes precedence over the headers of the HTTP request,
// which several messages may share; the span then links to the request's trace.
//
// Malformed values are ignored, as the standard requires.
func (t *Telemetry) Extract(ctx context.Context, meta map[string]any, header http.Header) context.Context {
	ctx = t.formats.extract(ctx, propagation.HeaderCarrier(header))
	carried := trace.SpanContextFromContext(ctx)
	ctx = t.formats.extract(ctx, carrierOf(meta))
	if carried.IsValid() && !carried.Equal(trace.SpanContextFromContext(ctx)) {
		ctx = context.WithValue(ctx, linkKey{}, carried)
	}
	return ctx
}

// traceparent returns the header that names the trace of ctx to Retool, "" if
// there is none. The caller's tracestate and baggage are not sent: they may hold
// more than Retool should know.
func (t *Telemetry) traceparent(ctx context.Context) string {
	if !t.formats.trace {
		return ""
	}
	fields := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, fields)
	return fields[traceparentField]
}

// formats are the enabled formats of trace propagation.
type formats struct{ trace, baggage bool }

// formatsFromEnvironment reads OTEL_PROPAGATORS, which the SDK does not.
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
			return f, fmt.Errorf("%s must be none or a list of tracecontext and baggage, the formats of MCP", name)
		}
	}
	return f, nil
}

// extract adds to ctx what carrier holds.
func (f formats) extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if f.trace {
		ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	}
	if text := carrier.Get(baggageField); f.baggage && text != "" {
		// The library's own propagator would log malformed values of the caller.
		if bag, _ := baggage.Parse(text); bag.Len() > 0 {
			ctx = baggage.ContextWithBaggage(ctx, bag)
		}
	}
	return ctx
}

// carrierOf returns the fields of a message's _meta that are strings.
func carrierOf(meta map[string]any) propagation.MapCarrier {
	fields := propagation.MapCarrier{}
	for _, name := range []string{traceparentField, tracestateField, baggageField} {
		if text, ok := meta[name].(string); ok {
			fields[name] = text
		}
	}
	return fields
}
