package catalogdiff_test

import "github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"

var (
	catalogOf   = toolgentest.Catalog
	realCatalog = toolgentest.Real
)
