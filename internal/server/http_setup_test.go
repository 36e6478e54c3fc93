package server_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
)

var discard = slog.New(slog.DiscardHandler)

// A way is how a client talks to the server over HTTP.
type way struct {
	name          string
	sse, stateful bool
	version       string // of the protocol, which tells the era
	listens       bool   // on the stream of a session
}

var ways = []way{
	{name: "http, initialize", version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "http, no handshake", version: mcp.LATEST_PROTOCOL_VERSION},
	{name: "http with sessions, initialize", stateful: true, version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "http with sessions, no handshake", stateful: true, version: mcp.LATEST_PROTOCOL_VERSION},
	{name: "sse, initialize", sse: true, version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "sse, no handshake", sse: true, version: mcp.LATEST_PROTOCOL_VERSION},
}

func (w way) modern() bool { return mcp.IsModernProtocol(w.version) }

func (w way) options() server.HTTPOptions {
	return server.HTTPOptions{Stateful: w.stateful, SessionTTL: time.Minute, MaxSessions: 1000, Log: discard}
}

// A site serves transports on loopback. Who asks is what the headers say that
// as and the tests set: what stands in front of the transports is not tested here.
type site struct {
	*httptest.Server
	*server.HTTP
	shared *http.Client // for the clients that share their connections, nil where each has its own
}

func serveHTTP(t testing.TB, h *server.HTTP) *site {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/mcp", h.Streamable)
	mux.Handle("GET /sse", h.Stream)
	mux.Handle("POST "+server.MessagesPath, h.Messages)
	s := &site{Server: httptest.NewServer(asCaller(mux)), HTTP: h}
	t.Cleanup(func() {
		h.Close(context.Background())
		s.CloseClientConnections()
		s.Server.Close()
	})
	return s
}

// Headers by which a test says who asks.
const (
	callerHeader   = "X-Caller"
	tokenHeader    = "X-Token"
	toolsetsHeader = "X-Toolsets" // "-" for none at all
	writesHeader   = "X-Writes"   // "-" for none at all
	readOnlyHeader = "X-Read-Only"
)

func asCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(caller.With(r.Context(), caller.Caller{
			ID:            r.Header.Get(callerHeader),
			Token:         r.Header.Get(tokenHeader),
			Toolsets:      namesIn(r.Header.Get(toolsetsHeader)),
			WriteToolsets: namesIn(r.Header.Get(writesHeader)),
			ReadOnly:      r.Header.Get(readOnlyHeader) != "",
		})))
	})
}

func namesIn(list string) []string {
	switch list {
	case "":
		return nil
	case "-":
		return []string{}
	default:
		return strings.Split(list, ",")
	}
}

// dial returns a client that has not introduced itself yet.
func (w way) dial(t testing.TB, s *site, headers map[string]string) *mcpclient.Client {
	t.Helper()
	var conn *mcpclient.Client
	var err error
	plain := cmp.Or(s.shared, &http.Client{Transport: &http.Transport{}})
	if w.sse {
		conn, err = mcpclient.NewSSEMCPClient(s.URL+"/sse", transport.WithHeaders(headers), transport.WithHTTPClient(plain))
	} else {
		options := []transport.StreamableHTTPCOption{transport.WithHTTPHeaders(headers), transport.WithHTTPBasicClient(plain), transport.WithHTTPLogger(discard)}
		if w.listens {
			options = append(options, transport.WithContinuousListening()) //nolint:staticcheck // clients of today do it
		}
		conn, err = mcpclient.NewStreamableHttpClient(s.URL+"/mcp", options...)
	}
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		_ = conn.Close()
		cancel()
		plain.CloseIdleConnections()
	})
	require.NoError(t, conn.Start(ctx))
	return conn
}

// greet returns a client that has introduced itself, and what it was told.
func (w way) greet(t testing.TB, s *site, headers map[string]string) (*mcpclient.Client, *mcp.InitializeResult) {
	t.Helper()
	conn := w.dial(t, s, headers)
	told, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: w.version, ClientInfo: mcp.Implementation{Name: "test", Version: "1"},
	}})
	require.NoError(t, err)
	require.Equal(t, w.version, conn.ProtocolVersion(), "the era is the one that the test is about")
	return conn, told
}

func (w way) client(t testing.TB, s *site, headers map[string]string) *mcpclient.Client {
	t.Helper()
	conn, _ := w.greet(t, s, headers)
	return conn
}

// ask sends a request past what the client makes of an answer.
func (w way) ask(t testing.TB, conn *mcpclient.Client, method mcp.MCPMethod) json.RawMessage {
	t.Helper()
	r := transport.JSONRPCRequest{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId("asked"), Method: string(method), Params: map[string]any{}}
	if w.modern() {
		r.Params = map[string]any{"_meta": map[string]any{mcp.MetaKeyProtocolVersion: w.version, mcp.MetaKeyClientCapabilities: map[string]any{}}}
		r.Header = http.Header{"Mcp-Method": {string(method)}}
	}
	answer, err := conn.GetTransport().SendRequest(t.Context(), r)
	require.NoError(t, err)
	require.Nil(t, answer.Error)
	return answer.Result
}

func newService(c *tools.Catalog, run server.ToolCaller) *server.Service {
	return server.NewService(c, run, server.ServiceOptions{Version: "1.2.3", ListChanges: true, Log: discard})
}

func callTool(ctx context.Context, conn *mcpclient.Client, name string, arguments any) (*mcp.CallToolResult, error) {
	r := mcp.CallToolRequest{}
	r.Params.Name, r.Params.Arguments = name, arguments
	return conn.CallTool(ctx, r)
}

func textOf(t testing.TB, r *mcp.CallToolResult) string {
	t.Helper()
	require.NotNil(t, r)
	require.Len(t, r.Content, 1)
	text, ok := r.Content[0].(mcp.TextContent)
	require.True(t, ok)
	return text.Text
}

// send sends a request as it is; pairs are names of headers and their values.
func (s *site) send(ctx context.Context, method, path, body string, pairs ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
	}
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	return s.Client().Do(r)
}

// post sends a message to streamable HTTP and returns the status, the headers
// and the body of what came back.
func (s *site) post(t testing.TB, body string, pairs ...string) (int, http.Header, string) {
	t.Helper()
	return s.exchange(t, http.MethodPost, "/mcp", body, pairs...)
}

func (s *site) exchange(t testing.TB, method, path, body string, pairs ...string) (int, http.Header, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), maxWait)
	defer cancel()
	resp, err := s.send(ctx, method, path, body, pairs...)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, string(text)
}

// noneLeft requires that, soon, no more goroutines run than before.
func noneLeft(t testing.TB, before int) {
	t.Helper()
	for end := time.Now().Add(maxWait); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			all := make([]byte, 1<<20)
			require.FailNow(t, "goroutines are left over", "%d, where %d were before: %s", runtime.NumGoroutine(), before, all[:runtime.Stack(all, true)])
		}
	}
}
