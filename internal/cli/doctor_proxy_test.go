package cli_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// forward is a proxy that takes whatever it is asked for to one address: as
// requests, or with CONNECT as a connection.
func forward(instance http.Handler, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			instance.ServeHTTP(w, r)
			return
		}
		up, err := net.Dial("tcp", address)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		down, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			up.Close()
			return
		}
		_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(up, down)
			up.Close()
		}()
		_, _ = io.Copy(down, up)
		down.Close()
	})
}

func TestDoctorThroughAProxy(t *testing.T) {
	t.Parallel()
	const name = "retool.example.test"
	behind := func(proxy string) string {
		return strings.Replace(proxy, "http://", "http://user:hunter2@", 1)
	}
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		proxy := serveHTTP(t, forward(newEmulated(t), ""))
		e := diagnose(t, to("http://"+name, "HTTP_PROXY="+behind(proxy))...)
		e.is(t, "proxy", "ok", proxy+", from HTTP_PROXY")
		e.is(t, "dns", "skip", "the proxy looks up "+name)
		e.is(t, "connect", "ok", strings.TrimPrefix(proxy, "http://"))
		e.is(t, "tls", "warn", "unencrypted", "https")
		e.is(t, "health", "ok", "4.0.0")
		e.is(t, "scopes", "ok", "20 found")
	})
	t.Run("https", func(t *testing.T) {
		t.Parallel()
		root := certify(t, nil, -year, year)
		address := serveTLS(t, newEmulated(t), certify(t, root, -day, year, name))
		proxy := serveHTTP(t, forward(nil, strings.TrimPrefix(address, "https://")))
		e := diagnose(t, to("https://"+name, "https_proxy="+behind(proxy), "SSL_CERT_FILE="+root.file(t))...)
		require.Zero(t, e.code, e.out)
		e.is(t, "proxy", "ok", proxy+", from https_proxy")
		e.is(t, "tls", "ok", "for "+name)
		e.is(t, "token", "ok")
	})
	t.Run("it does not connect", func(t *testing.T) {
		t.Parallel()
		proxy := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
		e := diagnose(t, to("https://"+name, "HTTPS_PROXY="+behind(proxy))...)
		e.is(t, "tls", "fail", proxy, "Proxy Authentication Required", "HTTPS_PROXY")
		diagnose(t, to("http://"+name, "HTTP_PROXY="+behind(proxy))...).is(t, "health", "fail", "user and password", "HTTP_PROXY")
	})
	t.Run("it is not there", func(t *testing.T) {
		t.Parallel()
		e := diagnose(t, to("https://"+name, "HTTPS_PROXY=http://user:hunter2@127.0.0.1:1")...)
		e.is(t, "connect", "fail", "127.0.0.1:1", "HTTPS_PROXY")
	})
	for what, c := range map[string]struct {
		variables    []string
		status, says string
	}{
		"taken out":       {to("https://nothing.invalid", "HTTPS_PROXY=http://127.0.0.1:1", "NO_PROXY=.invalid"), "ok", "NO_PROXY excludes nothing.invalid from HTTPS_PROXY"},
		"this machine":    {to("http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1"), "ok", "is this machine"},
		"no address":      {to("https://nothing.invalid", "HTTPS_PROXY=http://user:hunter2@bad host"), "fail", "HTTPS_PROXY is not the address of a proxy"},
		"nothing of that": {to("https://nothing.invalid", "HTTPS_PROXY=bad host"), "fail", "HTTPS_PROXY is not the address of a proxy"},
		"another kind":    {to("https://nothing.invalid", "ALL_PROXY=socks5://127.0.0.1:1"), "warn", "HTTPS_PROXY"},
		"for the others":  {to("https://nothing.invalid", "HTTP_PROXY=http://127.0.0.1:1"), "ok", "none"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			diagnose(t, c.variables...).is(t, "proxy", c.status, c.says)
		})
	}
}

// A socket takes the place of the network.
func TestDoctorThroughASocket(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "doctor")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	socket := filepath.Join(folder, "s")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	require.NoError(t, err)
	server := &http.Server{Handler: newEmulated(t)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	e := diagnose(t, to("http://retool", "RETOOL_UNIX_SOCKET_PATH="+socket, "HTTP_PROXY=http://127.0.0.1:1")...)
	require.Zero(t, e.code)
	e.is(t, "proxy", "ok", socket)
	e.is(t, "dns", "skip")
	e.is(t, "connect", "ok", socket)
	e.is(t, "tls", "skip")
	e.is(t, "token", "ok")
}
