package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An attackedServer is a server with tokens that a search finds, and all its
// responses.
type attackedServer struct {
	*remote
	t        *testing.T
	answers  strings.Builder
	upstream *upstream
}

const canarySecret = "s3cr3t-c4n4ry-9f8e7d6c5b4a"

func newAttackedServer(t *testing.T) *attackedServer {
	t.Helper()
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/slow") {
			<-r.Context().Done()
			return
		}
		good(w, r)
	})
	env := serving(t, smallDocument(t), u, "RETOOL_ACCESS_TOKEN="+canaries["plain"], "RETOOL_MCP_LOG_LEVEL=debug")
	return &attackedServer{t: t, upstream: u, remote: serveRemote(t, env, "--auth", "token", "--auth-token-file", tokenFile(t, canarySecret))}
}

// refuses sends a request that must be refused with a status.
func (a *attackedServer) refuses(status int, what, method, path, body string, headers ...string) httpAnswer {
	a.t.Helper()
	got := a.ask(method, path, body, headers...)
	fmt.Fprint(&a.answers, got.header, got.body)
	require.Equal(a.t, status, got.status, "%s: %.300s", what, got.body)
	return got
}

// requireUnharmed requires that a tool can be called, and that no output
// contains the tokens.
func (a *attackedServer) requireUnharmed() {
	a.t.Helper()
	a.answers.WriteString(a.requireWorks(bearer(canarySecret)).text())
	metrics := a.get("/metrics", bearer(canarySecret))
	require.Equal(a.t, http.StatusOK, metrics.status)
	for where, text := range map[string]string{"standard error": a.stderr.String(), "answers": a.answers.String(), "metrics": metrics.body} {
		require.NotEmpty(a.t, text, where)
		requireAbsent(a.t, canaries["plain"], where, text)
		requireAbsent(a.t, canarySecret, where, text)
	}
	requireNoPanic(a.t, a.stderr.String())
}

// Requests from web pages, without the secret, and in a form that MCP does not
// have are refused.
func TestRemoteRefusals(t *testing.T) {
	t.Parallel()
	a := newAttackedServer(t)
	line, who := callLine("a", "get_settings", "{}"), bearer(canarySecret)
	for _, path := range []string{"/mcp", "/sse", "/messages", "/healthz", "/readyz", "/metrics", "/nowhere"} {
		for _, header := range []string{"Origin: https://evil.example", "Origin: null", "Host: evil.example", "Host: 127.0.0.1.evil.example:80"} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
				got := a.refuses(http.StatusForbidden, header, method, path, "", who, header)
				require.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
			}
		}
	}
	for _, headers := range [][]string{nil, {bearer("wrong")}, {bearer(canarySecret[1:])}, {"Authorization: " + canarySecret}} {
		a.refuses(http.StatusUnauthorized, "a stranger", http.MethodPost, "/mcp", line, headers...)
	}
	for _, kind := range []string{"text/plain", "text/plain; a=application/json", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"} {
		for _, path := range []string{"/mcp", "/messages?sessionId=a"} {
			a.refuses(http.StatusUnsupportedMediaType, kind, http.MethodPost, path, line, who, "Content-Type: "+kind)
		}
	}
	a.refuses(http.StatusRequestEntityTooLarge, "an oversized body", http.MethodPost, "/mcp", strings.Repeat(" ", 5<<20), who)
	a.refuses(http.StatusBadRequest, "a batch", http.MethodPost, "/mcp", "["+strings.Repeat(line+",", 9_999)+line+"]", who)
	a.refuses(http.StatusRequestHeaderFieldsTooLarge, "an oversized header", http.MethodPost, "/mcp", line, who, "X-Long: "+strings.Repeat("x", 1<<20))
	require.Empty(t, a.upstream.take())
	a.requireUnharmed()
}

