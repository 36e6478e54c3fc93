// Package toolgentest makes catalogs for tests, from a few lines of YAML or from
// Retool's own documents.
package toolgentest

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

// Catalog makes the catalog of a document whose paths are given in YAML.
func Catalog(t testing.TB, paths string) *tools.Catalog {
	t.Helper()
	c, problems := catalogOf(t, []byte("openapi: 3.1.0\ninfo: {title: Test, version: '1'}\npaths:\n"+paths))
	require.Empty(t, problems)
	return c
}

// Real makes the catalog of one of referencedata.Documents.
func Real(t testing.TB, document string) *tools.Catalog {
	t.Helper()
	c, _ := catalogOf(t, referencedata.Read(t, document))
	return c
}

// Embedded makes the catalog of the embedded document.
func Embedded(t testing.TB) *tools.Catalog {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "retool.openapi.yaml"))
	require.NoError(t, err)
	c, problems := catalogOf(t, text)
	require.Empty(t, problems)
	return c
}

func catalogOf(t testing.TB, text []byte) (*tools.Catalog, []openapi.Problem) {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: text})
	require.NoError(t, err)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	return c, doc.Problems
}
