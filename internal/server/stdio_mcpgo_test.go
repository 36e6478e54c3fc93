package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"
)

// Each TestMCPGo… shows a defect of mcp-go's own stdio server, which is why there
// is a transport of our own. Once they all fail, mcp-go's can replace it.

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
		<-b.ended
	})
	return b
}

func (b *bareStdio) send(lines ...string) {
	b.t.Helper()
	_, err := io.WriteString(b.in, strings.Join(lines, "\n")+"\n")
	require.NoError(b.t, err)
}

func TestMCPGoDropsAnswersAtEOF(t *testing.T) {
	f := newFixture(t)
	c := listenBare(t, f.MCPServer)
	c.send(call("1", "slow", "tag", "a"))
	receive(t, f.entered, "a call")
	require.NoError(t, c.in.Close())
	require.Equal(t, "a", receive(t, f.stopped, "the end of a call"), "the call is canceled, not awaited")
}

func TestMCPGoDropsTheLastLine(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, mcpserver.NewStdioServer(newFixture(t).MCPServer).Listen(t.Context(), strings.NewReader(request(`"ping"`, "ping")), &out))
	require.Empty(t, out.String())
}

func TestMCPGoAnswersMalformedLines(t *testing.T) {
	c := listenBare(t, newFixture(t).MCPServer)
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":{},"method":"ping"}`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}}`,
		`{"jsonrpc":"2.0","id":2,"ID":3,"method":"ping"}`,
	} {
		c.send(line)
		require.Contains(t, receive(t, c.lines, "an answer"), `"result":{}`, line)
	}
	c.send(`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`)
	select {
	case line := <-c.lines:
		require.Fail(t, "an answer to a malformed line", line)
	case <-time.After(shortWait):
	}
}

func TestMCPGoAnswersAnErrorResponse(t *testing.T) {
	c := listenBare(t, newFixture(t).MCPServer)
	c.send(`{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":"no"}}`)
	require.Contains(t, receive(t, c.lines, "an answer"), `"id":7`)
}

func TestMCPGoRoundsIDs(t *testing.T) {
	c := listenBare(t, newFixture(t).MCPServer)
	c.send(`{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}`)
	require.NotContains(t, receive(t, c.lines, "an answer"), "12345678901234567890")
	c.send(`{"jsonrpc":"2.0","id":"<1>","method":"ping"}`)
	require.NotContains(t, receive(t, c.lines, "an answer"), "<1>")
}

func TestMCPGoConfusesReusedIDs(t *testing.T) {
	f := newFixture(t)
	c := listenBare(t, f.MCPServer)
	c.send(call("1", "slow", "tag", "first"))
	require.Equal(t, "first", receive(t, f.entered, "a call"))
	c.send(call("1", "slow", "tag", "second"))
	require.Equal(t, "second", receive(t, f.entered, "a call"))
	c.send(canceled("1"))
	require.Equal(t, "second", receive(t, f.stopped, "the end of a call"))
	receive(t, c.lines, "an answer")
	c.send(canceled("1"), request(`"ping"`, "ping"))
	require.Contains(t, receive(t, c.lines, "an answer"), "ping")
	select {
	case <-f.stopped:
		require.Fail(t, "the first call can still be canceled")
	case <-time.After(shortWait):
	}
}

func TestMCPGoAnswersCanceledCalls(t *testing.T) {
	f := newFixture(t)
	c := listenBare(t, f.MCPServer)
	c.send(call("1", "slow", "tag", "a"))
	receive(t, f.entered, "a call")
	c.send(canceled("1"))
	require.Contains(t, receive(t, c.lines, "an answer"), `"id":1`)
}

func TestMCPGoStartsCanceledCalls(t *testing.T) {
	f := newFixture(t)
	c := listenBare(t, f.MCPServer, mcpserver.WithWorkerPoolSize(1))
	c.send(call("1", "slow", "tag", "running"))
	require.Equal(t, "running", receive(t, f.entered, "a call"))
	c.send(call("2", "slow", "tag", "queued"), canceled("2"), request(`"ping"`, "ping"))
	require.Contains(t, receive(t, c.lines, "an answer"), "ping", "the cancellation is read")
	f.release <- struct{}{}
	require.Equal(t, "queued", receive(t, f.entered, "a call"))
}

func TestMCPGoIgnoresWriteErrors(t *testing.T) {
	f := newFixture(t)
	in, requests := io.Pipe()
	ended := make(chan error, 1)
	stdio := mcpserver.NewStdioServer(f.MCPServer)
	stdio.SetErrorLogger(log.New(io.Discard, "", 0))
	go func() { ended <- stdio.Listen(context.Background(), in, failingWriter{}) }()
	_, err := io.WriteString(requests, request(`"ping"`, "ping")+"\n")
	require.NoError(t, err)
	_, err = io.WriteString(requests, call("1", "slow", "tag", "after the failure")+"\n")
	require.NoError(t, err)
	require.Equal(t, "after the failure", receive(t, f.entered, "a call"))
	require.NoError(t, requests.Close())
	require.NoError(t, receive(t, ended, "the end"))
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
	<-started
	require.NoError(t, c.in.Close())
	select {
	case <-c.ended:
		require.Fail(t, "Listen no longer waits for a handler that ignores its context")
	case <-time.After(shortWait):
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
	receive(t, c.lines, "an answer")
	for range 1000 {
		c.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"steps","_meta":{"progressToken":"t"}}}`)
		last := ""
		for range 4 {
			last = receive(t, c.lines, "an answer")
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
	call := func() {
		answer := s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say"}}`))
		_, err := json.Marshal(answer)
		require.NoError(t, err)
	}
	require.Greater(t, allocated(call), 2*len(text), "more than the message itself")
}
