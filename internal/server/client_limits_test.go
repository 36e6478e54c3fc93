package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func TestClientLimitsAreLogged(t *testing.T) {
	whole := embedded.Catalog()
	core, err := whole.WithToolsets([]string{tools.ToolsetCore})
	require.NoError(t, err)
	for _, x := range []struct {
		client  string
		catalog *tools.Catalog
		want    string
	}{
		{"cursor-vscode", whole, "supports=80"},
		{"Windsurf", whole, "supports=100"},
		{"Visual Studio Code", whole, "supports=128"},
		{"cursor-vscode", core, ""},
		{"claude-code", whole, ""},
	} {
		var log bytes.Buffer
		conn, err := mcpclient.NewInProcessClient(newMCP(x.catalog, nil, slog.New(slog.NewTextHandler(&log, nil))))
		require.NoError(t, err)
		require.NoError(t, conn.Start(t.Context()))
		for range 2 {
			_, err = conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
				ProtocolVersion: mcp.LATEST_LEGACY_PROTOCOL_VERSION, ClientInfo: mcp.Implementation{Name: x.client},
			}})
			require.NoError(t, err)
		}
		if x.want == "" {
			require.Empty(t, log.String(), x.client)
			continue
		}
		require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
		require.Contains(t, log.String(), x.want)
		require.Contains(t, log.String(), "serve fewer toolsets, such as core")
	}
}

// A tool that the instance lacks is not listed, and says why if it is called.
func TestUnavailableToolsExplainThemselves(t *testing.T) {
	c := &tools.Catalog{API: "A", Version: "2.0.0", Unavailable: []tools.Unavailable{{Name: "delete_workflow", Operation: "DELETE /workflows/{workflowId}", Since: "3.300"}}}
	conn := connect(t, c, nil)
	listed, err := conn.ListTools(t.Context(), mcp.ListToolsRequest{})
	require.NoError(t, err)
	require.Empty(t, listed.Tools)
	call := mcp.CallToolRequest{}
	call.Params.Name = "delete_workflow"
	answer, err := conn.CallTool(t.Context(), call)
	require.NoError(t, err)
	require.True(t, answer.IsError)
	require.Contains(t, answer.Content[0].(mcp.TextContent).Text, "Self-hosted Retool has it since release 3.300.")
}
