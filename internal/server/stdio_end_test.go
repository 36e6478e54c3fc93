package server_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// atOnce leaves room for a busy machine and is far below maxWait, which an end that
// waits for a call would take.
const atOnce = 10 * time.Second

func TestStdioEndsWithItsContext(t *testing.T) {
	for _, tool := range []string{"slow", "deaf"} {
		t.Run("with a call in "+tool, func(t *testing.T) {
			f := newFixture(t)
			c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
			c.send(call("1", tool, "tag", "a"))
			receive(t, f.entered, "the call")
			before := time.Now()
			c.cancel()
			require.ErrorIs(t, c.end(), context.Canceled)
			require.Less(t, time.Since(before), atOnce)
		})
	}
	t.Run("while it waits for a call at the end of input", func(t *testing.T) {
		f := newFixture(t)
		c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
		c.send(call("1", "deaf", "tag", "a"))
		receive(t, f.entered, "the call")
		c.closeInput()
		c.silent()
		before := time.Now()
		c.cancel()
		require.ErrorIs(t, c.end(), context.Canceled)
		require.Less(t, time.Since(before), atOnce)
	})
	t.Run("while the client does not read", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		in, requests := io.Pipe()
		answers, out := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- server.ServeStdio(ctx, newFixture(t).MCPServer, in, out, server.StdioOptions{}) }()
		_, err := io.WriteString(requests, request("1", "ping")+"\n")
		require.NoError(t, err)
		_, err = answers.Read(make([]byte, 1))
		require.NoError(t, err, "an answer is being written")
		before := time.Now()
		cancel()
		require.ErrorIs(t, receive(t, ended, "the end"), context.Canceled)
		require.Less(t, time.Since(before), atOnce)
		require.NoError(t, answers.Close())
	})
}

// A handler that returns after ServeStdio has does not write any more.
func TestStdioIsSilentAfterItsEnd(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- server.ServeStdio(ctx, f.MCPServer, in, out, server.StdioOptions{}) }()
	_, err := io.WriteString(requests, call("1", "deaf", "tag", "a")+"\n")
	require.NoError(t, err)
	receive(t, f.entered, "the call")
	cancel()
	require.ErrorIs(t, receive(t, ended, "the end"), context.Canceled)

	f.release <- struct{}{}
	time.AfterFunc(shortWait, func() { _ = out.Close() })
	written, err := io.ReadAll(answers)
	require.NoError(t, err)
	require.Empty(t, written)
}

func TestStdioEndsWhenTheClientIsGone(t *testing.T) {
	for name, line := range map[string]string{
		"answer to a call":    call("2", "echo", "text", "hello"),
		"answer to a request": request("2", "ping"),
		"refusal of a line":   "nonsense",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
			c.send(call("1", "deaf", "tag", "a"))
			receive(t, f.entered, "the call")
			require.NoError(t, c.out.Close())
			before := time.Now()
			c.send(line)
			require.ErrorIs(t, c.end(), syscall.EPIPE)
			require.Less(t, time.Since(before), atOnce)
		})
	}
}

func TestStdioRunsCallsAtTheSameTime(t *testing.T) {
	const workers, queued = 64, 100
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	var lines []string
	for n := range workers + queued {
		lines = append(lines, call(fmt.Sprint(n), "slow", "tag", fmt.Sprint(n)))
	}
	c.send(lines...)
	for range workers {
		receive(t, f.entered, "a call")
	}
	before := time.Now()
	c.send(request(`"ping"`, "ping"))
	require.Equal(t, `"ping"`, string(c.next().ID))
	require.Less(t, time.Since(before), atOnce)
	require.Empty(t, f.entered, "no more than that")

	for range workers + queued {
		f.release <- struct{}{}
	}
	c.closeInput()
	require.NoError(t, c.end())
	require.Len(t, c.rest(), workers+queued)
}

// Answers and requests to the client are written by many goroutines.
func TestStdioWritesWholeLines(t *testing.T) {
	c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(initialize(`"i"`))
	require.Equal(t, `"i"`, string(c.next().ID))
	const calls = 20
	long := strings.Repeat("long ", 20_000)
	for n := range calls {
		c.send(call(fmt.Sprintf(`"e%d"`, n), "echo", "text", long), call(fmt.Sprintf(`"a%d"`, n), "ask", "", ""))
	}
	for answered := 0; answered < 2*calls; {
		a := c.next()
		if a.Method == "elicitation/create" {
			c.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"decline"}}`, a.ID))
			continue
		}
		require.Contains(t, []string{long, "decline"}, a.text())
		answered++
	}
}
