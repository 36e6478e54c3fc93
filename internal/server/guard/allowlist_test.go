package guard_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

func TestMalformedSettings(t *testing.T) {
	for _, name := range []string{
		"", "*", "*.example.com", "https://mcp.example.com", "mcp.example.com/mcp", "mcp.example.com:0",
		"mcp.example.com:65536", "mcp.example.com:080", "mcp.example.com:+80", "mcp.example.com:http", "mcp..example.com", ".example.com",
		"-mcp.example.com", "mcp.example.com-", "mcp example.com", "me@example.com", "bücher.example", "::1", "[::1", "[::1]8000",
		"[127.0.0.1]", "[fe80::1%eth0]", "[mcp.example.com]", strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 127) + "com",
	} {
		_, err := guard.New(guard.Options{Hosts: []string{"good.example.com", name}, SettingNames: settingNames})
		require.ErrorContains(t, err, "allow-host: ", name)
	}
	for _, origin := range []string{
		"", "*", "null", "app.example.com", "https://", "https://*.example.com", "https://app.example.com/", "https://app.example.com/path",
		"https://app.example.com?q", "https://me@app.example.com", "https://app.example.com:99999", "//app.example.com", "1https://app.example.com",
	} {
		_, err := guard.New(guard.Options{Origins: []string{"https://good.example.com", origin}, SettingNames: settingNames})
		require.ErrorContains(t, err, "allow-origin: ", origin)
	}
	for message, options := range map[string]guard.Options{
		"max-body must not be negative":               {MaxBody: -1},
		"max-body must be at most 1073741824":         {MaxBody: 1<<30 + 1},
		"body timeout must not be negative":           {BodyTimeout: -1},
		"write timeout must not be negative":          {WriteTimeout: -1},
		"max-calls must not be negative":              {MaxCalls: -1},
		"max-calls-per-caller must not be negative":   {MaxCallsPerCaller: -1},
		"queue timeout must not be negative":          {QueueTimeout: -1},
		"max-streams must not be negative":            {MaxStreams: -1},
		"max-streams-per-caller must not be negative": {MaxStreamsPerCaller: -1},
		`allow-host: "a b" is not a host: use a form such as "mcp.example.com" or "mcp.example.com:8443"`: {Hosts: []string{"a b"}},
	} {
		options.SettingNames = settingNames
		_, err := guard.New(options)
		require.EqualError(t, err, message)
	}
}

func TestHost(t *testing.T) {
	hosts := []string{"MCP.example.com", "ported.example.com:8443", "dotted.example.com.", "web.example.com:443", "10.0.0.7"}
	for _, row := range []struct {
		host          string
		local, remote bool // whether it is allowed on a connection from this machine, and from elsewhere
	}{
		{"127.0.0.1", true, true},
		{"127.0.0.1:8000", true, true},
		{"192.0.2.7:8000", true, true},
		{"[::1]", true, true},
		{"[::1]:8000", true, true},
		{"[2001:db8::7]:8000", true, true},
		{"localhost", true, false},
		{"localhost:8000", true, false},
		{"LocalHost.:8000", true, false},
		{"app.localhost:8000", true, false},
		{"localhost.example.com", false, false},
		{"notlocalhost", false, false},
		{"mcp.example.com", true, true},
		{"mcp.example.com:1234", true, true},
		{"mCp.Example.com.", true, true},
		{"sub.mcp.example.com", false, false},
		{"xmcp.example.com", false, false},
		{"mcp.example.com.evil.example", false, false},
		{"ported.example.com:8443", true, true},
		{"ported.example.com.:8443", true, true},
		{"ported.example.com:8444", false, false},
		{"ported.example.com", false, false},
		{"web.example.com", true, true}, // a client leaves out the port of its scheme
		{"web.example.com:80", false, false},
		{"dotted.example.com:1", true, true},
		{"evil.example", false, false},
		{"evil.example:8000", false, false},
		{"127.1", false, false},
		{"2130706433", false, false},
		{"0x7f.0.0.1", false, false},
		{"127.0.0.1.evil.example", false, false},
		{"127.0.0.1:x", false, false},
		{"127.0.0.1:99999", false, false},
		{"localhost:8000:8000", false, false},
		{"[::1", false, false},
		{"[localhost]", false, false},
		{":8000", false, false},
		{".", false, false},
	} {
		for name, from := range map[string]struct {
			listener func(net.Listener) net.Listener
			may      bool
		}{
			"from this machine": {func(l net.Listener) net.Listener { return l }, row.local},
			"from elsewhere":    {func(l net.Listener) net.Listener { return elsewhere{l} }, row.remote},
		} {
			t.Run(row.host+" "+name, func(t *testing.T) {
				h := prepare(t, guard.Options{Hosts: hosts}, fine)
				h.Listener = from.listener(h.Listener)
				h.Start()
				for _, path := range []string{"/", "/plain"} {
					got := h.send(h.request(http.MethodGet, path, "", "Host: "+row.host))
					if from.may {
						require.Equal(t, "fine", got.text)
						continue
					}
					h.refused(got, http.StatusForbidden, -32600, `The host "`+row.host+`" is not allowed. To allow it, use allow-host.`)
				}
			})
		}
	}
}

