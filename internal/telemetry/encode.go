package telemetry

import (
	"encoding/binary"
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// message is a protobuf message under construction. The generated types of OTLP
// would do the same and bring protobuf's runtime, which adds 1 MB to the program and
// 0.2 ms to every start. A test compares with them. As there, fields with their
// zero value are left out.
type message []byte

// The kinds of encoded values, which are the last three bits of a field's tag.
const (
	varint  = 0
	fixed64 = 1
	sized   = 2 // a message or text, after its length
	fixed32 = 5
)

// encodeSpans encodes spans as an ExportTraceServiceRequest. They come from one
// tracer of one provider, so they share its resource and its scope.
func encodeSpans(spans []sdktrace.ReadOnlySpan) []byte {
	if len(spans) == 0 {
		return nil
	}
	res, scope := spans[0].Resource(), spans[0].InstrumentationScope()
	var about, instrumentation, scoped, all, request message
	about.attributes(1, res.Attributes())
	instrumentation.text(1, scope.Name)
	instrumentation.text(2, scope.Version)
	instrumentation.attributes(3, scope.Attributes.ToSlice())
	scoped.message(1, instrumentation)
	for _, s := range spans {
		scoped.message(2, encodeSpan(s))
	}
	scoped.text(3, scope.SchemaURL)
	all.message(1, about)
	all.message(2, scoped)
	all.text(3, res.SchemaURL())
	request.message(1, all)
	return request
}

func encodeSpan(s sdktrace.ReadOnlySpan) (m message) {
	in, parent := s.SpanContext(), s.Parent()
	traceID, spanID, parentID := in.TraceID(), in.SpanID(), parent.SpanID()
	m.bytes(1, traceID[:])
	m.bytes(2, spanID[:])
	m.text(3, in.TraceState().String())
	if parentID.IsValid() {
		m.bytes(4, parentID[:])
	}
	m.text(5, s.Name())
	m.number(6, int64(s.SpanKind())) // OTLP has the SDK's numbers
	m.fixed64(7, uint64(max(0, s.StartTime().UnixNano())))
	m.fixed64(8, uint64(max(0, s.EndTime().UnixNano())))
	m.attributes(9, s.Attributes())
	m.number(10, int64(s.DroppedAttributes()))
	for _, e := range s.Events() {
		var event message
		event.fixed64(1, uint64(max(0, e.Time.UnixNano())))
		event.text(2, e.Name)
		event.attributes(3, e.Attributes)
		event.number(4, int64(e.DroppedAttributeCount))
		m.message(11, event)
	}
	m.number(12, int64(s.DroppedEvents()))
	for _, l := range s.Links() {
		traceID, spanID := l.SpanContext.TraceID(), l.SpanContext.SpanID()
		var link message
		link.bytes(1, traceID[:])
		link.bytes(2, spanID[:])
		link.attributes(4, l.Attributes)
		link.number(5, int64(l.DroppedAttributeCount))
		link.fixed32(6, flags(l.SpanContext, l.SpanContext))
		m.message(13, link)
	}
	m.number(14, int64(s.DroppedLinks()))
	var status message
	status.text(2, s.Status().Description)
	switch s.Status().Code { // the numbers are not the SDK's
	case codes.Ok:
		status.number(3, 1)
	case codes.Error:
		status.number(3, 2)
	}
	m.message(15, status)
	m.fixed32(16, flags(in, parent))
	return m
}

// flags are the trace flags of a span or link, and whether the parent is remote.
func flags(of, parent trace.SpanContext) uint32 {
	const known, remote = 0x100, 0x200
	f := uint32(of.TraceFlags()) | known
	if parent.IsRemote() {
		f |= remote
	}
	return f
}

func (m *message) attributes(field uint64, list []attribute.KeyValue) {
	for _, a := range list {
		var pair message
		pair.text(1, string(a.Key))
		pair.message(2, encodeValue(a.Value))
		m.message(field, pair)
	}
}

// encodeValue encodes the types that our spans and the environment's resource have.
// Any other is sent as text.
func encodeValue(v attribute.Value) (m message) {
	switch v.Type() { // a choice is sent with its zero value too
	case attribute.BOOL:
		m.tag(2, varint)
		bit := byte(0)
		if v.AsBool() {
			bit = 1
		}
		m = append(m, bit)
	case attribute.INT64:
		m.tag(3, varint)
		m = binary.AppendUvarint(m, uint64(v.AsInt64())) //nolint:gosec // two's complement is meant
	case attribute.FLOAT64:
		m.tag(4, fixed64)
		m = binary.LittleEndian.AppendUint64(m, math.Float64bits(v.AsFloat64()))
	case attribute.STRINGSLICE:
		var list message
		for _, s := range v.AsStringSlice() {
			list.message(1, encodeValue(attribute.StringValue(s)))
		}
		m.message(5, list)
	default:
		m.message(1, message(v.String())) // empty ones too
	}
	return m
}

func (m *message) tag(field, kind uint64) {
	*m = binary.AppendUvarint(*m, field<<3|kind)
}

func (m *message) message(field uint64, inner message) {
	m.tag(field, sized)
	*m = append(binary.AppendUvarint(*m, uint64(len(inner))), inner...)
}

func (m *message) bytes(field uint64, value []byte) {
	if len(value) > 0 {
		m.message(field, value)
	}
}

func (m *message) text(field uint64, value string) { m.bytes(field, []byte(value)) }

func (m *message) number(field uint64, value int64) {
	if value > 0 {
		m.tag(field, varint)
		*m = binary.AppendUvarint(*m, uint64(value))
	}
}

func (m *message) fixed64(field, value uint64) {
	if value > 0 {
		m.tag(field, fixed64)
		*m = binary.LittleEndian.AppendUint64(*m, value)
	}
}

func (m *message) fixed32(field uint64, value uint32) {
	if value > 0 {
		m.tag(field, fixed32)
		*m = binary.LittleEndian.AppendUint32(*m, value)
	}
}
