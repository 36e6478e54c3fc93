package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// Messages of very many keys, wherever they stand, and long batches take time in
// proportion to their length: eight times as much is read in about eight times as long.
func TestLargeMessagesTakeLinearTime(t *testing.T) {
	keys := func(n int) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, `"key%d":%[1]d,`, i)
		}
		return out.String() + `"k":0`
	}
	messages := map[string]func(n int) string{
		"params": func(n int) string { return `{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + keys(n) + `}}` },
		"_meta": func(n int) string {
			return `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{` + keys(n) + `}}}`
		},
		"_meta of a call": func(n int) string {
			return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"take","arguments":{},"_meta":{` + keys(n) + `}}}`
		},
		"arguments": func(n int) string {
			return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"take","arguments":{` + keys(n) + `}}}`
		},
		"params of a call": func(n int) string {
			return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{` + keys(n) + `,"name":"take"}}`
		},
		"beside the method": func(n int) string { return `{"jsonrpc":"2.0","id":1,` + keys(n) + `,"method":"ping"}` },
		"initialize": func(n int) string {
			return `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","clientInfo":{"name":"x","version":"1"},"capabilities":{"experimental":{` + keys(n) + `}}}}`
		},
		"a notification": func(n int) string {
			return `{"jsonrpc":"2.0","method":"notifications/initialized","params":{` + keys(n) + `}}`
		},
		"a result": func(n int) string { return `{"jsonrpc":"2.0","id":1,"result":{` + keys(n) + `}}` },
		"a cancellation": func(n int) string {
			return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{` + keys(n) + `}}`
		},
		"a batch": func(n int) string {
			return `[` + strings.Repeat(`{"jsonrpc":"2.0","id":1,"method":"ping"},`, n) + `{}]`
		},
		"a batch without end": func(n int) string { return strings.Repeat(`[{"a":`, n) },
		"no JSON":             func(n int) string { return `{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + keys(n) },
	}
	m := mcpserver.NewMCPServer("large", "1")
	m.Use(server.ToolMiddleware)
	m.AddTool(mcp.NewTool("take"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("taken"), nil
	})
	s := serveHTTP(t, server.Transports(m, way{}.options()))
	for name, message := range messages {
		for way, send := range map[string]func(text string){
			"stdio": func(text string) {
				require.NoError(t, server.ServeStdio(t.Context(), m, strings.NewReader(text), io.Discard, server.StdioOptions{Drain: maxWait, Logger: slog.New(slog.DiscardHandler)}))
			},
			"HTTP": func(text string) { s.exchange(t, http.MethodPost, "/mcp", text) },
		} {
			took := func(n int) time.Duration {
				text := message(n)
				start := time.Now()
				send(text)
				return max(time.Since(start), 3*time.Millisecond)
			}
			const n, attempts = 1_000, 5
			for i := range attempts {
				small := min(took(n), took(n))
				if large := took(8 * n); large < 32*small {
					break
				} else if i == attempts-1 {
					require.Fail(t, "not linear", "%s over %s: %v, then %v", name, way, small, large)
				}
			}
		}
	}
}