// elsewhere lets connections look as if they came in on an address that other
// machines can reach.
type elsewhere struct{ net.Listener }

type elsewhereConn struct{ net.Conn }

func (l elsewhere) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return elsewhereConn{c}, err
}

func (elsewhereConn) LocalAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000}
}

func TestMissingHost(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	_, answer := h.dial("GET / HTTP/1.0\r\n\r\n")
	status, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 403 ")
}

func TestHostInTheRequestLine(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	_, answer := h.dial("GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	status, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 403 ")
}

func TestOrigin(t *testing.T) {
	options := guard.Options{
		Hosts:   []string{"mcp.example.com"},
		Origins: []string{"https://App.example.com", "http://localhost:5173", "https://[2001:db8::1]:8443", "https://plain.example.com:443", "chrome-extension://abcdefghijklmnop"},
	}
	const (
		refused = iota
		own     // allowed without CORS
		listed  // allowed with CORS
	)
	for _, row := range []struct {
		host, origin string
		secure       bool
		want         int
	}{
		{"127.0.0.1:8000", "https://app.example.com", false, listed},
		{"127.0.0.1:8000", "https://app.example.com:443", false, listed},
		{"127.0.0.1:8000", "https://plain.example.com", false, listed},
		{"127.0.0.1:8000", "http://localhost:5173", false, listed},
		{"127.0.0.1:8000", "https://[2001:db8::1]:8443", false, listed},
		{"127.0.0.1:8000", "chrome-extension://abcdefghijklmnop", false, listed},
		{"127.0.0.1:8000", "http://app.example.com", false, refused},
		{"127.0.0.1:8000", "https://app.example.com:8443", false, refused},
		{"127.0.0.1:8000", "https://app.example.com.evil.example", false, refused},
		{"127.0.0.1:8000", "https://sub.app.example.com", false, refused},
		{"127.0.0.1:8000", "http://localhost", false, refused},
		{"127.0.0.1:8000", "http://localhost:3000", false, refused},
		{"127.0.0.1:8000", "https://evil.example", false, refused},
		{"127.0.0.1:8000", "null", false, refused},
		{"127.0.0.1:8000", "", false, refused},
		{"127.0.0.1:8000", "https://app.example.com/", false, refused},
		{"127.0.0.1:8000", "https://app.example.com https://evil.example", false, refused},
		{"127.0.0.1:8000", "file://", false, refused},
		{"127.0.0.1:8000", "http://127.0.0.1:8000", false, own},
		{"127.0.0.1:8000", "http://127.0.0.1", false, refused},
		{"127.0.0.1:8000", "http://127.0.0.1:8001", false, refused},
		{"127.0.0.1:8000", "https://127.0.0.1:8000", false, refused},
		{"127.0.0.1:8000", "http://localhost:8000", false, refused},
		{"[::1]:8000", "http://[::1]:8000", false, own},
		{"localhost:8000", "http://LOCALHOST:8000", false, own},
		{"mcp.example.com", "http://mcp.example.com", false, own},
		{"mcp.example.com:80", "http://mcp.example.com", false, own},
		{"mcp.example.com", "https://mcp.example.com", false, refused},
		{"mcp.example.com", "https://mcp.example.com", true, own},
		{"mcp.example.com:443", "https://mcp.example.com", true, own},
		{"mcp.example.com", "http://mcp.example.com", true, refused},
	} {
		t.Run(row.origin+" calls "+row.host, func(t *testing.T) {
			h := serveAs(t, options, row.secure)
			got := h.send(h.request(http.MethodGet, "/plain", "", "Host: "+row.host, "Origin: "+row.origin))
			require.Contains(t, got.Header.Values("Vary"), "Origin")
			require.NotContains(t, got.Header, "Access-Control-Allow-Credentials")
			if row.want != listed {
				require.NotContains(t, got.Header, "Access-Control-Allow-Origin")
				require.NotContains(t, got.Header, "Access-Control-Expose-Headers")
			}
			switch row.want {
			case refused:
				h.refused(got, http.StatusForbidden, -32600, `The origin "`+row.origin+`" is not allowed. To allow it, use allow-origin.`)
			case own:
				require.Equal(t, "fine", got.text)
			case listed:
				require.Equal(t, "fine", got.text)
				require.Equal(t, []string{row.origin}, got.Header.Values("Access-Control-Allow-Origin"))
				require.Equal(t, []string{"Mcp-Session-Id, X-Request-Id, WWW-Authenticate, Retry-After"}, got.Header.Values("Access-Control-Expose-Headers"))
			}
		})
	}
}

