package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// Each line gets the one answer of its scenario or none, and the end of input
// is not kept waiting in either case.
func TestStdioAnswersMalformedLines(t *testing.T) {
	const parse, invalid = -32700, -32600
	deep := strings.Repeat(`[`, 10_001) + strings.Repeat(`]`, 10_001)
	scenarios := []struct {
		name, line string
		id         string // of the answer; empty if there is none
		code       int    // 0 for a result
	}{
		{"no JSON", `hello`, `null`, parse},
		{"half an object", `{"jsonrpc":"2.0","id":1,"method":"ping"`, `null`, parse},
		{"two objects", request("1", "ping") + request("2", "ping"), `null`, parse},
		{"object and text", request("1", "ping") + " x", `null`, parse},
		{"too deep", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":` + deep + `}}`, `null`, parse},
		{"deep", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":` + deep[3:len(deep)-3] + `}}`, `1`, 0},
		{"batch", `[` + request("1", "ping") + `]`, `null`, invalid},
		{"empty batch", `[]`, `null`, invalid},
		{"batch without end", `[` + request("1", "ping"), `null`, invalid},
		{"string", `"ping"`, `null`, invalid},
		{"null", `null`, `null`, invalid},
		{"no version", `{"id":1,"method":"ping"}`, `1`, invalid},
		{"version 1.0", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, `1`, invalid},
		{"version as a number", `{"jsonrpc":2.0,"id":1,"method":"ping"}`, `1`, invalid},
		{"notification without version", `{"method":"notifications/initialized"}`, `null`, invalid},
		{"empty object", `{}`, `null`, invalid},
		{"id only", `{"jsonrpc":"2.0","id":12345678901234567890}`, `12345678901234567890`, invalid},
		{"method is a number", `{"jsonrpc":"2.0","id":"a","method":1}`, `"a"`, invalid},
		{"method is null", `{"jsonrpc":"2.0","id":"a","method":null}`, `"a"`, invalid},
		{"id is null", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, `null`, invalid},
		{"id is an object", `{"jsonrpc":"2.0","id":{},"method":"ping"}`, `null`, invalid},
		{"id is true", `{"jsonrpc":"2.0","id":true,"method":"ping"}`, `null`, invalid},
		{"request and result", `{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`, `1`, invalid},
		{"request and error", `{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}}`, `1`, invalid},
		{"params are an array", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, `1`, invalid},
		{"unknown method", request("1", "no/such"), `1`, -32601},
		{"empty method", request("1", ""), `1`, -32601},
		{"id out of range", request("1e999", "ping"), `1e999`, 0},
		{"id is an empty string", request(`""`, "ping"), `""`, 0},
		{"id is zero", request("0", "ping"), `0`, 0},
		{"id that looks like an alias", request(`"alias-1"`, "ping"), `"alias-1"`, 0},
		{"upper case", `{"JSONRPC":"2.0","ID":1,"METHOD":"ping"}`, `1`, 0},
		{"repeated id", `{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}`, `null`, invalid},
		{"repeated argument", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":1,"x":2}}`, `1`, 0},
		{"members in another order", `{"params":{},"method":"ping", "id" : 1 , "jsonrpc":"2.0"}`, `1`, 0},
		{"escaped method", `{"jsonrpc":"2.0","id":1,"method":"tools\/list"}`, `1`, 0},
		{"invalid UTF-8", `{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"ping"}`, `"` + "\xff" + `"`, 0},
		{"notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, ``, 0},
		{"unknown notification", `{"jsonrpc":"2.0","method":"no/such"}`, ``, 0},
		{"result", `{"jsonrpc":"2.0","id":1,"result":{}}`, ``, 0},
		{"null result", `{"jsonrpc":"2.0","id":1,"result":null}`, ``, 0},
		{"error", `{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}`, ``, 0},
		{"error without id", `{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}`, ``, 0},
		{"error without version", `{"id":1,"error":{"code":-1,"message":"no"}}`, `null`, invalid},
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			c := start(t, newFixture(t).MCPServer, server.StdioOptions{Drain: maxWait})
			c.send(s.line)
			c.closeInput()
			require.NoError(t, c.end())
			if s.id == "" {
				require.Empty(t, c.rest())
				return
			}
			line := receive(t, c.lines, "the answer")
			require.True(t, strings.HasPrefix(line, `{"jsonrpc":"2.0","id":`+s.id+`,`), line)
			require.Equal(t, s.code, decode(t, line).Error.Code, line)
			require.Empty(t, c.rest())
		})
	}
}

func TestStdioLogsNoContent(t *testing.T) {
	var log bytes.Buffer
	in := strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"secret":"secret",}}}`)
	var out bytes.Buffer
	require.NoError(t, server.ServeStdio(t.Context(), newFixture(t).MCPServer, in, &out, server.StdioOptions{
		Drain: maxWait, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}))
	require.Equal(t, -32700, decode(t, out.String()).Error.Code)
	require.Contains(t, log.String(), "refused a line of input")
	require.NotContains(t, log.String(), "secret")
}

// The answers of a client to elicitations have ids that may be equal to those
// of its own requests.
func TestStdioResponsesOfTheClient(t *testing.T) {
	open := func(t *testing.T) (*fixture, *client, string) {
		f := newFixture(t)
		c := start(t, f.MCPServer, server.StdioOptions{Drain: maxWait})
		c.send(initialize(`"init"`))
		require.Equal(t, `"init"`, string(c.next().ID))
		c.send(call(`"ask"`, "ask", "", ""))
		elicitation := c.next()
		require.Equal(t, "elicitation/create", elicitation.Method)
		return f, c, string(elicitation.ID)
	}
	respond := func(id, outcome string) string { return `{"jsonrpc":"2.0","id":` + id + `,` + outcome + `}` }

	t.Run("a result", func(t *testing.T) {
		_, c, id := open(t)
		c.send(respond(id, `"result":{"action":"accept","content":{}}`))
		require.Equal(t, "accept", c.next().text())
	})
	t.Run("an error", func(t *testing.T) {
		_, c, id := open(t)
		c.send(respond(id, `"error":{"code":-1,"message":"cannot ask"}`))
		require.Contains(t, c.next().text(), "cannot ask")
	})
	t.Run("an elicitation and a request with one id", func(t *testing.T) {
		_, c, id := open(t)
		c.send(call(id, "echo", "text", "mine"))
		require.Equal(t, "mine", c.next().text())
		c.send(respond(id, `"result":{"action":"decline"}`))
		require.Equal(t, "decline", c.next().text())
	})
	t.Run("too late", func(t *testing.T) {
		f, c, id := open(t)
		c.send(canceled(`"ask"`), call(id, "slow", "tag", "mine"))
		receive(t, f.entered, "the call")
		c.send(respond(id, `"error":{"code":-1,"message":"cannot ask"}`), respond(id, `"result":null`), respond(id, `"result":{}`))
		c.silent()
		f.release <- struct{}{}
		require.Equal(t, "released", c.next().text())
	})
}
