package remote_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// A way is how a client talks to the server.
type way struct {
	name          string
	sse, stateful bool
	version       string
}

var ways = []way{
	{name: "http, initialize", version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "http, no handshake", version: mcp.LATEST_PROTOCOL_VERSION},
	{name: "http with sessions, initialize", stateful: true, version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "sse, initialize", sse: true, version: mcp.LATEST_LEGACY_PROTOCOL_VERSION},
	{name: "sse, no handshake", sse: true, version: mcp.LATEST_PROTOCOL_VERSION},
}

// A worker is a server with one tool, whose calls wait until they are released.
type worker struct {
	*running
	transports *server.HTTP
	streams    chan struct{} // gets one for each GET that came
	entered    chan struct{}
	release    chan struct{}
	stopped    chan struct{} // gets one for each call whose context ended
}

func work(t testing.TB, w way, drain time.Duration) *worker {
	t.Helper()
	k := &worker{streams: make(chan struct{}, 10), entered: make(chan struct{}, 10), release: make(chan struct{}), stopped: make(chan struct{}, 10)}
	m := mcpserver.NewMCPServer("worker", "1", mcpserver.WithToolCapabilities(true), mcpserver.WithToolHandlerMiddleware(server.ToolMiddleware))
	m.AddTool(mcp.NewTool("work"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		k.entered <- struct{}{}
		select {
		case <-k.release:
			return mcp.NewToolResultText("done"), nil
		case <-ctx.Done():
			k.stopped <- struct{}{}
			return nil, ctx.Err()
		}
	})
	k.transports = server.Transports(m, server.HTTPOptions{
		Stateful: w.stateful, SessionTTL: time.Minute, MaxSessions: 10, Log: slog.New(slog.DiscardHandler),
	})
	k.running = start(t, func(o *remote.Options) {
		o.Streamable = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				k.streams <- struct{}{}
			}
			k.transports.Streamable.ServeHTTP(w, r)
		})
		o.Stream, o.Messages = k.transports.Stream, k.transports.Messages
		o.Close, o.Drain = k.transports.Close, drain
	})
	return k
}

// client returns a client that has introduced itself.
func (k *worker) client(t testing.TB, w way) *mcpclient.Client {
	t.Helper()
	var conn *mcpclient.Client
	var err error
	if w.sse {
		conn, err = mcpclient.NewSSEMCPClient("http://"+k.address+"/sse", transport.WithSSELogger(slog.New(slog.DiscardHandler)))
	} else {
		options := []transport.StreamableHTTPCOption{transport.WithHTTPLogger(slog.New(slog.DiscardHandler))}
		if w.stateful {
			options = append(options, transport.WithContinuousListening()) //nolint:staticcheck // clients of today do it
		}
		conn, err = mcpclient.NewStreamableHttpClient("http://"+k.address+"/mcp", options...)
	}
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		_ = conn.Close()
	})
	require.NoError(t, conn.Start(ctx))
	_, err = conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: w.version}})
	require.NoError(t, err)
	require.Equal(t, w.version, conn.ProtocolVersion())
	return conn
}

// call starts a call and waits until it runs.
func (k *worker) call(t testing.TB, conn *mcpclient.Client) <-chan string {
	t.Helper()
	answers := make(chan string, 1)
	go func() {
		r := mcp.CallToolRequest{}
		r.Params.Name = "work"
		answer, err := conn.CallTool(context.Background(), r)
		if err != nil {
			answers <- "error: " + err.Error()
			return
		}
		text, _ := answer.Content[0].(mcp.TextContent)
		answers <- text.Text
	}()
	receive(t, k.entered)
	return answers
}

func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(maxWait):
		require.FailNow(t, "waited in vain")
		panic("unreachable")
	}
}

// atOnce is how long an end may take that waits for nobody. It is generous to
// machines that are busy, and far below what would be waited for.
const atOnce = 5 * time.Second

func TestShutdownEndsStreams(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			k := work(t, w, maxWait)
			conn := k.client(t, w)
			if mcp.IsModernProtocol(w.version) && !w.sse {
				heard := make(chan struct{}, 1)
				conn.OnNotification(func(mcp.JSONRPCNotification) { heard <- struct{}{} })
				_, err := conn.ListenAsync(t.Context(), mcp.SubscriptionFilter{ToolsListChanged: true}, nil)
				require.NoError(t, err)
				receive(t, heard) // the acknowledgement: the stream is open
			}
			if w.stateful {
				receive(t, k.streams) // the client opens it on its own
			}
			if w.stateful || w.sse {
				require.Equal(t, 1, k.transports.SessionCount())
			}
			begun := time.Now()
			k.stop()
			require.NoError(t, k.end())
			require.Less(t, time.Since(begun), atOnce)
			require.Zero(t, k.transports.SessionCount())
		})
	}
}

func TestShutdownWaitsForCalls(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			k := work(t, w, maxWait)
			first, second := k.client(t, w), k.client(t, w)
			one, two := k.call(t, first), k.call(t, second)
			k.stop()
			k.goesOn()
			_, err := net.Dial("tcp", k.address)
			require.Error(t, err, "nobody is let in any more")
			k.release <- struct{}{}
			k.goesOn()
			k.release <- struct{}{}
			require.Equal(t, "done", receive(t, one))
			require.Equal(t, "done", receive(t, two))
			begun := time.Now()
			require.NoError(t, k.end())
			require.Less(t, time.Since(begun), atOnce)
			require.Empty(t, k.stopped)
		})
	}
}

func TestShutdownCutsLongCalls(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			k := work(t, w, 300*time.Millisecond)
			answer := k.call(t, k.client(t, w))
			begun := time.Now()
			k.stop()
			require.ErrorContains(t, k.end(), "calls still running after 300ms")
			require.Less(t, time.Since(begun), atOnce)
			receive(t, k.stopped)
			if !w.sse { // that client does not notice
				require.Contains(t, receive(t, answer), "error: ")
			}
		})
	}
}
