package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// instance is a Retool that serves its document below its own API, as Retool
// does, below a sub-path.
func instance(t testing.TB, edit func(document string) string) *upstream {
	t.Helper()
	text, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	return newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/old":
			http.Redirect(w, r, "/below/api/v2/spec", http.StatusFound)
		case "/below/api/v2/spec":
			answering(http.StatusOK, "application/yaml", edit(string(text)))(w, r)
		case "/below/api/v2/settings":
			answering(http.StatusOK, jsonType, `{"success":true,"data":1}`)(w, r)
		default:
			answering(http.StatusNotFound, "text/html", "<html><title>Nothing</title></html>")(w, r)
		}
	})
}

func unchanged(document string) string { return document }

// Given nothing but the address of its document and a token, the program calls
// the instance that the document came from. Whoever serves the document does not
// get the token with the request for it.
func TestDocumentFromInstance(t *testing.T) {
	u := instance(t, unchanged)
	for _, at := range []string{"/below/api/v2/spec", "/old"} {
		t.Run(at, func(t *testing.T) {
			env := environment(t, "RETOOL_MCP_SPEC="+u.URL+at, "RETOOL_ACCESS_TOKEN="+testToken)
			o := run(t, env, "", "call", "get_settings")
			require.Zero(t, o.code, o.stderr)
			require.Equal(t, "{\"data\":1}\n", o.stdout)
			requests := u.take()
			last := len(requests) - 1
			require.Equal(t, "/below/api/v2/settings", requests[last].uri)
			for _, r := range requests[:last] {
				require.NotContains(t, r.header, "Authorization")
			}
		})
	}
	t.Run("that is not there", func(t *testing.T) {
		requireUsage(t, run(t, environment(t, "RETOOL_MCP_SPEC="+u.URL+"/spec"), "", "tools"), u.URL+"/spec", "404")
	})
	t.Run("that is a page", func(t *testing.T) {
		page := newUpstream(t, answering(http.StatusOK, "text/html", "<!doctype html><title>Log in</title>"))
		requireUsage(t, run(t, environment(t, "RETOOL_MCP_SPEC="+page.URL), "", "tools"), page.URL, "web page")
	})
}

// A document cannot send the token to a stranger, nor overrule the operator.
func TestDocumentNamesAnotherServer(t *testing.T) {
	u := instance(t, func(document string) string {
		return strings.Replace(document, "url: ./", "url: https://stranger.example/api/v2", 1)
	})
	spec := u.URL + "/below/api/v2/spec"
	o := run(t, environment(t, "RETOOL_MCP_SPEC="+spec), "", "tools", "get_settings")
	require.Zero(t, o.code, o.stderr)
	require.NotContains(t, o.stdout, "stranger")
	o = run(t, environment(t, "RETOOL_MCP_SPEC="+spec, "RETOOL_URL=https://operator.example"), "", "tools", "get_settings")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "GET https://operator.example/api/v2/settings\n")
}

// An instance may be reached through a socket, whatever its address.
func TestUnixSocket(t *testing.T) {
	folder, err := os.MkdirTemp("", "e2e") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	socket := filepath.Join(folder, "s")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answering(http.StatusOK, jsonType, `{"success":true,"data":"`+r.Host+r.RequestURI+`"}`)(w, r)
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)

	env := environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL=http://retool.internal/x", "RETOOL_ACCESS_TOKEN="+testToken,
		"RETOOL_UNIX_SOCKET_PATH="+socket, "HTTP_PROXY=http://proxy.invalid:1")
	o := run(t, env, "", "call", "get_settings")
	require.Zero(t, o.code, o.stderr)
	require.Equal(t, marked(`{"data":"retool.internal/x/api/v2/settings"}`)+"\n", o.stdout)
}