// A malformed message gets an error in the protocol's form and has no effect.
func TestRemoteMalformedMessages(t *testing.T) {
	t.Parallel()
	a := newAttackedServer(t)
	nested := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	for name, message := range map[string]string{
		"nothing":               "",
		"no JSON":               "hello",
		"half of a message":     `{"jsonrpc":"2.0","id":1,"method":"tools/`,
		"bytes":                 "\x00\xff\xfe",
		"a number":              "1",
		"null":                  "null",
		"a method of numbers":   `{"jsonrpc":"2.0","id":1,"method":7}`,
		"an unknown method":     `{"jsonrpc":"2.0","id":1,"method":"tools/nothing"}`,
		"another version":       `{"jsonrpc":"1.0","id":1,"method":"tools/list"}`,
		"parameters in a list":  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}`,
		"a name of numbers":     `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}`,
		"a list of arguments":   `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_settings","arguments":[1]}}`,
		"nesting":               nested,
		"nesting in arguments":  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_user","arguments":` + nested + `}}`,
		"nesting of lists":      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_user","arguments":{"email":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}}}`,
		"ten million of braces": strings.Repeat("{", 3<<20),
	} {
		got := a.post(message, bearer(canarySecret))
		fmt.Fprint(&a.answers, got.header, got.body)
		require.Less(t, got.status, http.StatusInternalServerError, "%s: %s", name, got.body)
		require.True(t, strings.Contains(got.body, `"error":{`) || strings.Contains(got.body, `"isError":true`), "%s: %d %s", name, got.status, got.body)
	}
	// What has an id and no method has the form of an answer, to a question that
	// nobody asked.
	dropped := a.post(`{"jsonrpc":"2.0","id":1}`, bearer(canarySecret))
	require.Contains(t, []int{http.StatusAccepted, http.StatusBadRequest}, dropped.status, dropped.body)
	for _, message := range []string{"hello", `{"jsonrpc":"2.0","id":1,"method":"tools/`} {
		require.Contains(t, a.post(message, bearer(canarySecret)).body, `"code":-32700`)
	}
	require.Empty(t, a.upstream.take())
	a.requireUnharmed()
}

// raw opens a connection and sends text.
func (a *attackedServer) raw(text string) net.Conn {
	a.t.Helper()
	conn, err := (&net.Dialer{Timeout: waitTime}).DialContext(a.t.Context(), "tcp", strings.TrimPrefix(a.url, "http://"))
	require.NoError(a.t, err)
	a.t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(a.t, err)
	return conn
}

const postHead = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

// A client that sends without end, or slowly, holds nothing but its own
// connection, and that for a limited time.
func TestRemoteSlowClients(t *testing.T) {
	t.Parallel()
	a := newAttackedServer(t)
	authorized := postHead + bearer(canarySecret) + "\r\n"
	for name, head := range map[string]string{
		"an endless body":               authorized + "Transfer-Encoding: chunked\r\n\r\n",
		"an endless body of a stranger": postHead + "Transfer-Encoding: chunked\r\n\r\n",
		"a body of ten exabytes":        authorized + "Content-Length: 9000000000000000000\r\n\r\n",
		"an endless header":             authorized + "X-Long: ",
		"an endless body of a web page": authorized + "Origin: https://evil.example\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		conn := a.raw(head)
		require.NoError(t, conn.SetDeadline(time.Now().Add(waitTime)))
		part := fmt.Sprintf("%x\r\n%s\r\n", 64<<10, strings.Repeat("x", 64<<10))
		if name == "an endless header" {
			part = strings.Repeat("x", 64<<10)
		}
		var err error
		sent := 0
		for err == nil && sent < 64<<20 {
			var n int
			n, err = io.WriteString(conn, part)
			sent += n
		}
		require.Less(t, sent, 64<<20, "%s: the server took it all", name)
		require.NotErrorIs(t, err, context.DeadlineExceeded, name)
		conn.Close()
		a.requireWorks(bearer(canarySecret))
	}

	slow := map[string]net.Conn{
		"a header that does not end": a.raw(postHead),
		"nothing at all":             a.raw(""),
		"a header, a byte at a time": a.raw("P"),
	}
	began := time.Now()
	var drip sync.WaitGroup
	drip.Go(func() {
		for _, b := range []byte("OST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: yes") {
			if _, err := slow["a header, a byte at a time"].Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(300 * time.Millisecond)
		}
	})
	for name, conn := range slow {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(waitTime)))
		_, err := io.Copy(io.Discard, conn)
		if ne, ok := err.(net.Error); ok { //nolint:errorlint // not wrapped
			require.False(t, ne.Timeout(), "%s: the connection is still open", name)
		}
	}
	took := time.Since(began) // 10 s, and more on a busy machine
	require.Greater(t, took, 2*time.Second, "a client has time for a header")
	require.Less(t, took, 25*time.Second)
	drip.Wait()
	a.requireUnharmed()
}

