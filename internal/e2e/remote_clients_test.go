package e2e_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// Every transport serves the same tools, and they work.
func TestRemoteToolsEqualStdio(t *testing.T) {
	t.Parallel()
	env := environment(t, "RETOOL_MCP_SANDBOX=true")
	r := serveRemote(t, env)
	for name, c := range map[string]struct {
		protocol string
		over     func(testing.TB, string, map[string]string) transport.Interface
	}{
		"streamable HTTP with the handshake": {legacy, overHTTP},
		"streamable HTTP without":            {modern, overHTTP},
		"server-sent events":                 {legacy, overSSE},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdio := connect(t, c.protocol, env)
			remote := requireClient(t, c.protocol, c.over(t, r.url, nil))
			require.Equal(t, stdio.tools(), remote.tools())
			require.Equal(t, stdio.succeed("list_users", []byte(`{"limit":3}`)), remote.succeed("list_users", []byte(`{"limit":3}`)))
			require.True(t, remote.call("get_user", []byte(`{"userId":"nobody"}`)).isError)
			_, err := remote.try(t.Context(), "no_such_tool", nil)
			require.ErrorContains(t, err, "no_such_tool")
		})
	}
}

// tools returns the tools that the client has listed.
func (s *session) tools() []mcp.Tool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	list, err := s.client.ListTools(ctx, mcp.ListToolsRequest{})
	require.NoError(s.t, err)
	require.NotEmpty(s.t, list.Tools)
	return list.Tools
}

// A client with a session has one over streamable HTTP too, until it ends it.
func TestRemoteSessions(t *testing.T) {
	t.Parallel()
	r := serveRemote(t, environment(t, "RETOOL_MCP_SANDBOX=true"), "--stateful")
	s := requireClient(t, legacy, overHTTP(t, r.url, nil))
	id := s.client.GetSessionId()
	require.NotEmpty(t, id)
	s.succeed("list_users", nil)
	require.NoError(t, s.client.Close())
	require.Equal(t, http.StatusNotFound, r.post(listLine, "Mcp-Session-Id: "+id).status)
}

// newProxy returns a proxy that passes on what rewrite makes of each request. It
// avoids two ways in which Go's proxy loses a request now and then: passing on a
// body while it comes in (Go 1.26.8), and a connection from the default transport,
// whose idle ones every closing test server closes.
func newProxy(rewrite func(*httputil.ProxyRequest)) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		FlushInterval: -1,
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		Rewrite: func(p *httputil.ProxyRequest) {
			rewrite(p)
			if body, err := io.ReadAll(p.In.Body); err == nil {
				p.Out.Body = io.NopCloser(bytes.NewReader(body))
			}
		},
	}
}

// Two replicas behind a proxy that alternates between them serve a client.
func TestReplicas(t *testing.T) {
	t.Parallel()
	const calls = 50
	h := openSandboxHost(t)
	env := h.environmentFor("", sandboxToken)
	var targets []*url.URL
	for range 2 {
		target, err := url.Parse(serveRemote(t, env).url)
		require.NoError(t, err)
		targets = append(targets, target)
	}
	var next atomic.Int64
	var got [2]atomic.Int64
	proxy := httptest.NewServer(newProxy(func(p *httputil.ProxyRequest) {
		i := next.Add(1) % 2
		got[i].Add(1)
		p.SetURL(targets[i])
		p.Out.Host = p.In.Host
	}))
	t.Cleanup(proxy.Close)
	for _, protocol := range []string{legacy, modern} {
		before := [2]int64{got[0].Load(), got[1].Load()}
		s := requireClient(t, protocol, overHTTP(t, proxy.URL, nil))
		list, first := s.tools(), s.succeed("list_users", []byte(`{"limit":3}`))
		require.NotEmpty(t, first)
		for range calls {
			require.Equal(t, first, s.succeed("list_users", []byte(`{"limit":3}`)))
		}
		require.Equal(t, list, s.tools(), "one list on both")
		for i := range got {
			require.GreaterOrEqual(t, got[i].Load()-before[i], int64(calls/2), "each served half of the requests")
		}
	}
}

// People paste addresses with a slash at the end, also behind a proxy that serves
// them below a path.
func TestRemoteAddressesEndInASlash(t *testing.T) {
	t.Parallel()
	plain := httptest.NewUnstartedServer(nil)
	prefixed := httptest.NewUnstartedServer(nil)
	for below, proxy := range map[string]*httptest.Server{"": plain, "/tools/retool": prefixed} {
		address := "http://" + proxy.Listener.Addr().String() + below
		env := environment(t, "RETOOL_MCP_SANDBOX=true", "RETOOL_MCP_PUBLIC_URL="+address+"/", "RETOOL_MCP_STATEFUL=true")
		target, err := url.Parse(serveRemote(t, env).url)
		require.NoError(t, err)
		proxy.Config.Handler = http.StripPrefix(below, newProxy(func(p *httputil.ProxyRequest) { p.SetURL(target) }))
		proxy.Start()
		t.Cleanup(proxy.Close)
		for _, path := range []string{"/mcp", "/mcp/", "/sse", "/sse/"} {
			t.Run(below+path, func(t *testing.T) {
				way, err := transport.NewStreamableHTTP(address + path)
				over := transport.Interface(way)
				if strings.HasPrefix(path, "/sse") {
					over, err = transport.NewSSE(address + path)
				}
				require.NoError(t, err)
				s := requireClient(t, legacy, over)
				require.NotEmpty(t, s.succeed("list_users", []byte(`{"limit":1}`)))
			})
		}
	}
}
