package toolgen

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// missing returns the known tools whose operation c lacks.
func missing(c, known *tools.Catalog) (unavailable []tools.Unavailable) {
	if known == nil {
		return nil
	}
	for _, t := range known.Tools {
		if byOperation(c, t.Method, t.Path) == nil {
			unavailable = append(unavailable, tools.Unavailable{
				Name: t.Name, Operation: t.Method + " " + t.Path, Since: t.Since, Broken: problemWith(c, t.Method, t.Path),
			})
		}
	}
	return unavailable
}

// problemWith returns why an operation of the document became no tool.
func problemWith(c *tools.Catalog, method, path string) string {
	for _, p := range c.Problems {
		m, at, _ := strings.Cut(p.Operation, " ")
		if p.Operation == path || tools.OperationKey(m, at) == tools.OperationKey(method, path) {
			return p.Reason
		}
	}
	return ""
}
