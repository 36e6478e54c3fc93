package retool_test

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
	"github.com/retool-mcp/retool-mcp/tools"
)

func TestRequestIsSentAsGiven(t *testing.T) {
	tests := map[string]struct{ path, query string }{
		"plain":                 {path: "/users"},
		"trailing slash":        {path: "/organization/"},
		"encoded slash":         {path: "/resources/a%2Fb"},
		"encoded question mark": {path: "/resources/a%3Fb"},
		"encoded number sign":   {path: "/resources/a%23b"},
		"encoded per cent":      {path: "/resources/a%25b"},
		"encoded blank":         {path: "/resources/a%20b"},
		"plus":                  {path: "/resources/a+b"},
		"encoded plus":          {path: "/resources/a%2Bb"},
		"encoded letter":        {path: "/resources/%61"},
		"encoded umlaut":        {path: "/resources/%C3%A4"},
		"lower-case escape":     {path: "/resources/%c3%a4%2f"},
		"encoded dots":          {path: "/resources/%2E%2E/x"},
		"double slash":          {path: "//users"},
		"colon and at sign":     {path: "/resources/a:b@c;d,e=f&g"},
		"query":                 {path: "/users", query: "limit=100&next_token=abc"},
		"encoded query":         {path: "/users", query: "q=%2B%2F%3D%25%26%23%3F&r=a+b&s=a%20b&t=%c3%a4"},
		"query with raw slash":  {path: "/users", query: "q=a/b?c=d&empty=&flag"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			seen := make(chan string, 1)
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.RequestURI })
			_, err := newClient(t, server.URL+"/sub%2Fpath").Do(t.Context(),
				tools.Request{Method: http.MethodGet, Path: test.path, Query: test.query})
			require.NoError(t, err)
			want := "/sub%2Fpath/api/v2" + test.path
			if test.query != "" {
				want += "?" + test.query
			}
			require.Equal(t, want, <-seen)
		})
	}
}

func TestUnencodedRequestIsNotSent(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s", r.RequestURI) })
	client := newClient(t, server.URL)
	for name, request := range map[string]tools.Request{
		"blank in path":          {Method: "GET", Path: "/a b"},
		"letter beyond ASCII":    {Method: "GET", Path: "/ä"},
		"broken escape":          {Method: "GET", Path: "/%zz"},
		"query in path":          {Method: "GET", Path: "/a#b"},
		"no slash in front":      {Method: "GET", Path: "users"},
		"no path":                {Method: "GET"},
		"blank in query":         {Method: "GET", Path: "/a", Query: "q=a b"},
		"line feed in query":     {Method: "GET", Path: "/a", Query: "q=a\r\nX: y"},
		"fragment in query":      {Method: "GET", Path: "/a", Query: "q=a#b"},
		"method with a blank":    {Method: "GET /", Path: "/a"},
		"method with line feeds": {Method: "GET\r\n", Path: "/a"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.Do(t.Context(), request)
			transportError(t, err, retool.Other)
		})
	}
}

func TestHeaders(t *testing.T) {
	type sent struct {
		header http.Header
		body   string
	}
	seen := make(chan sent, 1)
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen <- sent{r.Header, string(body)}
	})

	t.Run("read", func(t *testing.T) {
		_, err := newClient(t, server.URL).Do(t.Context(), tools.Request{Method: "GET", Path: "/users", ContentType: "application/json"})
		require.NoError(t, err)
		got := <-seen
		require.Equal(t, "Bearer "+canary, got.header.Get("Authorization"))
		require.Equal(t, "application/json", got.header.Get("Accept"))
		require.Equal(t, "gzip", got.header.Get("Accept-Encoding"))
		require.Equal(t, "retool-mcp", got.header.Get("User-Agent"))
		require.NotContains(t, got.header, "Content-Type")
	})
	t.Run("write", func(t *testing.T) {
		client := newClient(t, server.URL, func(o *retool.Options) {
			o.UserAgent, o.Token = "retool-mcp/1.2.3", canary+"\n"
		})
		_, err := client.Do(t.Context(), post("/groups", `{"name":"ops"}`))
		require.NoError(t, err)
		got := <-seen
		require.Equal(t, "Bearer "+canary, got.header.Get("Authorization"))
		require.Equal(t, "retool-mcp/1.2.3", got.header.Get("User-Agent"))
		require.Equal(t, "application/json", got.header.Get("Content-Type"))
		require.Equal(t, `{"name":"ops"}`, got.body)
	})
}

