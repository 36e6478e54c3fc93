package remote_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// everything is served, each by a handler that says its name.
func everything(o *remote.Options) {
	o.Surface, o.Auth, o.Limits = around("surface"), around("auth"), around("calls")
	o.Streamable, o.Stream, o.Messages, o.Metadata = saying("streamable"), saying("stream"), saying("messages"), saying("metadata")
}

func TestRoutes(t *testing.T) {
	all := start(t, everything)
	const guarded, behindAuth, inside = "surface", "surface auth", "surface auth calls"
	for _, route := range []struct {
		method, path string
		status       int
		text         string // "" for whatever it is
		through      string
	}{
		{http.MethodPost, "/mcp", 200, "streamable", inside},
		{http.MethodGet, "/mcp", 200, "streamable", inside},
		{http.MethodDelete, "/mcp", 200, "streamable", inside},
		{http.MethodPost, "/mcp/", 200, "streamable", inside},
		{http.MethodGet, "/mcp/", 200, "streamable", inside},
		{http.MethodDelete, "/mcp/", 200, "streamable", inside},
		{http.MethodGet, "/sse", 200, "stream", inside},
		{http.MethodGet, "/sse/", 200, "stream", inside},
		{http.MethodPost, "/sse/", 405, "", guarded},
		{http.MethodGet, "/sse/more", 404, "", guarded},
		{http.MethodPost, "/sse", 405, "", guarded},
		{http.MethodPost, "/messages?sessionId=1", 200, "messages", inside},
		{http.MethodGet, "/messages", 405, "", guarded},
		{http.MethodGet, "/.well-known/oauth-protected-resource", 200, "metadata", guarded},
		{http.MethodGet, "/.well-known/oauth-protected-resource/mcp", 200, "metadata", guarded},
		{http.MethodGet, "/healthz", 200, "ok\n", guarded},
		{http.MethodHead, "/healthz", 200, "", guarded},
		{http.MethodPost, "/healthz", 405, "", guarded},
		{http.MethodGet, "/readyz", 200, "ready\n", guarded},
		{http.MethodGet, "/metrics", 200, "metrics", behindAuth},
		{http.MethodGet, "/", 404, "", guarded},
		{http.MethodGet, "/mcp/more", 404, "", guarded},
		{http.MethodGet, "/debug/pprof/", 404, "", guarded},
	} {
		t.Run(route.method+" "+route.path, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), route.method, "http://"+all.address+route.path, http.NoBody)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, route.status, resp.StatusCode)
			require.Equal(t, route.through, strings.Join(resp.Header.Values("Through"), " "))
			if route.text != "" {
				text := make([]byte, 100)
				n, _ := resp.Body.Read(text)
				require.Equal(t, route.text, string(text[:n]))
			}
		})
	}
}

func TestOptionalRoutes(t *testing.T) {
	bare := start(t, func(o *remote.Options) { o.Metrics = nil })
	for _, path := range []string{"/mcp", "/sse", "/messages", "/.well-known/oauth-protected-resource", "/metrics"} {
		status, _ := bare.get(path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
	status, _ := bare.get("/healthz")
	require.Equal(t, http.StatusOK, status)
}

func TestSeparateMetricsListener(t *testing.T) {
	alone := freeAddress(t)
	both := start(t, func(o *remote.Options) {
		everything(o)
		o.MetricsListen = alone
	})
	status, _ := both.get("/metrics")
	require.Equal(t, http.StatusNotFound, status, "not where callers reach it")
	client := &http.Client{}
	status, text := get(t, client, "http://"+alone+"/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "metrics", text)
	status, _ = get(t, client, "http://"+alone+"/healthz")
	require.Equal(t, http.StatusOK, status)
	for _, path := range []string{"/mcp", "/sse", "/readyz", "/.well-known/oauth-protected-resource"} {
		status, _ = get(t, client, "http://"+alone+path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
	resp, err := client.Get("http://" + alone + "/metrics")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, []string{"surface"}, resp.Header.Values("Through"), "without authentication")

	both.stop()
	require.NoError(t, both.end())
	_, err = net.Dial("tcp", alone)
	require.Error(t, err, "that listener ends, too")
}

// freeAddress is an address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
