package telemetry_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/telemetry"
)

// A busy collector gets the same spans again after the time that it asks for.
func TestRetryAfter(t *testing.T) {
	busy := newCollector(t, (*httptest.Server).Start)
	taking := busy.Config.Handler
	var tries []time.Time
	busy.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries = append(tries, time.Now()); len(tries) == 1 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		taking.ServeHTTP(w, r)
	})
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+busy.URL, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
	log := &lines{}
	tel := start(t, telemetry.Options{Version: "1.2.3", Log: slog.New(slog.NewTextHandler(log, nil))})
	callOnce(t, tel)
	flush(t, tel)
	require.Len(t, tries, 2)
	require.GreaterOrEqual(t, tries[1].Sub(tries[0]), 2*time.Second, "twice what we would wait by ourselves")
	require.Len(t, busy.spans, 1)
	require.Empty(t, log.String())
	require.Equal(t, "retool-mcp/1.2.3", busy.requests[0].UserAgent())
}

// Every response with a status of success accepts the spans.
func TestAcceptingResponses(t *testing.T) {
	for name, x := range map[string]struct{ contentType, body string }{
		"nothing":                   {"application/x-protobuf", ""},
		"an empty partial success":  {"application/x-protobuf", "\x0a\x00"},
		"a field of a later time":   {"application/x-protobuf", "\x12\x02ok"},
		"later fields of all kinds": {"application/x-protobuf", "\x10\x96\x01\x19\x01\x02\x03\x04\x05\x06\x07\x08\x25\x01\x02\x03\x04\x0a\x00"},
		"JSON":                      {"application/json", `{"partialSuccess":{}}`},
		"text":                      {"text/plain", "ok"},
		"more than anybody expects": {"text/html", string(make([]byte, 1<<20))},
	} {
		t.Run(name, func(t *testing.T) {
			taking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", x.contentType)
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, x.body)
			}))
			defer taking.Close()
			environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+taking.URL)
			log := &lines{}
			tel := start(t, telemetry.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
			callOnce(t, tel)
			flush(t, tel)
			require.Empty(t, log.String())
		})
	}
}

// The headers hold the collector's secret: they must not follow a redirect.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var stranger []*http.Request
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stranger = append(stranger, r) }))
	defer elsewhere.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		at := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+at.URL, "OTEL_EXPORTER_OTLP_HEADERS=api-key=s3cret")
		tel := start(t, telemetry.Options{})
		callOnce(t, tel)
		flush(t, tel)
		at.Close()
	}
	require.Empty(t, stranger)
}

// The collector must have a certificate of a trusted authority; if it asks, we
// present ours.
func TestCertificates(t *testing.T) {
	secure := newCollector(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
		s.StartTLS()
	})
	own := secure.TLS.Certificates[0]
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return file
	}
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	require.NoError(t, err)
	certificate, private := write("cert.pem", "CERTIFICATE", own.Certificate[0]), write("key.pem", "PRIVATE KEY", key)
	const prefix = "OTEL_EXPORTER_OTLP_"
	shown := []string{prefix + "CLIENT_CERTIFICATE=" + certificate, prefix + "CLIENT_KEY=" + private}
	for _, x := range []struct {
		name  string
		set   []string
		spans int
		log   string
	}{
		{"unknown authority", shown, 0, "failed to verify certificate"},
		{"nothing shown", []string{prefix + "CERTIFICATE=" + certificate}, 0, "certificate required"},
		{"trusted and known", append(shown, prefix+"CERTIFICATE="+certificate, prefix+"INSECURE=false"), 1, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			environment(t, append(x.set, prefix+"ENDPOINT="+secure.URL)...)
			log := &lines{}
			tel := start(t, telemetry.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
			callOnce(t, tel)
			flush(t, tel)
			require.Len(t, secure.spans, x.spans)
			require.Contains(t, log.String(), x.log)
			if x.log == "" {
				require.Empty(t, log.String())
			}
		})
	}
}
