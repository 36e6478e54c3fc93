package server_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/server"
)

// Proxies end connections that are silent for a minute, so every stream that
// waits gives signs of life, whatever kind it is of.
func TestStreamsSendKeepAlives(t *testing.T) {
	modern := []string{"Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION, "Mcp-Method", "subscriptions/listen"}
	listen := `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernMeta + `}}`
	steps := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tell and wait","_meta":{"progressToken":"t"}}}`
	for name, stream := range map[string]struct {
		method, path, body string
		pairs              []string
		stateful           bool
	}{
		"a subscription":        {http.MethodPost, "/mcp", listen, modern, false},
		"that of a session":     {http.MethodGet, "/mcp", "", nil, true},
		"one of the older kind": {http.MethodGet, "/sse", "", nil, false},
		"a call that reported":  {http.MethodPost, "/mcp", steps, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.Use(server.ToolMiddleware)
			f.AddTool(mcp.NewTool("tell and wait"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				defer func() { <-f.release }()
				progress.Report(ctx, 1, 0, "")
				return mcp.NewToolResultText("done"), nil
			})
			o := way{stateful: stream.stateful}.options()
			o.KeepAlive = 20 * time.Millisecond
			s := serveHTTP(t, server.Transports(f.MCPServer, o))
			if stream.stateful {
				stream.pairs = []string{"Mcp-Session-Id", s.session(t)}
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp, err := s.send(ctx, stream.method, stream.path, stream.body, stream.pairs...)
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
			lines := bufio.NewScanner(resp.Body)
			for signs := 0; signs < 5; {
				require.True(t, lines.Scan(), "the stream goes on")
				if strings.HasPrefix(lines.Text(), ":") || strings.Contains(lines.Text(), `"ping"`) {
					signs++
				}
			}
			if stream.body == steps {
				f.release <- struct{}{}
				rest, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Contains(t, string(rest), `"done"`)
				require.True(t, strings.HasSuffix(string(rest), "\n\n"))
			}
		})
	}
}
