package perf_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// documentVariable names a document to measure with in place of the reference
// one: schemas/retool.openapi.yaml, say, which every checkout has.
const documentVariable = "RETOOL_MCP_PERF_SPEC"

// document is the path of the document that everything is measured with.
func document(t testing.TB) string {
	t.Helper()
	path := os.Getenv(documentVariable)
	if path == "" {
		return referencedata.Path(t, "openapi-2.12.0.json")
	}
	if !filepath.IsAbs(path) { // a test runs in its package's folder
		path = filepath.Join(referencedata.Root(t), path)
	}
	return path
}

func source(t testing.TB) openapi.Source {
	t.Helper()
	data, err := os.ReadFile(document(t))
	require.NoError(t, err)
	return openapi.Source{Data: data}
}

func catalog(t testing.TB) *tools.Catalog {
	t.Helper()
	doc, err := openapi.Read(source(t))
	require.NoError(t, err)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	return c
}
