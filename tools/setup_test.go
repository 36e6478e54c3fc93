package tools_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/tools"
)

// catalogOf makes the catalog of a document whose paths are given in YAML.
func catalogOf(t testing.TB, paths string) *tools.Catalog {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: []byte("openapi: 3.1.0\ninfo: {title: Test, version: '1'}\npaths:\n" + paths)})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	c, err := tools.New(doc, tools.Options{})
	require.NoError(t, err)
	return c
}

// realCatalog makes the catalog of one of the real documents.
func realCatalog(t testing.TB, document string) *tools.Catalog {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: referencedata.Read(t, document)})
	require.NoError(t, err)
	c, err := tools.New(doc, tools.Options{})
	require.NoError(t, err)
	return c
}

// bind calls the catalog's only tool.
func bind(t testing.TB, c *tools.Catalog, arguments string) (*tools.Call, error) {
	t.Helper()
	require.Len(t, c.Tools, 1)
	b, err := tools.NewBinder(&c.Tools[0])
	require.NoError(t, err)
	return b.Bind([]byte(arguments))
}

func mustBind(t testing.TB, c *tools.Catalog, arguments string) *tools.Call {
	t.Helper()
	call, err := bind(t, c, arguments)
	require.NoError(t, err)
	return call
}
