package toolgen_test

import "github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"

var (
	catalogOf   = toolgentest.Catalog
	realCatalog = toolgentest.Real
	listOf      = toolgentest.List
	mustBind    = toolgentest.MustBind
)

const (
	limitParameter = toolgentest.Limit
	tokenParameter = toolgentest.Token
)