// Thousands of idle and incomplete connections leave room for calls.
func TestRemoteConnections(t *testing.T) {
	const wanted, spare = 10_000, 500
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if limit.Cur < limit.Max {
		raised := syscall.Rlimit{Cur: limit.Max, Max: limit.Max}
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
			limit = raised
		}
	}
	count := wanted
	if room := int(min(limit.Cur, 1<<20)) - spare; room < count {
		count = room
	}
	a := newAttackedServer(t)
	authorized := postHead + bearer(canarySecret) + "\r\n"
	kinds := []string{
		"", "", "", "", "", "", // idle
		"POST /mcp HT", authorized, // incomplete headers
		authorized + "Content-Length: 100\r\n\r\n{", authorized + "Transfer-Encoding: chunked\r\n\r\n5\r\n{", // incomplete bodies
	}
	var wg sync.WaitGroup
	var open atomic.Int64
	conns := make([]net.Conn, count)
	address := strings.TrimPrefix(a.url, "http://")
	for worker := range 50 {
		wg.Go(func() {
			for i := worker; i < count; i += 50 {
				conn, err := (&net.Dialer{Timeout: waitTime}).DialContext(t.Context(), "tcp", address)
				if err != nil {
					continue
				}
				conns[i] = conn
				if _, err := io.WriteString(conn, kinds[i%len(kinds)]); err == nil {
					open.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, count, int(open.Load()))
	for range 20 {
		a.requireWorks(bearer(canarySecret))
	}
	for i, conn := range conns {
		if i%2 == 0 { // half of them reset the connection
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
	}
	a.requireUnharmed()
}

// Clients that disconnect during calls and streams leave nothing behind.
func TestRemoteDisconnects(t *testing.T) {
	t.Parallel()
	const clients = 60
	a := newAttackedServer(t)
	authorized := bearer(canarySecret) + "\r\n"
	call := callLine("a", "get_user", `{"userId":"slow"}`)
	for i := range clients {
		switch i % 3 {
		case 0: // during a call
			conn := a.raw(fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", postHead, authorized, len(call), call))
			_ = conn.(*net.TCPConn).SetLinger(0)
			time.AfterFunc(quietTime, func() { _ = conn.Close() })
		case 1: // during a body
			conn := a.raw(postHead + authorized + "Content-Length: 100\r\n\r\n{")
			_ = conn.Close()
		case 2: // during a stream
			conn := a.raw("GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\n" + authorized + "\r\n")
			first, err := bufio.NewReader(conn).ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, first, "200")
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}
	require.Eventually(t, func() bool {
		metrics, err := a.tryAsk(t.Context(), http.MethodGet, "/metrics", "", bearer(canarySecret))
		return err == nil && strings.Contains(metrics.body, "retool_mcp_calls_in_flight 0\n") &&
			strings.Contains(metrics.body, "retool_mcp_streams 0\n") && strings.Contains(metrics.body, "retool_mcp_sessions 0\n")
	}, waitTime, 50*time.Millisecond, "nothing is left of them")
	a.requireUnharmed()
}