// serveAs serves with or without TLS.
func serveAs(t *testing.T, o guard.Options, secure bool) testServer {
	if !secure {
		return start(t, o, fine)
	}
	h := startTLS(t, o, fine)
	h.Client().Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // the name called is not the certificate's
	return h
}

func TestRepeatedOrigin(t *testing.T) {
	h := start(t, guard.Options{Origins: []string{"https://app.example.com"}}, fine)
	r := h.request(http.MethodGet, "/", "")
	r.Header["Origin"] = []string{"https://app.example.com", "https://evil.example"}
	require.Equal(t, http.StatusForbidden, h.send(r).StatusCode)
}

func TestRefusalsClipHeaders(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	long := strings.Repeat("a", 5000)
	got := h.send(h.request(http.MethodGet, "/", "", "Host: "+long))
	h.refused(got, http.StatusForbidden, -32600, `The host "`+long[:100]+`…" is not allowed. To allow it, use allow-host.`)
	got = h.send(h.request(http.MethodGet, "/", "", "Origin: "+strings.Repeat("ä", 5000)))
	h.refused(got, http.StatusForbidden, -32600, `The origin "`+strings.Repeat("ä", 100)+`…" is not allowed. To allow it, use allow-origin.`)
	got = h.send(h.request(http.MethodGet, "/", "", "Origin: \xff<script>\""))
	require.NotContains(t, got.text, "<script>")
	h.refused(got, http.StatusForbidden, -32600, `The origin "\ufffd<script>'" is not allowed. To allow it, use allow-origin.`)
}

// Without a server there is neither a connection nor deadlines; nothing that is
// allowed may depend on them.
func TestWithoutAConnection(t *testing.T) {
	g, err := guard.New(guard.Options{})
	require.NoError(t, err)
	for host, want := range map[string]int{"127.0.0.1": 200, "localhost": 403} {
		answer := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(message))
		r.Host = host
		r.Header.Set("Content-Type", "application/json")
		g.Surface(g.Limits(http.HandlerFunc(fine))).ServeHTTP(answer, r)
		require.Equal(t, want, answer.Code)
	}
}
