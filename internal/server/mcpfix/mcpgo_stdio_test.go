package mcpfix

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"
)

// Each TestMCPGo… shows a defect of bare mcp-go that a file of this package works
// around. If one fails, mcp-go no longer has the defect: delete the workaround.

const (
	soon  = 10 * time.Second       // bounds the wait for something that happens
	pause = 100 * time.Millisecond // shows that something does not happen
)

// bareTools are an mcp-go server with a tool that answers at once ("echo") and
// one that waits until its context ends or release is closed ("slow").
type bareTools struct {
	*mcpserver.MCPServer
	started  chan string // the tag of each slow call
	canceled chan string // the tag of each slow call whose context ended
	release  chan struct{}
}

func newBareTools(t testing.TB) *bareTools {
	t.Helper()
	b := &bareTools{
		MCPServer: mcpserver.NewMCPServer("bare", "1", mcpserver.WithToolCapabilities(true)),
		started:   make(chan string, 100), canceled: make(chan string, 100), release: make(chan struct{}),
	}
	b.AddTool(mcp.NewTool("echo"), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(r.GetString("text", "")), nil
	})
	b.AddTool(mcp.NewTool("slow"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		b.started <- r.GetString("tag", "")
		select {
		case <-b.release:
			return mcp.NewToolResultText("released"), nil
		case <-ctx.Done():
			b.canceled <- r.GetString("tag", "")
			return nil, ctx.Err()
		}
	})
	return b
}

func slow(id, tag string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"slow","arguments":{"tag":%q}}}`, id, tag)
}

func cancellation(id string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%s}}`, id)
}

const ping = `{"jsonrpc":"2.0","id":"ping","method":"ping"}`

// bareStdio is mcp-go's own stdio server with the other ends of its pipes.
type bareStdio struct {
	t     testing.TB
	in    io.WriteCloser
	lines chan string // what it writes
	ended chan struct{}
}

func listenBare(t testing.TB, s *mcpserver.MCPServer, options ...mcpserver.StdioOption) *bareStdio {
	t.Helper()
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	b := &bareStdio{t: t, in: requests, lines: make(chan string, 1000), ended: make(chan struct{})}
	stdio := mcpserver.NewStdioServer(s)
	stdio.SetErrorLogger(log.New(io.Discard, "", 0))
	for _, o := range options {
		o(stdio)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_ = stdio.Listen(ctx, in, out)
		_ = out.Close()
		close(b.ended)
	}()
	go func() {
		defer close(b.lines)
		for lines := bufio.NewScanner(answers); lines.Scan(); {
			b.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = requests.Close()
		wait(t, b.ended)
	})
	return b
}

func (b *bareStdio) send(lines ...string) {
	b.t.Helper()
	_, err := io.WriteString(b.in, strings.Join(lines, "\n")+"\n")
	require.NoError(b.t, err)
}

// wait returns what comes from a channel, or the zero value when it is closed.
func wait[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(soon):
		require.FailNow(t, "nothing came")
	}
	return v
}

func TestMCPGoDropsAnswersAtEOF(t *testing.T) {
	b := newBareTools(t)
	c := listenBare(t, b.MCPServer)
	c.send(slow("1", "a"))
	wait(t, b.started)
	require.NoError(t, c.in.Close())
	require.Equal(t, "a", wait(t, b.canceled), "the call is canceled, not awaited")
}

func TestMCPGoDropsTheLastLine(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, mcpserver.NewStdioServer(newBareTools(t).MCPServer).Listen(t.Context(), strings.NewReader(ping), &out))
	require.Empty(t, out.String())
}

func TestMCPGoAnswersMalformedLines(t *testing.T) {
	c := listenBare(t, newBareTools(t).MCPServer)
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":{},"method":"ping"}`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}}`,
		`{"jsonrpc":"2.0","id":2,"ID":3,"method":"ping"}`,
	} {
		c.send(line)
		require.Contains(t, wait(t, c.lines), `"result":{}`, line)
	}
	c.send(`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`)
	select {
	case line := <-c.lines:
		require.Fail(t, "an answer to a malformed line", line)
	case <-time.After(pause):
	}
}

func TestMCPGoAnswersAnErrorResponse(t *testing.T) {
	c := listenBare(t, newBareTools(t).MCPServer)
	c.send(`{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":"no"}}`)
	require.Contains(t, wait(t, c.lines), `"id":7`)
}

