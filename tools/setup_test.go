package tools_test

import "github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"

var (
	catalogOf   = toolgentest.Catalog
	realCatalog = toolgentest.Real
	listOf      = toolgentest.ListOf
	bind        = toolgentest.Bind
	mustBind    = toolgentest.MustBind
)

const (
	limitParameter = toolgentest.LimitParameter
	tokenParameter = toolgentest.CursorParameter
)
