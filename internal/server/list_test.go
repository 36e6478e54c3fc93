package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

func catalog(t testing.TB, document string) *tools.Catalog {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: referencedata.Read(t, document)})
	require.NoError(t, err)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	return c
}

// runFunc is a Runner in one function.
type runFunc func(ctx context.Context, name string, arguments []byte) (result.Result, error)

func (f runFunc) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	return f(ctx, name, arguments)
}

// newMCP returns the mcp-go server of a catalog.
func newMCP(c *tools.Catalog, run server.ToolCaller, log *slog.Logger) *mcpserver.MCPServer {
	return server.NewService(c, run, server.ServiceOptions{Version: "1.2.3", Log: log}).MCP()
}

// connect returns a client of a server that runs its tools by run.
func connect(t testing.TB, c *tools.Catalog, run runFunc) *mcpclient.Client {
	t.Helper()
	conn, err := mcpclient.NewInProcessClient(newMCP(c, run, discard))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.Start(t.Context()))
	_, err = conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: mcp.LATEST_LEGACY_PROTOCOL_VERSION, ClientInfo: mcp.Implementation{Name: "test", Version: "1"},
	}})
	require.NoError(t, err)
	return conn
}

// The list that we write must be the one that the library would have written.
func TestListEqualsMCPGos(t *testing.T) {
	for _, document := range referencedata.Documents {
		c := catalog(t, document)
		s := newMCP(c, nil, discard)
		answer := s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
		want, err := json.Marshal(answer.(mcp.JSONRPCResponse).Result)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(server.List(c)))
		require.True(t, json.Valid(server.List(c)))

		listed, err := connect(t, c, nil).ListTools(t.Context(), mcp.ListToolsRequest{})
		require.NoError(t, err)
		require.Len(t, listed.Tools, len(c.Tools))
		for i, tool := range listed.Tools {
			require.Equal(t, c.Tools[i].Name, tool.Name, "in the catalog's order")
		}
	}
}

// mcp-go reads every schema when tools are registered, and copies it whenever they
// are listed. Once it does not, emptySchema and List can go.
func TestMCPGoCopiesSchemas(t *testing.T) {
	schema := json.RawMessage(`{"type":"object","description":"` + strings.Repeat("text ", 1<<12) + `"}`)
	register := func() *mcpserver.MCPServer {
		s := mcpserver.NewMCPServer("bare", "1")
		s.AddTools(mcpserver.ServerTool{Tool: mcp.Tool{Name: "tool", RawInputSchema: schema}})
		return s
	}
	listed := register()
	for name, f := range map[string]func(){
		"registered": func() { register() },
		"listed": func() {
			_, err := json.Marshal(listed.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
			require.NoError(t, err)
		},
	} {
		require.Greater(t, allocated(f), len(schema), name)
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) int {
	const runs = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc-before.TotalAlloc) / runs
}

func TestCalls(t *testing.T) {
	c := catalog(t, referencedata.Documents[0])
	conn := connect(t, c, func(_ context.Context, name string, arguments []byte) (result.Result, error) {
		switch name {
		case "list_users":
			return result.Result{Text: "<" + string(arguments) + ">"}, nil
		case "get_user":
			return result.Result{Text: "no", IsError: true}, nil
		case "list_groups":
			panic("a secret in a panic")
		default:
			return result.Result{}, errors.New("broken")
		}
	})
	call := func(name string, arguments any) (*mcp.CallToolResult, error) {
		r := mcp.CallToolRequest{}
		r.Params.Name, r.Params.Arguments = name, arguments
		return conn.CallTool(t.Context(), r)
	}
	text := func(r *mcp.CallToolResult) string {
		require.Len(t, r.Content, 1)
		require.Nil(t, r.StructuredContent, "one representation of a result")
		return r.Content[0].(mcp.TextContent).Text
	}

	answer, err := call("list_users", json.RawMessage(`{"limit":12345678901234567890}`))
	require.NoError(t, err)
	require.Equal(t, `<{"limit":12345678901234567890}>`, text(answer), "digits survive, HTML is not escaped")
	require.False(t, answer.IsError)

	answer, err = call("get_user", nil)
	require.NoError(t, err)
	require.True(t, answer.IsError)
	require.Equal(t, "no", text(answer))

	answer, err = call("list_groups", nil)
	require.NoError(t, err)
	require.True(t, answer.IsError)
	require.NotContains(t, text(answer), "secret")
	require.Contains(t, text(answer), "Internal error")

	_, err = call("list_apps", nil)
	require.Error(t, err, "what the developer broke is no result")
	_, err = call("no_such_tool", nil)
	require.Error(t, err)
}
