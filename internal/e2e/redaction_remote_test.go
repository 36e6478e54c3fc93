package e2e_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A server over HTTP has more outputs: streams with progress, metrics, and
// traces. None contains a secret.
func TestSecretsAreRedactedOverHTTP(t *testing.T) {
	t.Parallel()
	operations := describedOperations(t)
	var traces lockedBuffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unzipped
		}
		_, _ = io.Copy(&traces, body) // a missing part fails the test below
	}))
	t.Cleanup(collector.Close)
	var answer atomic.Pointer[http.HandlerFunc]
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) { (*answer.Load())(w, r) })
	env := serving(t, "embedded", u, untruncated, "RETOOL_MCP_LOG_LEVEL=debug", "RETOOL_MCP_LOG_FORMAT=json", "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	r := serveRemote(t, env, "--secret-dir", t.TempDir())

	n := &canarySet{}
	said := ""
	for _, d := range operations {
		a := &answerMaker{canarySet: *n}
		body := a.answer(d, true)
		arguments := d.secretArguments(t, &a.canarySet)
		*n = a.canarySet
		for _, h := range []http.HandlerFunc{
			answeringJSON(t, body),
			failing(http.StatusConflict, "the password="+n.text("a message")+" clashes"),
			sending("HTTP/1.1 200 OK\r\nContent-Length: password=" + n.text("no HTTP") + "\r\n\r\n"),
		} {
			answer.Store(&h)
			got := r.post(progressLine("a", d.tool, jsonOf(t, arguments)), "X-Request-Id: given-by-the-client")
			require.Equal(t, http.StatusOK, got.status, got.body)
			said += got.body
		}
	}
	require.GreaterOrEqual(t, strings.Count(said, "[redacted"), operationsEmbedded*20, "responses arrived")
	n.none(t, "the answers", said)
	metrics := r.get("/metrics")
	require.Contains(t, metrics.body, `tool="create_access_token"`)
	n.none(t, "the metrics", metrics.body)
	r.signal(syscall.SIGTERM) // sends the remaining traces
	r.requireEnd()
	for _, d := range operations {
		require.Contains(t, traces.String(), "tools/call "+d.tool, "traces of all calls")
		require.Contains(t, r.stderr.String(), `"tool":"`+d.tool+`"`, "lines of all calls")
	}
	n.none(t, "the traces", traces.String())
	n.none(t, "the log", r.stderr.String())
}
