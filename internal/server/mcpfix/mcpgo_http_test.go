package mcpfix

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"
)

const (
	modernMeta   = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + mcp.LATEST_PROTOCOL_VERSION + `","io.modelcontextprotocol/clientCapabilities":{}}`
	subscription = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernMeta + `}}`
)

// site serves a handler on loopback.
func site(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func request(t testing.TB, ctx context.Context, method, url, body string, pairs ...string) (*http.Response, error) { //nolint:revive // a test helper takes t first
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	return http.DefaultClient.Do(r)
}

// post sends a message and returns status and body.
func post(t testing.TB, url, body string, pairs ...string) (int, string) {
	t.Helper()
	r, err := request(t, t.Context(), http.MethodPost, url, body, pairs...)
	require.NoError(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(text)
}

// events opens a stream and returns the data of its events; the channel is closed
// at its end.
func events(t testing.TB, method, url, body string, pairs ...string) (<-chan string, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := request(t, ctx, method, url, body, pairs...) //nolint:bodyclose // closed below
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.StatusCode)
	out := make(chan string, 100)
	go func() {
		defer r.Body.Close()
		defer close(out)
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				out <- strings.TrimSpace(data)
			}
		}
	}()
	return out, cancel
}

func bareHTTP(t testing.TB, s *mcpserver.MCPServer, options ...mcpserver.StreamableHTTPOption) (*mcpserver.StreamableHTTPServer, string) {
	t.Helper()
	h := mcpserver.NewStreamableHTTPServer(s, options...)
	return h, site(t, h).URL
}

func TestMCPGoCancelsCallsOfOtherClients(t *testing.T) {
	b := newBareTools(t)
	_, url := bareHTTP(t, b.MCPServer, mcpserver.WithStateLess(true))
	ended := make(chan struct{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(slow("7", "of another client")))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	go func() {
		defer close(ended)
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
		}
	}()
	wait(t, b.started)
	post(t, url, cancellation("7"))
	require.Equal(t, "of another client", wait(t, b.canceled))
	wait(t, ended)
}

func TestMCPGoTakesACallForASubscription(t *testing.T) {
	_, url := bareHTTP(t, newBareTools(t).MCPServer, mcpserver.WithStateLess(true))
	status, body := post(t, url, ping, mcp.HeaderMethod, string(mcp.MethodSubscriptionsListen))
	require.Equal(t, http.StatusOK, status, body)
}

func TestMCPGoListensUnderAnySession(t *testing.T) {
	_, url := bareHTTP(t, newBareTools(t).MCPServer, mcpserver.WithStateful(true))
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	r, err := request(t, ctx, http.MethodGet, url, "", mcpserver.HeaderKeySessionID, "an invented session")
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusOK, r.StatusCode)
}

func TestMCPGoTakesAMissingSessionForAnEndedOne(t *testing.T) {
	_, url := bareHTTP(t, newBareTools(t).MCPServer, mcpserver.WithStateful(true))
	status, body := post(t, url, ping)
	require.Equal(t, http.StatusNotFound, status, body)
	status, body = post(t, url, `{"jsonrpc":"2.0","id":1,"result":{}}`, mcpserver.HeaderKeySessionID, "an invented session")
	require.Equal(t, http.StatusAccepted, status, body)
}

func TestMCPGoKeepsSubscriptionsAtShutdown(t *testing.T) {
	h, url := bareHTTP(t, newBareTools(t).MCPServer, mcpserver.WithStateLess(true))
	stream, leave := events(t, http.MethodPost, url, subscription, "Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "subscriptions/listen")
	defer leave()
	require.Contains(t, wait(t, stream), "acknowledged")
	require.NoError(t, h.Shutdown(t.Context()))
	h.CloseSessions(t.Context())
	select {
	case _, open := <-stream:
		require.True(t, open, "the stream has ended")
	case <-time.After(pause):
	}
}

func TestMCPGoLosesProgressOverHTTP(t *testing.T) {
	s := mcpserver.NewMCPServer("bare", "1")
	s.AddTool(mcp.NewTool("steps"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range 3 {
			_ = s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": "t", "progress": i})
		}
		return mcp.NewToolResultText("done"), nil
	})
	_, url := bareHTTP(t, s, mcpserver.WithStateLess(true))
	for range 1000 {
		_, body := post(t, url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"steps","_meta":{"progressToken":"t"}}}`)
		if strings.Count(body, "notifications/progress") < 3 {
			return
		}
	}
	require.Fail(t, "no notification was lost")
}

func TestMCPGoDecodesArguments(t *testing.T) {
	s := mcpserver.NewMCPServer("bare", "1")
	decoded := make(chan any, 1)
	s.AddTool(mcp.NewTool("zeros"), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		decoded <- r.Params.Arguments
		return mcp.NewToolResultText("done"), nil
	})
	_, url := bareHTTP(t, s, mcpserver.WithStateLess(true))
	post(t, url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"zeros","arguments":{"a":[`+strings.Repeat("0,", 10_000)+`0]}}}`)
	require.Len(t, wait(t, decoded).(map[string]any)["a"], 10_001)
}