func TestMCPGoRoundsIDs(t *testing.T) {
	c := listenBare(t, newBareTools(t).MCPServer)
	c.send(`{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}`)
	require.NotContains(t, wait(t, c.lines), "12345678901234567890")
	c.send(`{"jsonrpc":"2.0","id":"<1>","method":"ping"}`)
	require.NotContains(t, wait(t, c.lines), "<1>")
}

func TestMCPGoConfusesReusedIDs(t *testing.T) {
	b := newBareTools(t)
	c := listenBare(t, b.MCPServer)
	c.send(slow("1", "first"))
	require.Equal(t, "first", wait(t, b.started))
	c.send(slow("1", "second"))
	require.Equal(t, "second", wait(t, b.started))
	c.send(cancellation("1"))
	require.Equal(t, "second", wait(t, b.canceled))
	wait(t, c.lines)
	c.send(cancellation("1"), ping)
	require.Contains(t, wait(t, c.lines), "ping")
	select {
	case <-b.canceled:
		require.Fail(t, "the first call can still be canceled")
	case <-time.After(pause):
	}
}

func TestMCPGoAnswersCanceledCalls(t *testing.T) {
	b := newBareTools(t)
	c := listenBare(t, b.MCPServer)
	c.send(slow("1", "a"))
	wait(t, b.started)
	c.send(cancellation("1"))
	require.Contains(t, wait(t, c.lines), `"id":1`)
}

func TestMCPGoStartsCanceledCalls(t *testing.T) {
	b := newBareTools(t)
	c := listenBare(t, b.MCPServer, mcpserver.WithWorkerPoolSize(1))
	c.send(slow("1", "running"))
	require.Equal(t, "running", wait(t, b.started))
	c.send(slow("2", "queued"), cancellation("2"), ping)
	require.Contains(t, wait(t, c.lines), "ping", "the cancellation is read")
	close(b.release)
	require.Equal(t, "queued", wait(t, b.started))
}

func TestMCPGoIgnoresWriteErrors(t *testing.T) {
	b := newBareTools(t)
	in, requests := io.Pipe()
	ended := make(chan error, 1)
	stdio := mcpserver.NewStdioServer(b.MCPServer)
	stdio.SetErrorLogger(log.New(io.Discard, "", 0))
	go func() { ended <- stdio.Listen(context.Background(), in, failingWriter{}) }()
	_, err := io.WriteString(requests, ping+"\n")
	require.NoError(t, err)
	_, err = io.WriteString(requests, slow("1", "after the failure")+"\n")
	require.NoError(t, err)
	require.Equal(t, "after the failure", wait(t, b.started))
	require.NoError(t, requests.Close())
	require.NoError(t, wait(t, ended))
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("the client is gone") }

func TestMCPGoWaitsForHandlersAtTheEnd(t *testing.T) {
	release := make(chan struct{})
	s := mcpserver.NewMCPServer("bare", "1")
	started := make(chan struct{})
	s.AddTool(mcp.NewTool("deaf"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		close(started)
		<-release
		return mcp.NewToolResultText("done"), nil
	})
	c := listenBare(t, s)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"deaf"}}`)
	wait(t, started)
	require.NoError(t, c.in.Close())
	select {
	case <-c.ended:
		require.Fail(t, "Listen no longer waits for a handler that ignores its context")
	case <-time.After(pause):
	}
	close(release)
}

func TestMCPGoReportsProgressTooLate(t *testing.T) {
	s := mcpserver.NewMCPServer("bare", "1")
	s.AddTool(mcp.NewTool("steps"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range 3 {
			_ = s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": "t", "progress": i})
		}
		return mcp.NewToolResultText("done"), nil
	})
	c := listenBare(t, s)
	c.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
	wait(t, c.lines)
	for range 1000 {
		c.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"steps","_meta":{"progressToken":"t"}}}`)
		last := ""
		for range 4 {
			last = wait(t, c.lines)
		}
		if strings.Contains(last, "progress") {
			return
		}
	}
	require.Fail(t, "progress always precedes the answer")
}

func TestMCPGoCopiesLargeTexts(t *testing.T) {
	text := strings.Repeat("text", 1<<14)
	s := mcpserver.NewMCPServer("bare", "1")
	s.AddTool(mcp.NewTool("say"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(text), nil
	})
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			answer := s.HandleMessage(b.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say"}}`))
			_, err := json.Marshal(answer)
			require.NoError(b, err)
		}
	}).AllocedBytesPerOp()
	require.Greater(t, allocated, int64(2*len(text)), "more than the message itself")
}
