package retool_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// hopping redirects /api/v2/N to N-1 and responds at 0.
func hopping(t *testing.T, status int) *httptest.Server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Path[len(r.URL.Path)-1]
		if n == '0' {
			_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Authorization"))
			return
		}
		w.Header().Set("Location", string(n-1)+"?page=%2B")
		w.WriteHeader(status)
	})
}

func TestReadFollowsRedirectsWithinTheHost(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			server := hopping(t, status)
			seen := make(chan string, 8)
			inner := server.Config.Handler
			server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen <- r.RequestURI + " " + r.Header.Get("Authorization")
				inner.ServeHTTP(w, r)
			})
			_, err := newClient(t, server.URL).Do(t.Context(), get("/3"))
			require.NoError(t, err)
			close(seen)
			var uris []string
			for line := range seen {
				uri, authorization, _ := strings.Cut(line, " ")
				require.Equal(t, "Bearer "+canary, authorization)
				uris = append(uris, uri)
			}
			require.Equal(t, []string{"/api/v2/3", "/api/v2/2?page=%2B", "/api/v2/1?page=%2B", "/api/v2/0?page=%2B"}, uris)
		})
	}
}

func TestTooManyRedirects(t *testing.T) {
	server := hopping(t, http.StatusFound)
	_, err := newClient(t, server.URL).Do(t.Context(), get("/4"))
	transportError(t, err, retool.Redirect)
	require.ErrorContains(t, err, "more than 3 in a row")
}

func TestWriteFollowsNoRedirect(t *testing.T) {
	for _, request := range []tools.Request{
		post("/1", "{}"),
		{Method: "POST", Path: "/1"},
		{Method: "PUT", Path: "/1"},
		{Method: "PATCH", Path: "/1"},
		{Method: "DELETE", Path: "/1"},
		{Method: "GET", Path: "/1", Body: []byte("{}")}, // its body would be lost
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(request.Method+" "+http.StatusText(status), func(t *testing.T) {
				server := hopping(t, status)
				_, err := newClient(t, server.URL).Do(t.Context(), request)
				transportError(t, err, retool.Redirect)
				require.ErrorContains(t, err, server.URL)
				require.ErrorContains(t, err, "RETOOL_URL")
				require.NotContains(t, err.Error(), "page=")
			})
		}
	}
}

func TestRedirectElsewhereIsRefused(t *testing.T) {
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s reached the other host, with %q", r.RequestURI, r.Header.Get("Authorization"))
	})
	_, otherPort, err := net.SplitHostPort(other.Listener.Addr().String())
	require.NoError(t, err)
	tests := map[string]struct{ location, names string }{
		"other port":           {other.URL + "/api/v2/users?secret=1", other.URL},
		"other name":           {"http://localhost:" + otherPort + "/", "http://localhost:" + otherPort},
		"no scheme":            {"//localhost:" + otherPort + "/", "http://localhost:" + otherPort},
		"https on a free port": {strings.Replace(other.URL, "http:", "https:", 1), "https://127.0.0.1:" + otherPort},
		"with a password":      {"http://joe:hunter2@localhost:" + otherPort, "http://localhost:" + otherPort},
		"other scheme":         {"ftp://localhost/", "ftp://localhost"},
		"malformed":            {"http://%zz?secret", "an unreadable address"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", test.location)
				w.WriteHeader(http.StatusFound)
			})
			_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
			transportError(t, err, retool.Redirect)
			require.ErrorContains(t, err, test.names)
			require.ErrorContains(t, err, "RETOOL_URL")
			for _, secret := range []string{"secret", "hunter2", canary} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

// bothListener serves TLS and plain HTTP on one socket, distinguished by the first
// byte, so that redirects between the default ports can be tested without the
// permission to listen there.
type bothListener struct {
	net.Listener
	config *tls.Config
}

type peekedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c peekedConn) Read(p []byte) (int, error) { return c.reader.Read(p) }

func (l bothListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	peeked := peekedConn{conn, bufio.NewReader(conn)}
	const handshake = 0x16
	if first, err := peeked.reader.Peek(1); err == nil && first[0] == handshake {
		return tls.Server(peeked, l.config), nil
	}
	return peeked, nil
}

func TestRedirectBetweenHTTPAndHTTPS(t *testing.T) {
	certified := httptest.NewTLSServer(nil) // for its certificate, made out to example.com
	t.Cleanup(certified.Close)
	listen := func(t *testing.T, handler http.HandlerFunc) string {
		dir := t.TempDir()
		t.Chdir(dir) // keeps the path short enough for a socket
		listener, err := net.Listen("unix", "s")
		require.NoError(t, err)
		serveOn(t, bothListener{listener, &tls.Config{Certificates: certified.TLS.Certificates}}, handler)
		return "s"
	}
	call := func(t *testing.T, address, socket string) (*retool.Response, error) {
		client := newClient(t, address, trusting(certified), func(o *retool.Options) { o.UnixSocket = socket })
		return client.Do(t.Context(), get("/users"))
	}

	t.Run("up, on default ports", func(t *testing.T) {
		socket := listen(t, func(w http.ResponseWriter, r *http.Request) {
			if r.TLS == nil {
				http.Redirect(w, r, "https://example.com:443"+r.RequestURI, http.StatusMovedPermanently)
				return
			}
			_, _ = io.WriteString(w, r.Host+r.RequestURI)
			if r.Header.Get("Authorization") != "Bearer "+canary {
				t.Error("the token is missing after the upgrade")
			}
		})
		answer, err := call(t, "http://example.com", socket)
		require.NoError(t, err)
		require.Equal(t, "example.com:443/api/v2/users", string(answer.Body))
	})
	refused := map[string]struct{ from, to string }{
		"up, on another port":    {"http://example.com:8080", "https://example.com:8080"},
		"up, to another port":    {"http://example.com", "https://example.com:8443"},
		"up, from another port":  {"http://example.com:8080", "https://example.com"},
		"up, to another host":    {"http://example.com", "https://www.example.com"},
		"down, on default ports": {"https://example.com", "http://example.com"},
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			hops := make(chan string, 4)
			socket := listen(t, func(w http.ResponseWriter, r *http.Request) {
				hops <- r.Host
				http.Redirect(w, r, test.to+r.RequestURI, http.StatusMovedPermanently)
			})
			_, err := call(t, test.from, socket)
			transportError(t, err, retool.Redirect)
			require.ErrorContains(t, err, test.to)
			require.Len(t, hops, 1)
		})
	}
}
