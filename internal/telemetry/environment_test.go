package telemetry_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

// What the SDK would ignore, or panic on, is an error that names the variable
// without its value.
func TestInvalidVariablesAreErrors(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "no-pem")
	require.NoError(t, os.WriteFile(noPEM, []byte("s3cret"), 0o600))
	const at = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for _, x := range []struct {
		name string // of the variable that the error must name
		set  []string
	}{
		{"OTEL_SDK_DISABLED", []string{"OTEL_SDK_DISABLED=s3cret"}},
		{"OTEL_TRACES_EXPORTER", []string{"OTEL_TRACES_EXPORTER=s3cret"}},
		{"OTEL_TRACES_EXPORTER", []string{"OTEL_TRACES_EXPORTER=otlp,s3cret", at}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", []string{"OTEL_TRACES_EXPORTER=otlp"}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=s3cret:4318"}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=unix:///s3cret"}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://s3cret\x7f:1"}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://user:s3cret@127.0.0.1:4318"}},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1/v1/traces?key=s3cret"}},
		{"OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf", []string{at, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}},
		{"OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf", []string{at, "OTEL_EXPORTER_OTLP_PROTOCOL=http/json"}},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", []string{at, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}},
		{"OTEL_EXPORTER_OTLP_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_HEADERS=Authorization: Bearer s3cret"}},
		{"OTEL_EXPORTER_OTLP_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_HEADERS=api key=s3cret"}},
		{"OTEL_EXPORTER_OTLP_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_HEADERS=key=s3cret,"}},
		{"OTEL_EXPORTER_OTLP_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_HEADERS==s3cret"}},
		{"OTEL_EXPORTER_OTLP_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_HEADERS=key=s3cret%0d%0aHost: x"}},
		{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", []string{at, "OTEL_EXPORTER_OTLP_TRACES_HEADERS=key=s3cret%zz"}},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", []string{at, "OTEL_EXPORTER_OTLP_COMPRESSION=s3cret"}},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", []string{at, "OTEL_EXPORTER_OTLP_TIMEOUT=10s3cret"}},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", []string{at, "OTEL_EXPORTER_OTLP_TIMEOUT=-1"}},
		{"OTEL_EXPORTER_OTLP_INSECURE", []string{at, "OTEL_EXPORTER_OTLP_INSECURE=s3cret"}},
		{"OTEL_EXPORTER_OTLP_INSECURE", []string{at, "OTEL_EXPORTER_OTLP_INSECURE=false"}},
		{"OTEL_EXPORTER_OTLP_INSECURE", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1", "OTEL_EXPORTER_OTLP_INSECURE=true"}},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", []string{at, "OTEL_EXPORTER_OTLP_CERTIFICATE=" + filepath.Join(t.TempDir(), "none")}},
		{"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", []string{at, "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE=" + noPEM}},
		{"OTEL_EXPORTER_OTLP_CLIENT_KEY", []string{at, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=" + noPEM}},
		{"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", []string{at, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE=" + noPEM, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY=" + noPEM}},
		{"OTEL_RESOURCE_ATTRIBUTES", []string{at, "OTEL_RESOURCE_ATTRIBUTES=s3cret"}},
		{"OTEL_TRACES_SAMPLER", []string{at, "OTEL_TRACES_SAMPLER=s3cret"}},
		{"OTEL_TRACES_SAMPLER_ARG", []string{at, "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=1.5"}},
		{"OTEL_TRACES_SAMPLER_ARG", []string{at, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=NaN"}},
		{"OTEL_BSP_MAX_QUEUE_SIZE", []string{at, "OTEL_BSP_MAX_QUEUE_SIZE=-1"}},
		{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", []string{at, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=9999999999999"}},
		{"OTEL_BSP_SCHEDULE_DELAY", []string{at, "OTEL_BSP_SCHEDULE_DELAY= 5"}},
		{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", []string{at, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=many"}},
		{"OTEL_PROPAGATORS", []string{at, "OTEL_PROPAGATORS=tracecontext,s3cret"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			environment(t, x.set...)
			_, err := telemetry.New(t.Context(), telemetry.Options{})
			require.ErrorContains(t, err, x.name)
			require.NotContains(t, err.Error(), "s3cret")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// Every variable, set to something else than its default.
func TestValidVariables(t *testing.T) {
	collector := newCollector(t, (*httptest.Server).Start)
	environment(t,
		"OTEL_SDK_DISABLED=False", "OTEL_TRACES_EXPORTER=otlp",
		"OTEL_EXPORTER_OTLP_ENDPOINT= "+collector.URL+" ", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="+collector.URL+"/traces",
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_INSECURE=true",
		"OTEL_EXPORTER_OTLP_HEADERS=a=1, b = 2%2C3 ,c=", "OTEL_EXPORTER_OTLP_COMPRESSION=none", "OTEL_EXPORTER_OTLP_TIMEOUT=5000",
		"OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=1", "OTEL_PROPAGATORS=baggage, tracecontext",
		"OTEL_BSP_SCHEDULE_DELAY=10", "OTEL_BSP_MAX_QUEUE_SIZE=10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=5", "OTEL_BSP_EXPORT_TIMEOUT=1000",
		"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=-1", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=128",
		"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test, a=b", "OTEL_SERVICE_NAME=x",
	)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	_, err := program(t, tel, answers(`{"data":[]}`)).CallTool(t.Context(), "list_users", nil)
	require.NoError(t, err)
	flush(t, tel)
	require.Len(t, collector.all(t), 2)
	require.Equal(t, "2,3", collector.requests[0].Header.Get("B"))
}
