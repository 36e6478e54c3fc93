package telemetry

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// uploaded keeps what the official exporter would send.
type uploaded struct{ spans []*tracepb.ResourceSpans }

func (*uploaded) Start(context.Context) error { return nil }
func (*uploaded) Stop(context.Context) error  { return nil }
func (u *uploaded) UploadTraces(_ context.Context, spans []*tracepb.ResourceSpans) error {
	u.spans = spans
	return nil
}

// The official exporter is the reference: both messages say the same.
func TestSpansAreEncodedAsTheOfficialExporterDoes(t *testing.T) {
	state, err := trace.ParseTraceState("a=1,b=2")
	require.NoError(t, err)
	in := func(id byte, remote bool) trace.SpanContext {
		return trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{15: id}, SpanID: trace.SpanID{7: id}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: remote,
		})
	}
	attributes := []attribute.KeyValue{
		attribute.String("text", "Grüße"), attribute.String("", ""), attribute.Int("count", 7), attribute.Int("below", -1), attribute.Int("zero", 0),
		attribute.Int64("largest", math.MaxInt64), attribute.Bool("yes", true), attribute.Bool("no", false), attribute.Float64("ratio", 0.25),
		attribute.Float64("none", 0), attribute.StringSlice("list", []string{"a", "", "b"}), attribute.StringSlice("empty", []string{}),
	}
	at := time.Unix(1_700_000_000, 123)
	stubs := tracetest.SpanStubs{
		{Name: "root", SpanContext: in(1, false), SpanKind: trace.SpanKindServer, StartTime: at, EndTime: at.Add(time.Second)},
		{
			Name: "child", SpanContext: in(2, false), Parent: in(1, true), SpanKind: trace.SpanKindClient, StartTime: at, EndTime: at,
			Attributes: attributes, DroppedAttributes: 3, DroppedEvents: 4, DroppedLinks: 5,
			Events: []sdktrace.Event{{Name: "event", Time: at, Attributes: attributes, DroppedAttributeCount: 1}, {Time: at}},
			Links:  []sdktrace.Link{{SpanContext: in(3, true), Attributes: attributes, DroppedAttributeCount: 2}, {SpanContext: in(4, false)}},
			Status: sdktrace.Status{Code: codes.Error, Description: "failed"},
		},
		{Name: "", SpanContext: in(5, false), SpanKind: trace.SpanKindInternal, Status: sdktrace.Status{Code: codes.Ok}},
	}
	for i := range stubs {
		stubs[i].Resource = resource.NewWithAttributes("https://example.com/resource", attribute.String("service.name", "x"))
		stubs[i].InstrumentationScope = instrumentation.Scope{Name: "scope", Version: "1", SchemaURL: "https://example.com/scope"}
	}
	for name, spans := range map[string][]sdktrace.ReadOnlySpan{"several": stubs.Snapshots(), "one": stubs[:1].Snapshots(), "none": nil} {
		t.Run(name, func(t *testing.T) {
			official := &uploaded{}
			exporter, err := otlptrace.New(t.Context(), official)
			require.NoError(t, err)
			require.NoError(t, exporter.ExportSpans(t.Context(), spans))
			var ours tracepb.TracesData
			require.NoError(t, proto.Unmarshal(encodeSpans(spans), &ours))
			want := &tracepb.TracesData{ResourceSpans: official.spans}
			require.True(t, proto.Equal(want, &ours), "want %v\ngot  %v", want, &ours)
			require.Empty(t, ours.ProtoReflect().GetUnknown())
		})
	}
}
