package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Session describes the connection of a call for its span. Empty fields are left
// out.
type Session struct {
	ID        string // MCP session ID
	Protocol  string // MCP revision, such as 2025-11-25
	Transport string // "pipe" for standard input and output, "tcp" for HTTP
}

type (
	sessionKey  struct{}
	templateKey struct{}
)

// WithSession returns a context for the calls of s.
func WithSession(ctx context.Context, s Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// WithTemplate returns a context for requests to paths of a template such as
// /users/{id}. It names the spans, which must not show the path itself.
func WithTemplate(ctx context.Context, template string) context.Context {
	return context.WithValue(ctx, templateKey{}, template)
}

// startCall starts the span of a call of a tool, "" for one that is not served.
// Without traces it returns ctx, with the caller's trace in it.
func (t *Telemetry) startCall(ctx context.Context, tool string) (context.Context, trace.Span) {
	if t.traces == nil {
		return ctx, noop.Span{}
	}
	name := semconv.McpMethodNameToolsCall.Value.AsString()
	attributes := make([]attribute.KeyValue, 0, 6)
	attributes = append(attributes, semconv.McpMethodNameToolsCall, semconv.GenAIOperationNameExecuteTool)
	if tool != "" {
		name += " " + tool
		attributes = append(attributes, semconv.GenAIToolName(tool))
	}
	session, _ := ctx.Value(sessionKey{}).(Session)
	for _, a := range []attribute.KeyValue{
		semconv.McpSessionID(session.ID), semconv.McpProtocolVersion(session.Protocol),
		semconv.NetworkTransportKey.String(session.Transport),
	} {
		if a.Value.AsString() != "" {
			attributes = append(attributes, a)
		}
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...)}
	if carried, ok := ctx.Value(linkKey{}).(trace.SpanContext); ok {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: carried}))
	}
	return t.traces.tracer.Start(ctx, name, options...)
}

// startRequest starts the span of a request to Retool. Requests outside of calls,
// such as readiness checks, have none: each would be a trace of its own.
func (t *Telemetry) startRequest(req *http.Request, method string) (context.Context, trace.Span) {
	ctx := req.Context()
	if t.traces == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, noop.Span{}
	}
	name := method
	if method == otherMethod {
		name = "HTTP" // by the conventions
	}
	attributes := make([]attribute.KeyValue, 0, 4)
	attributes = append(attributes, semconv.HTTPRequestMethodKey.String(method), semconv.ServerAddress(req.URL.Hostname()))
	if port := portOf(req); port != 0 {
		attributes = append(attributes, semconv.ServerPort(port))
	}
	if template, _ := ctx.Value(templateKey{}).(string); template != "" {
		name += " " + template
		attributes = append(attributes, semconv.URLTemplate(template))
	}
	return t.traces.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
}

// portOf returns the port that req goes to, 0 if it is not valid.
func portOf(req *http.Request) int {
	if named := req.URL.Port(); named != "" {
		port, _ := strconv.Atoi(named) // 0 is left out
		return port
	}
	if req.URL.Scheme == "http" {
		return 80
	}
	return 443
}

// end ends a span. A failure is an error.type, "" for none. The status has no
// description, as error messages may hold secrets.
func end(span trace.Span, failure string) {
	if failure != "" {
		span.SetAttributes(semconv.ErrorTypeKey.String(failure))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

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
