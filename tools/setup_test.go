package tools_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

var (
	catalogOf   = toolgentest.Catalog
	realCatalog = toolgentest.Real
)

const (
	limitParameter = `{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}`
	tokenParameter = `{name: next_token, in: query, schema: {type: string}}`
)

// listOf is the path of a list operation with these parameters, whose answer has
// these fields beside the data.
func listOf(parameters, fields string) string {
	return `
  /things:
    get:
      parameters: [` + parameters + `]
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {}}, ` + fields + `}}}}}}`
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
