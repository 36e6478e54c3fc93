package server_test

import (
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// The results that stdio encodes itself are those that mcp-go would have written.
func TestStdioResultsEqualMCPGos(t *testing.T) {
	text := mcp.NewToolResultText("<b> \u2028 \"quoted\" \xff 漢 🙂")
	failed := mcp.NewToolResultError("no")
	modern := mcp.NewToolResultText("modern")
	modern.ResultType = "complete"
	modern.Meta = mcp.NewMetaFromMap(map[string]any{"io.modelcontextprotocol/serverInfo": map[string]any{"name": "x"}})
	asking := mcp.NewToolResultText("asking")
	asking.RequestState = "state"
	two := mcp.NewToolResultText("one")
	two.Content = append(two.Content, mcp.NewTextContent("two"))
	structured := mcp.NewToolResultStructured(map[string]any{"a": 1}, "text")
	annotated := &mcp.CallToolResult{Content: []mcp.Content{mcp.TextContent{Type: "text", Text: "x", Annotated: mcp.Annotated{Annotations: &mcp.Annotations{Priority: new(1.0)}}}}}
	image := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewImageContent("AA==", "image/png")}}
	for name, result := range map[string]any{
		"text": text, "error": failed, "modern": modern, "asking": asking, "two texts": two, "structured": structured,
		"annotated": annotated, "image": image, "empty": &mcp.CallToolResult{}, "another": &mcp.ListToolsResult{},
	} {
		want, err := json.Marshal(result)
		require.NoError(t, err)
		got, err := server.MarshalResult(result)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got), name)
	}
}
