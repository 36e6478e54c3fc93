package server_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

func TestStdioCancelsARunningCall(t *testing.T) {
	for _, id := range []string{"1", `"one"`, `"\u00fcber <1>"`, "12345678901234567890"} {
		t.Run(id, func(t *testing.T) {
			f := newFixture(t)
			c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
			c.send(call(id, "slow", "tag", "a"))
			receive(t, f.entered, "the call")
			c.send(canceled(id))
			require.Equal(t, "a", receive(t, f.stopped, "the end of its context"))
			c.silent()

			c.send(call("2", "echo", "text", "still here"))
			require.Equal(t, "still here", c.next().text())
			c.closeInput()
			require.NoError(t, c.end())
			require.Empty(t, c.rest())
		})
	}
}

// The end of input comes with the cancellation, while the handler is still
// running.
func TestStdioDoesNotWaitForACanceledCall(t *testing.T) {
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(call("1", "deaf", "tag", "a"))
	receive(t, f.entered, "the call")
	before := time.Now()
	c.send(canceled("1"))
	c.closeInput()
	require.NoError(t, c.end())
	require.Less(t, time.Since(before), atOnce)
	require.Empty(t, c.rest())
}

func TestStdioDoesNotStartACanceledCall(t *testing.T) {
	const workers, queued = 64, 20
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	for n := range workers {
		c.send(call(fmt.Sprint(n), "slow", "tag", "first"))
		require.Equal(t, "first", receive(t, f.entered, "a call"))
	}
	for n := range queued {
		c.send(call(fmt.Sprintf(`"q%d"`, n), "slow", "tag", "queued"))
	}
	for n := range queued {
		c.send(canceled(fmt.Sprintf(`"q%d"`, n)))
	}
	c.send(request("100", "ping"), call(`"last"`, "slow", "tag", "last"))
	require.Equal(t, "100", string(c.next().ID), "the cancellations have been read")

	f.release <- struct{}{}
	require.Equal(t, "last", receive(t, f.entered, "a call"), "a canceled call began")
	for range workers {
		f.release <- struct{}{}
	}
	c.closeInput()
	require.NoError(t, c.end())
	require.Len(t, c.rest(), workers+1)
	require.Empty(t, f.entered)
}

func TestStdioReusesTheIDOfACanceledCall(t *testing.T) {
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(call("1", "deaf", "tag", "a"))
	receive(t, f.entered, "the call")
	c.send(canceled("1"), call("1", "echo", "text", "second"))
	a := c.next()
	require.Equal(t, []string{"1", "second"}, []string{string(a.ID), a.text()})

	f.release <- struct{}{}
	c.silent()
	c.send(call("1", "echo", "text", "third"))
	require.Equal(t, "third", c.next().text())
}

func TestStdioIgnoresOtherCancellations(t *testing.T) {
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(call("1", "slow", "tag", "a"))
	receive(t, f.entered, "the call")
	c.send(
		canceled("2"), canceled(`"1"`), canceled("null"), canceled(`{"requestId":1}`),
		`{"jsonrpc":"2.0","method":"notifications/cancelled"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}`,
	)
	c.silent()
	require.Empty(t, f.stopped)
	f.release <- struct{}{}
	require.Equal(t, "released", c.next().text())
	c.send(canceled("1"), call("1", "echo", "text", "new"))
	require.Equal(t, "new", c.next().text())
}
