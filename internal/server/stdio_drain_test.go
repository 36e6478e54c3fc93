package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// A client that writes everything and closes its end at once, as in
// `server < requests`, gets an answer to each request.
func TestStdioAnswersAllBeforeTheEndOfInput(t *testing.T) {
	plain := func(n int) string { return fmt.Sprint(n) }
	joined := func(lines []string) string { return strings.Join(lines, "\n") + "\n" }
	scenarios := []struct {
		name  string
		id    func(n int) string
		write func(lines []string) string
		extra []string // ids of answers beyond those to the requests
	}{
		{name: "number ids", id: plain, write: joined},
		{name: "string ids", id: func(n int) string { return fmt.Sprintf(`"call <%d> & c."`, n) }, write: joined},
		{name: "escaped string ids", id: func(n int) string { return fmt.Sprintf(`"\u00e9\/%d"`, n) }, write: joined},
		{name: "ids above 2^53 that are one as float64", id: func(n int) string { return fmt.Sprintf("123456789012345678%02d", n) }, write: joined},
		{name: "negative, fractional and exponential ids", id: func(n int) string { return fmt.Sprintf("-%d.50E+00", n) }, write: joined},
		{name: "one id for all", id: func(int) string { return "7" }, write: joined},
		{name: "no newline at the end", id: plain, write: func(lines []string) string { return strings.Join(lines, "\n") }},
		{name: "blank lines and CRLF", id: plain, write: func(lines []string) string { return "\r\n\n \t\r\n" + strings.Join(lines, "\r\n\r\n") + "\r\n\n" }},
		{
			name: "other lines mixed in", id: plain,
			write: func(lines []string) string {
				return strings.Join(lines, "\nnonsense\n"+`{"jsonrpc":"2.0","method":"notifications/initialized"}`+"\n"+`{"jsonrpc":"2.0","id":1,"result":{}}`+"\n") + "\n{"
			},
			extra: slices.Repeat([]string{"null"}, 22),
		},
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			f := newFixture(t)
			lines, want := []string{initialize(s.id(1)), request(s.id(2), "tools/list")}, []string{s.id(1), s.id(2)}
			for n := 3; n <= 22; n++ {
				lines, want = append(lines, call(s.id(n), "echo", "text", "hello")), append(want, s.id(n))
			}
			for range 50 {
				c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
				_, err := io.WriteString(c.in, s.write(lines))
				require.NoError(t, err)
				c.closeInput()
				require.NoError(t, c.end())
				require.ElementsMatch(t, append(want, s.extra...), ids(c.rest()))
			}
		})
	}
}

// Each answer goes to its own request, also where mcp-go cannot tell the ids
// apart.
func TestStdioMatchesAnswersToLargeIDs(t *testing.T) {
	c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
	const first, second = "9007199254740992", "9007199254740993"
	for range 100 {
		c.send(call(first, "echo", "text", "first"), call(second, "echo", "text", "second"))
		got := map[string]string{}
		for range 2 {
			a := c.next()
			got[string(a.ID)] = a.text()
		}
		require.Equal(t, map[string]string{first: "first", second: "second"}, got)
	}
}

func TestStdioWaitsForARunningCall(t *testing.T) {
	f := newFixture(t)
	c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(call("1", "slow", "tag", "a"))
	receive(t, f.entered, "the call")
	c.closeInput()
	c.silent()
	require.Empty(t, c.ended)
	require.Empty(t, f.stopped)

	f.release <- struct{}{}
	require.NoError(t, c.end())
	answers := c.rest()
	require.Len(t, answers, 1)
	require.Equal(t, "released", answers[0].text())
}

func TestStdioAnswersAPanickingCall(t *testing.T) {
	c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(call("1", "panic", "", ""))
	c.closeInput()
	require.NoError(t, c.end())
	require.Equal(t, []string{"1"}, ids(c.rest()))
}

func TestStdioDrainTimeout(t *testing.T) {
	for _, tool := range []string{"slow", "deaf"} {
		for _, drain := range []time.Duration{0, 300 * time.Millisecond} {
			t.Run(fmt.Sprint(tool, " ", drain), func(t *testing.T) {
				f := newFixture(t)
				c := start(t, f.MCPServer, server.StdioOptions{Drain: drain})
				c.send(call("1", tool, "tag", "a"), call("2", tool, "tag", "b"))
				receive(t, f.entered, "a call")
				receive(t, f.entered, "a call")
				before := time.Now()
				c.closeInput()
				require.ErrorContains(t, c.end(), "2 requests unanswered")
				require.GreaterOrEqual(t, time.Since(before), drain)
				require.Less(t, time.Since(before), drain+atOnce)
			})
		}
	}
}

func TestStdioDoesNotWaitForASubscription(t *testing.T) {
	c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
	c.send(`{"jsonrpc":"2.0","id":"sub","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	require.Equal(t, "notifications/subscriptions/acknowledged", c.next().Method)
	before := time.Now()
	c.closeInput()
	require.NoError(t, c.end())
	require.Less(t, time.Since(before), atOnce)
	require.Equal(t, []string{`"sub"`}, ids(c.rest()), "the subscription is closed in form")
}

func TestStdioReportsAFailedRead(t *testing.T) {
	errNetwork := errors.New("network gone")
	var out bytes.Buffer
	in := io.MultiReader(strings.NewReader(call("1", "echo", "text", "hello")+"\n"), iotest.ErrReader(errNetwork))
	err := server.ServeStdio(t.Context(), newFixture(t).MCPServer, in, &out, server.StdioOptions{Drain: maxWait})
	require.ErrorIs(t, err, errNetwork)
	require.Equal(t, "hello", decode(t, out.String()).text())
}

func TestStdioLeavesNoGoroutine(t *testing.T) {
	f := newFixture(t)
	before := runtime.NumGoroutine()
	for range 5 {
		var in, out bytes.Buffer
		for n := range 50 {
			fmt.Fprintln(&in, call(fmt.Sprint(n), "echo", "text", "hello"))
		}
		require.NoError(t, server.ServeStdio(t.Context(), f.MCPServer, &in, &out, server.StdioOptions{Drain: maxWait}))
		require.Equal(t, 50, bytes.Count(out.Bytes(), []byte("hello")))
	}
	for deadline := time.Now().Add(maxWait); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d goroutines, %d before", runtime.NumGoroutine(), before)
	}
}

func TestStdioEchoesHugeLines(t *testing.T) {
	for id, size := range map[string]int{"1": 20 << 20, "12345678901234567890": 1 << 20} {
		t.Run(fmt.Sprintf("%d bytes with id %s", size, id), func(t *testing.T) {
			c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
			huge := strings.Repeat("0123456789abcdef", size/16)
			c.send(strings.Replace(call(id, "echo", "text", "HUGE"), "HUGE", huge, 1), call("2", "echo", "text", "small"))
			c.closeInput()
			var small, large string
			for range 2 {
				if line := receive(t, c.lines, "an answer"); len(line) < size {
					small = line
				} else {
					large = line
				}
			}
			require.Equal(t, "small", decode(t, small).text())
			// Not by decoding, nor with a diff: these take long.
			require.True(t, strings.HasPrefix(large, `{"jsonrpc":"2.0","id":`+id+`,"result"`), "%.100s", large)
			if !strings.Contains(large, `"text":"`+huge+`"}`) {
				t.Fatalf("%d bytes came back", len(large))
			}
			require.NoError(t, c.end())
		})
	}
}
