package e2e_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
)

// addedOperation is what docs/adding-an-operation.md asks for, no more.
const addedOperation = `paths:
  /groups/{groupId}/xyzzies:
    get:
      operationId: list_group_xyzzies
      summary: List group xyzzies
      description: List the xyzzies of a group, which Retool does not have.
      x-scope: groups:read
      x-plan: Enterprise
      parameters:
      - {name: groupId, in: path, required: true, schema: {type: number}}
      - {name: color, in: query, schema: {type: string, enum: [red, green]}}
      responses:
        '200':
          description: The xyzzies.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {type: object, properties: {id: {type: string}, name: {type: string}}}}
`

// TestAddedOperationNeedsOneCommand adds an operation to a copy of the embedded
// document, runs the generator, compiles what it writes, and checks that
// every client accepts the whole catalog.
func TestAddedOperationNeedsOneCommand(t *testing.T) {
	t.Parallel()
	root, dir := referencedata.Root(t), t.TempDir()
	command := func(args ...string) {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	text, err := os.ReadFile(filepath.Join(root, "schemas", "retool.openapi.yaml"))
	require.NoError(t, err)
	before, after, ok := strings.Cut(string(text), "paths:\n")
	require.True(t, ok)
	for _, folder := range []string{"schemas", filepath.Join("tools", "embedded")} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o750))
	}
	document := []byte(before + addedOperation + after)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "schemas", "retool.openapi.yaml"), document, 0o600))
	command("run", "./internal/generate", dir)

	replaced := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, relErr := filepath.Rel(dir, path)
			replaced[filepath.Join(root, name)], err = path, relErr
		}
		return err
	}))
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))
	command("build", "-overlay", overlayFile, "./tools/embedded", "./schemas")

	doc, err := openapi.Read(openapi.Source{Data: document})
	require.NoError(t, err)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	list := decodeJSON(t, server.List(c)).(object)["tools"].([]any)
	require.Len(t, list, operationsEmbedded+1)
	added := false
	for _, tool := range list {
		tool := tool.(object)
		requireAccepted(t, tool["name"].(string), tool)
		added = added || tool["name"] == "list_group_xyzzies"
	}
	require.True(t, added)
	require.Equal(t, "groups", c.Find("list_group_xyzzies").Toolset)
}