func TestResponses(t *testing.T) {
	tests := map[string]struct {
		method      string
		status      int
		contentType string
		body        string
	}{
		"success":                   {"GET", 200, "application/json; charset=utf-8", `{"success":true,"data":[]}`},
		"created":                   {"PUT", 201, "application/json", `{"success":true}`},
		"deleted, without body":     {"DELETE", 204, "", ""},
		"empty, labeled a page":     {"POST", 200, "text/html", ""},
		"JSON, labeled a page":      {"GET", 200, "text/html; charset=utf-8", ` {"success":true}`},
		"JSON list, labeled a page": {"GET", 200, "text/html", `[]`},
		"not JSON at all":           {"GET", 200, "application/octet-stream", "\x00\x01"},
		"head":                      {"HEAD", 200, "application/json", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if test.contentType != "" {
					w.Header().Set("Content-Type", test.contentType)
				}
				if r.Method == http.MethodHead {
					w.Header().Set("Content-Length", "1000")
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			answer, err := newClient(t, server.URL).Do(t.Context(), tools.Request{Method: test.method, Path: "/users"})
			require.NoError(t, err)
			require.Equal(t, test.status, answer.Status)
			require.Equal(t, test.contentType, answer.ContentType)
			require.Equal(t, test.body, string(answer.Body))
		})
	}
}

// These tests run in simulated time: net/http does not reuse a connection on which
// writing a request seems to take longer than 50 ms.
func TestConnectionsAreReused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		bodies := map[string]string{"/short": `{"success":true}`, "/long": string(make([]byte, 100_000)), "/missing": `{"message":"gone"}`}
		client, connections := countConnections(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v2/missing" {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = io.WriteString(w, bodies[r.URL.Path[len("/api/v2"):]])
		})
		for range 50 {
			for path := range bodies {
				_, err := client.Do(t.Context(), get(path))
				if path == "/missing" {
					require.Equal(t, 404, statusError(t, err).Status)
					continue
				}
				require.NoError(t, err)
			}
		}
		require.EqualValues(t, 1, connections.Load())
	})
}

func TestConnectionsOfParallelCallsAreReused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const parallel = 64
		client, connections := countConnections(t, after(time.Second)) // so that all calls are in progress at once
		for range 3 {
			var calls sync.WaitGroup
			for range parallel {
				calls.Go(func() {
					_, err := client.Do(t.Context(), get("/users"))
					require.NoError(t, err)
				})
			}
			calls.Wait()
		}
		require.EqualValues(t, parallel, connections.Load())
	})
}

// countConnections returns a client of a server with this handler and counts the
// client's connections.
func countConnections(t *testing.T, handler http.HandlerFunc) (*retool.Client, *atomic.Int32) {
	t.Helper()
	server := serveInProcess(t, handler)
	var connections atomic.Int32
	return server.client(t, func(o *retool.Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			connections.Add(1)
			return server.Dial(ctx, network, address)
		}
	}), &connections
}

func TestHTTP2(t *testing.T) {
	seen := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Proto + " " + r.RequestURI
		_, _ = io.WriteString(w, "{}")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)

	client := newClient(t, server.URL, trusting(server))
	answer, err := client.Do(t.Context(), tools.Request{Method: "GET", Path: "/a%2Fb", Query: "q=%2B"})
	require.NoError(t, err)
	require.Equal(t, "{}", string(answer.Body))
	require.Equal(t, "HTTP/2.0 /api/v2/a%2Fb?q=%2B", <-seen)
}

func TestUnixSocket(t *testing.T) {
	host := make(chan string, 1)
	path := serveUnix(t, func(w http.ResponseWriter, r *http.Request) {
		host <- r.Host
		_, _ = io.WriteString(w, "over the socket")
	})
	client := newClient(t, "http://retool.internal:3000", func(o *retool.Options) { o.UnixSocket = path })
	answer, err := client.Do(t.Context(), get("/users"))
	require.NoError(t, err)
	require.Equal(t, "over the socket", string(answer.Body))
	require.Equal(t, "retool.internal:3000", <-host)
}

func TestProxyOfTheEnvironment(t *testing.T) {
	proxied := make(chan string, 1)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		proxied <- r.RequestURI
		_, _ = io.WriteString(w, "by the proxy")
	})
	call := func(extra ...string) string {
		env := append(os.Environ(), callOnly+"=http://retool.invalid", "HTTP_PROXY="+proxy.URL, "NO_PROXY=")
		command := testprocess.Command(t, append(env, extra...))
		out, err := command.Output()
		require.NoError(t, err, string(out))
		return string(out)
	}

	require.Equal(t, "by the proxy", call())
	require.Equal(t, "http://retool.invalid/api/v2/users", <-proxied)

	socket := serveUnix(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RequestURI) })
	require.Equal(t, "/api/v2/users", call(callOnly+"_SOCKET="+socket))
	require.Empty(t, proxied)
}

func serveUnix(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	// Not t.TempDir: with the test's name in it, the path is too long for a socket
	// address.
	dir, err := os.MkdirTemp("", "retool")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	serveOn(t, listener, handler)
	return path
}

func serveOn(t *testing.T, listener net.Listener, handler http.HandlerFunc) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}

func trusting(server *httptest.Server) func(*retool.Options) {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return func(o *retool.Options) { o.RootCAs = roots }
}
