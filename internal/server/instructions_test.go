package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// greeted is what a client is told of a catalog.
func greeted(t *testing.T, c *tools.Catalog, s server.InstructionOptions) string {
	t.Helper()
	service := server.NewService(c, nil, server.ServiceOptions{Version: "1", Instructions: s, Log: discard})
	conn, err := mcpclient.NewInProcessClient(service.MCP())
	require.NoError(t, err)
	require.NoError(t, conn.Start(t.Context()))
	init, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_LEGACY_PROTOCOL_VERSION}})
	require.NoError(t, err)
	require.Equal(t, server.Name, init.ServerInfo.Name)
	require.False(t, init.Capabilities.Tools.ListChanged, "the list never changes")
	return init.Instructions
}

var toolName = regexp.MustCompile(`[a-z]+(?:_[a-z0-9]+)+`)

// requireServed checks that instructions name no tool but those of the catalog.
func requireServed(t *testing.T, text string, all, served *tools.Catalog) {
	t.Helper()
	for _, name := range toolName.FindAllString(text, -1) {
		if all.Find(name) != nil {
			require.NotNil(t, served.Find(name), "%s is not served", name)
		}
	}
}

// Whatever is served, the instructions are a few lines that clients do not cut,
// and name nothing that is not there.
func TestInstructionsNameServedToolsOnly(t *testing.T) {
	all := local.With(embedded.Catalog(), localTools...)
	for _, switches := range []server.InstructionOptions{{}, {MaxResultTokens: 20000}, {MaxResultTokens: 20000, RevealSecrets: true, SecretReferences: true, SavesSecrets: true}} {
		for _, toolset := range append([]string{tools.ToolsetAll, tools.ToolsetCore}, all.Toolsets()...) {
			reached, err := all.Select(tools.Selection{Toolsets: []string{toolset}})
			require.NoError(t, err)
			served := reached.Listed()
			text := greeted(t, reached, switches)
			lines := strings.Count(text, "\n") + 1
			require.GreaterOrEqual(t, lines, 5, "%s:\n%s", toolset, text)
			require.LessOrEqual(t, lines, 12, "%s:\n%s", toolset, text)
			require.Less(t, len(text), 2048, "%s: clients cut there", toolset)
			require.Contains(t, text, fmt.Sprintf("%s, %d tools", served.Version, len(served.Tools)))
			requireServed(t, text, all, served)
		}
	}
}

// When a script is better than single calls stands at the beginning; where only scripts
// call operations, how many they reach.
func TestInstructionsAboutScripts(t *testing.T) {
	all := local.With(embedded.Catalog(), localTools...)
	for _, x := range []struct {
		s    tools.Selection
		says string
	}{
		{tools.Selection{}, "For more than three calls, joins, counts or bulk changes, run one script: query_script, run_script."},
		{tools.Selection{Toolsets: []string{"core"}}, "run one script: query_script, run_script."},
		{tools.Selection{ReadOnly: true}, "run one script: query_script."},
		{tools.Selection{Toolsets: []string{"scripts"}}, fmt.Sprintf("Each function in scripts (query_script, run_script) is one operation of a Retool organization's API, %d in all. describe_tools shows them. search_tools finds them.", len(all.Tools)-len(localTools))},
	} {
		c, err := all.Select(x.s)
		require.NoError(t, err)
		require.Contains(t, greeted(t, c, server.InstructionOptions{})[:500], x.says)
	}
	users, err := all.Select(tools.Selection{Toolsets: []string{"users"}})
	require.NoError(t, err)
	require.NotContains(t, greeted(t, users, server.InstructionOptions{}), "_script")
}

func TestInstructionsReflectSettings(t *testing.T) {
	c := embedded.Catalog()
	plain := greeted(t, c, server.InstructionOptions{})
	require.Contains(t, plain, `list_users {"fields":["id","email"],"all_pages":true}`)
	require.Contains(t, plain, "JSON Patch")
	require.Contains(t, plain, "delete_space, delete_sso_config, invalidate_organization_sessions")
	require.NotContains(t, plain, "${env:")
	require.NotContains(t, plain, "tokens,")
	require.NotContains(t, plain, "create_access_token")
	set := greeted(t, c, server.InstructionOptions{MaxResultTokens: 5000, RevealSecrets: true, SecretReferences: true, SavesSecrets: true})
	require.Contains(t, set, "about 5000 tokens")
	require.Contains(t, set, "Secrets are shown")
	require.Contains(t, set, "${env:NAME}")
	require.Contains(t, set, "create_access_token saves its secret to a file")
	one := greeted(t, &tools.Catalog{API: "A", Version: "1", Tools: []tools.Tool{*c.Find("get_user")}}, server.InstructionOptions{})
	require.NotContains(t, one, "CSV")
	require.NotContains(t, one, "all_pages")
	require.NotContains(t, one, "JSON Patch")
	require.Contains(t, one, "delete nothing")
}

// A caller with fewer rights is not told of tools that are refused to him.
func TestInstructionsFollowTheCallersRights(t *testing.T) {
	all := embedded.Catalog()
	s := serveHTTP(t, newService(all, ran).HTTP(way{}.options()))
	for _, x := range []struct {
		headers []string
		may     func(tools.Tool) bool
	}{
		{headersOf("", "", true), func(t tools.Tool) bool { return t.Hints.ReadOnly }},
		{headersOf("apps,groups", "", false), func(t tools.Tool) bool { return t.Toolset == "apps" || t.Toolset == "groups" }},
	} {
		may := &tools.Catalog{}
		for _, tool := range all.Tools {
			if x.may(tool) {
				may.Tools = append(may.Tools, tool)
			}
		}
		headers := map[string]string{}
		for i := 0; i < len(x.headers); i += 2 {
			headers[http.CanonicalHeaderKey(x.headers[i])] = x.headers[i+1]
		}
		conn, err := mcpclient.NewStreamableHttpClient(s.URL+"/mcp", transport.WithHTTPHeaders(headers))
		require.NoError(t, err)
		require.NoError(t, conn.Start(t.Context()))
		init, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_LEGACY_PROTOCOL_VERSION}})
		require.NoError(t, err)
		require.Contains(t, init.Instructions, fmt.Sprintf("%d tools", len(may.Tools)))
		requireServed(t, init.Instructions, all, may)
		require.NoError(t, conn.Close())
	}
}
