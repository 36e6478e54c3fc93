package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/stdr"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/telemetry"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// callOnce makes one traced call.
func callOnce(t testing.TB, tel *telemetry.Telemetry) {
	t.Helper()
	run := tel.Instrument(runs(func(context.Context) (result.Result, error) { return result.Result{}, nil }))
	_, err := run.CallTool(t.Context(), "list_users", nil)
	require.NoError(t, err)
}

func TestShutdownSendsRemainingSpans(t *testing.T) {
	collector := traced(t)
	tel := start(t, telemetry.Options{Tools: []string{"list_users"}})
	for range 1500 { // several batches, less than a queue
		callOnce(t, tel)
	}
	flush(t, tel)
	require.Len(t, collector.spans, 1500)
	callOnce(t, tel) // goes nowhere, and counts
	flush(t, tel)
	require.Len(t, collector.spans, 1500)
	require.Equal(t, map[string]float64{"ok,list_users": 1501}, series(t, tel, "retool_mcp_calls_total"))
}

func TestShutdownWithoutTraces(t *testing.T) {
	environment(t)
	tel := start(t, telemetry.Options{})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, tel.Shutdown(done))
}

// A collector that accepts a connection and never responds costs no more than the
// deadline, and the connection is closed.
func TestShutdownDeadline(t *testing.T) {
	connections := make(chan net.Conn, 10)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			connections <- conn
		}
	}()
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+silent.Addr().String())
	log := &lines{}
	tel := start(t, telemetry.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	callOnce(t, tel)
	const deadline = 300 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	began := time.Now()
	err = tel.Shutdown(ctx)
	took := time.Since(began)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "send the last traces")
	require.GreaterOrEqual(t, took, deadline)
	require.Less(t, took, 5*time.Second)
	conn := <-connections
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, err = io.Copy(io.Discard, conn)
	require.NoError(t, err, "the other side has hung up")
	require.Contains(t, log.String(), "traces were lost")
}

func TestLossesAreLoggedOnceAMinute(t *testing.T) {
	const secret = "s3cret"
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, x := range []struct {
		name    string
		handler http.HandlerFunc // nil for a closed port
		want    string
	}{
		{"dead", nil, "connection refused"},
		{"unauthorized", status(http.StatusUnauthorized, "the key "+secret+" is wrong"), "the collector responds with status 401"},
		{"partial success", status(http.StatusOK, "\x0a\x0a\x08\x05\x12\x06"+secret), "the collector refuses them"},
		{"partial success after another field", status(http.StatusOK, "\x10\x96\x01\x0a\x01x"), "the collector refuses them"},
		{"invalid response", status(http.StatusOK, secret), "the collector refuses them"},
		{"cut field", status(http.StatusOK, "\x12\x05ok"), "the collector refuses them"},
		{"endless length", status(http.StatusOK, "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "the collector refuses them"},
		{"cut number", status(http.StatusOK, "\x19\x01"), "the collector refuses them"},
		{"group", status(http.StatusOK, "\x13\x14"), "the collector refuses them"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "the collector responds with status 307"},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, secret+"\r\n\r\n")
				conn.Close()
			}
		}, "the collector refuses them"},
		{"silent", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the cancellation
			<-r.Context().Done()
		}, "the collector does not respond in time"},
		{"overloaded", status(http.StatusServiceUnavailable, secret), "the collector is busy"},
	} {
		t.Run(x.name, func(t *testing.T) {
			at := httptest.NewServer(x.handler)
			defer at.Close()
			if x.handler == nil {
				at.Close()
			}
			// One span per batch, so that each fails on its own.
			environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+at.URL+"/"+secret, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1", "OTEL_BSP_EXPORT_TIMEOUT=500")
			log := &lines{}
			tel := start(t, telemetry.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
			callOnce(t, tel)
			callOnce(t, tel)
			flush(t, tel)
			require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
			require.Contains(t, log.String(), `level=WARN msg="traces were lost"`)
			require.Contains(t, log.String(), x.want)
			require.NotContains(t, log.String(), secret)
		})
	}
}

// asProgram makes the test binary make one traced call: only another process sees
// what libraries write to standard error.
const asProgram = "TELEMETRY_TEST_AS_PROGRAM"

func TestLibrariesWriteNothingToStandardError(t *testing.T) {
	if os.Getenv(asProgram) != "" {
		stdr.SetVerbosity(8) // as much as the SDK has to say
		tel, err := telemetry.New(t.Context(), telemetry.Options{})
		if strings.Contains(os.Getenv("OTEL_EXPORTER_OTLP_HEADERS"), ":") {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		tel.Extract(t.Context(), map[string]any{"baggage": ";;="}, nil)
		callOnce(t, tel)
		flush(t, tel)
		return
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	for _, set := range []string{"OTEL_EXPORTER_OTLP_HEADERS=a=b", "OTEL_EXPORTER_OTLP_HEADERS=Authorization: Bearer s3cret", "OTEL_ATTRIBUTE_COUNT_LIMIT=1"} {
		environment(t)
		program := testprocess.Command(t, append(os.Environ(), asProgram+"=1", "OTEL_EXPORTER_OTLP_ENDPOINT="+refusing.URL, set), "-test.run=^"+t.Name()+"$", "-test.v")
		var stdout, stderr bytes.Buffer
		program.Stdout, program.Stderr = &stdout, &stderr
		require.NoError(t, program.Run(), stdout.String()+stderr.String())
		require.Contains(t, stdout.String(), "--- PASS: "+t.Name())
		require.Empty(t, stderr.String(), set)
	}
}

// lines is a log that is safe for concurrent use.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
