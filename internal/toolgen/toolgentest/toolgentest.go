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

// Catalog makes the catalog of a document, trusted as a file is, whose paths are
// given in YAML.
func Catalog(t testing.TB, paths string) *tools.Catalog {
	t.Helper()
	c, problems := catalogOf(t, openapi.Source{Data: []byte("openapi: 3.1.0\ninfo: {title: Test, version: '1'}\npaths:\n" + paths), Trusted: true})
	require.Empty(t, problems)
	return c
}

// Real makes the catalog of one of referencedata.Documents.
func Real(t testing.TB, document string) *tools.Catalog {
	t.Helper()
	c, _ := catalogOf(t, openapi.Source{Data: referencedata.Read(t, document)})
	return c
}

// FromText makes the catalog of a document.
func FromText(t testing.TB, text []byte) *tools.Catalog {
	t.Helper()
	c, _ := catalogOf(t, openapi.Source{Data: text})
	return c
}

// Embedded makes the catalog of the embedded document.
func Embedded(t testing.TB) *tools.Catalog {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "retool.openapi.yaml"))
	require.NoError(t, err)
	c, problems := catalogOf(t, openapi.Source{Data: text, Trusted: true})
	require.Empty(t, problems)
	return c
}

func catalogOf(t testing.TB, source openapi.Source) (*tools.Catalog, []openapi.Problem) {
	t.Helper()
	doc, err := openapi.Read(source)
	require.NoError(t, err)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	return c, doc.Problems
}

// Parameters of a paged list, for ListOf.
const (
	LimitParameter  = `{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}`
	CursorParameter = `{name: next_token, in: query, schema: {type: string}}`
)

// ListOf returns the path of a list operation with these parameters, whose answer
// has these fields beside the data.
func ListOf(parameters, fields string) string {
	return `
  /things:
    get:
      parameters: [` + parameters + `]
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {}}, ` + fields + `}}}}}}`
}

// Bind binds arguments to the catalog's only tool.
func Bind(t testing.TB, c *tools.Catalog, arguments string) (*tools.Call, error) {
	t.Helper()
	require.Len(t, c.Tools, 1)
	b, err := tools.NewBinder(&c.Tools[0])
	require.NoError(t, err)
	return b.Bind([]byte(arguments))
}

// MustBind is Bind for arguments that fit.
func MustBind(t testing.TB, c *tools.Catalog, arguments string) *tools.Call {
	t.Helper()
	call, err := Bind(t, c, arguments)
	require.NoError(t, err)
	return call
}
