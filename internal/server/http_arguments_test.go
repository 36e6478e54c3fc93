package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// The library decodes only small arguments; a tool gets all of them as the client
// wrote them, on every transport.
func TestLargeArgumentsAreNotDecoded(t *testing.T) {
	type got struct {
		raw     string
		decoded any
		meta    *mcp.Meta
	}
	m := mcpserver.NewMCPServer("large", "1")
	m.Use(server.ToolMiddleware)
	calls := make(chan got, 1)
	m.AddTool(mcp.NewTool("take"), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		calls <- got{string(r.Params.RawArguments), r.Params.Arguments, r.Params.Meta}
		return mcp.NewToolResultText("taken"), nil
	})
	s := serveHTTP(t, server.Transports(m, way{}.options()))
	e := s.open(t)
	send := map[string]func(body string){
		"streamable": func(body string) {
			status, _, text := s.exchange(t, http.MethodPost, "/mcp", body)
			require.Equal(t, http.StatusOK, status, text)
		},
		"server-sent events": func(body string) { e.tell(t, s, body); receive(t, e.events, "the answer") },
	}
	large := `{"a" : [ ` + strings.Repeat("1.50,", 5000) + `1e2 ], "b":"\u0041"}`
	for way, send := range send {
		for name, test := range map[string]struct{ params, raw string }{
			"large":           {`{"name":"take","arguments":` + large + `,"_meta":{"progressToken":7}}`, large},
			"before the name": {`{"_meta":{"progressToken":7},"arguments":` + large + `,"name":"take"}`, large},
			"twice":           {`{"arguments":{"x":1},"name":"take","arguments":` + large + `,"_meta":{"progressToken":7}}`, large},
			"in other case":   {`{"Arguments":` + large + `,"na\u006de":"take","_meta":{"progressToken":7}}`, large},
			"a list":          {`{"name":"take","_meta":{"progressToken":7},"arguments":[` + strings.Repeat("0,", 5000) + `0]}`, "[" + strings.Repeat("0,", 5000) + "0]"},
		} {
			send(`{"jsonrpc":"2.0","id":"a","method":"tools\/call","params":` + test.params + `}`)
			call := receive(t, calls, "the call")
			require.Equal(t, test.raw, call.raw, "%s, %s", way, name)
			require.Nil(t, call.decoded, "%s, %s", way, name)
			require.NotNil(t, call.meta, "%s, %s", way, name)
		}
	}
	send["streamable"](call("1", "take", "text", "hello"))
	require.Equal(t, map[string]any{"text": "hello"}, receive(t, calls, "the call").decoded)
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"notifications/initialized","params":{"a":[` + strings.Repeat("0,", 3000) + `0]}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":"` + strings.Repeat("a", 100_000) + `"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"take","_meta":{"a":[` + strings.Repeat("0,", 3000) + `0]},"arguments":` + large + `}}`,
	} {
		for _, path := range []string{"/mcp", e.messages} {
			status, _, text := s.exchange(t, http.MethodPost, path, body)
			require.Equal(t, http.StatusRequestEntityTooLarge, status, text)
			require.Contains(t, text, "besides the arguments")
		}
	}
	require.Empty(t, calls)
}
