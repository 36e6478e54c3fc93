package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// maxWait bounds the wait for something that must happen; shortWait shows that
// something does not happen.
const (
	maxWait   = time.Minute
	shortWait = 50 * time.Millisecond
)

// fixture is an MCP server with tools whose calls a test can block.
//
//	echo   answers with its argument text
//	slow   waits for release or for the end of its context
//	deaf   waits for release only
//	panic  panics
//	ask    asks the client, and answers with what came of it
type fixture struct {
	*mcpserver.MCPServer
	entered chan string   // the tag argument of every slow or deaf call that began
	stopped chan string   // the tag of every slow call whose context ended
	release chan struct{} // lets a slow or deaf call return
}

func newFixture(t testing.TB) *fixture {
	f := &fixture{
		MCPServer: mcpserver.NewMCPServer("fixture", "1", mcpserver.WithToolCapabilities(true), mcpserver.WithElicitation()),
		entered:   make(chan string, 1000),
		stopped:   make(chan string, 1000),
		release:   make(chan struct{}),
	}
	t.Cleanup(func() { close(f.release) })
	for name, handler := range map[string]mcpserver.ToolHandlerFunc{
		"echo": func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(r.GetString("text", "")), nil
		},
		"slow": func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			f.entered <- r.GetString("tag", "")
			select {
			case <-f.release:
				return mcp.NewToolResultText("released"), nil
			case <-ctx.Done():
				f.stopped <- r.GetString("tag", "")
				return nil, ctx.Err()
			}
		},
		"deaf": func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			f.entered <- r.GetString("tag", "")
			<-f.release
			return mcp.NewToolResultText("released"), nil
		},
		"panic": func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			panic("as the test wants it")
		},
		"ask": func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			answer, err := f.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
				Message: "Sure?", RequestedSchema: map[string]any{"type": "object"},
			}})
			if err != nil {
				return mcp.NewToolResultError(err.Error()), nil
			}
			return mcp.NewToolResultText(string(answer.Action)), nil
		},
	} {
		f.AddTool(mcp.NewTool(name), handler)
	}
	return f
}

// A client is the other end of the pipes of a running ServeStdio.
type client struct {
	t      testing.TB
	in     io.WriteCloser
	out    *os.File
	lines  chan string // closed when the server has ended
	ended  chan error
	cancel context.CancelFunc
}

func start(t testing.TB, s *mcpserver.MCPServer, opts server.StdioOptions) *client {
	t.Helper()
	inRead, inWrite, err := os.Pipe()
	require.NoError(t, err)
	outRead, outWrite, err := os.Pipe()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	c := &client{
		t: t, in: inWrite, out: outRead, cancel: cancel,
		lines: make(chan string, 10_000), ended: make(chan error, 1),
	}
	go func() {
		c.ended <- server.ServeStdio(ctx, s, inRead, outWrite, opts)
		_ = outWrite.Close()
		_ = inRead.Close()
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(c.lines)
		lines := bufio.NewReader(outRead)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			c.lines <- strings.TrimSuffix(line, "\n")
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = inWrite.Close()
		_ = outRead.Close()
		<-read
	})
	return c
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	_, err := io.WriteString(c.in, strings.Join(lines, "\n")+"\n")
	require.NoError(c.t, err)
}

func (c *client) closeInput() {
	c.t.Helper()
	require.NoError(c.t, c.in.Close())
}

// end returns what ServeStdio returned, and requires that it does.
func (c *client) end() error {
	c.t.Helper()
	return receive(c.t, c.ended, "the end of ServeStdio")
}

func (c *client) next() answer {
	c.t.Helper()
	return decode(c.t, receive(c.t, c.lines, "an answer"))
}

// rest returns the answers up to the end of the server.
func (c *client) rest() (all []answer) {
	c.t.Helper()
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				return all
			}
			all = append(all, decode(c.t, line))
		case <-time.After(maxWait):
			require.FailNow(c.t, "output not closed")
		}
	}
}

// silent requires that nothing is sent for a while.
func (c *client) silent() {
	c.t.Helper()
	select {
	case line := <-c.lines:
		require.FailNow(c.t, "unexpected message", line)
	case <-time.After(shortWait):
	}
}

func receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v, ok := <-from:
		require.True(t, ok, "%s: the server has ended", what)
		return v
	case <-time.After(maxWait):
		require.FailNow(t, "waited in vain for "+what)
		panic("unreachable")
	}
}

type answer struct {
	ID     json.RawMessage
	Method string
	Result struct {
		Content []struct{ Text string }
	}
	Error struct {
		Code    int
		Message string
	}
	raw string
}

func decode(t testing.TB, line string) answer {
	t.Helper()
	a := answer{raw: line}
	require.NoError(t, json.Unmarshal([]byte(line), &a), "%s", line)
	return a
}

func (a answer) text() string {
	if len(a.Result.Content) == 0 {
		return ""
	}
	return a.Result.Content[0].Text
}

func ids(answers []answer) []string {
	all := make([]string, len(answers))
	for i, a := range answers {
		all[i] = string(a.ID)
	}
	return all
}

func request(id, method string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q}`, id, method)
}

func call(id, tool, key, value string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,"arguments":{%q:%q}}}`, id, tool, key, value)
}

func canceled(id string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%s}}`, id)
}

func initialize(id string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}}`, id)
}