func TestMCPGoReadsAnswersInAnyCase(t *testing.T) {
	s := mcpserver.NewMCPServer("bare", "1")
	said := make(chan mcp.ElicitationResponseAction, 1)
	s.AddTool(mcp.NewTool("asks"), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		said <- mcpserver.ElicitationResponse(r.Params.InputResponses, "q").Action
		return mcp.NewToolResultText("done"), nil
	})
	_, url := bareHTTP(t, s, mcpserver.WithStateLess(true))
	post(t, url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"asks","inputResponses":{"q":{"action":"decline","Action":"accept"}}}}`)
	require.Equal(t, mcp.ElicitationResponseActionAccept, wait(t, said))
}

// bareSSE is mcp-go's own server of the HTTP+SSE transport, with an open stream.
type bareSSE struct {
	server   *mcpserver.SSEServer
	messages string // URL to post to
	events   <-chan string
	leave    context.CancelFunc
}

func openBareSSE(t testing.TB, s *mcpserver.MCPServer) *bareSSE {
	t.Helper()
	b := &bareSSE{server: mcpserver.NewSSEServer(s)}
	at := site(t, b.server)
	b.events, b.leave = events(t, http.MethodGet, at.URL+"/sse", "")
	b.messages = at.URL + wait(t, b.events)
	return b
}

func TestMCPGoRejectsModernClientsOverSSE(t *testing.T) {
	c := openBareSSE(t, newBareTools(t).MCPServer)
	post(t, c.messages, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",`+modernMeta+`}}`, "Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION)
	require.Contains(t, wait(t, c.events), fmt.Sprint(mcp.HEADER_MISMATCH))
}

func TestMCPGoRunsCallsWithoutAClient(t *testing.T) {
	b := newBareTools(t)
	c := openBareSSE(t, b.MCPServer)
	post(t, c.messages, slow("1", "a"))
	wait(t, b.started)
	c.leave()
	select {
	case <-b.canceled:
		require.Fail(t, "the call ends with its stream")
	case <-time.After(pause):
	}
	close(b.release)
}

func TestMCPGoTakesAnyNumberOfRequests(t *testing.T) {
	b := newBareTools(t)
	c := openBareSSE(t, b.MCPServer)
	for range 2 * maxPending {
		status, _ := post(t, c.messages, slow("1", ""))
		require.Equal(t, http.StatusAccepted, status)
		wait(t, b.started)
	}
	close(b.release)
}

func TestMCPGoNeverEndsSubscriptionsOverSSE(t *testing.T) {
	b := newBareTools(t)
	ended := make(chan struct{})
	hooks := &mcpserver.Hooks{}
	hooks.AddOnSuccess(func(_ context.Context, _ any, method mcp.MCPMethod, _, _ any) {
		if method == mcp.MethodSubscriptionsListen {
			close(ended)
		}
	})
	mcpserver.WithHooks(hooks)(b.MCPServer)
	c := openBareSSE(t, b.MCPServer)
	post(t, c.messages, subscription)
	require.Contains(t, wait(t, c.events), "acknowledged")
	c.leave()
	c.server.CloseSessions()
	select {
	case <-ended:
		require.Fail(t, "the subscription ends with its stream")
	case <-time.After(pause):
	}
}

func TestMCPGoDropsAnswersAtTheEndOfStreams(t *testing.T) {
	b := newBareTools(t)
	c := openBareSSE(t, b.MCPServer)
	post(t, c.messages, slow("1", "a"))
	wait(t, b.started)
	c.server.CloseSessions()
	var got bytes.Buffer
	for e := range c.events {
		got.WriteString(e)
	}
	require.Empty(t, got.String())
	close(b.release)
}
