// Package embedded is the catalog of Retool's API that comes with the program:
// what package toolgen makes from schemas/retool.openapi.yaml, as Go source.
// "go generate ./..." writes it again.
package embedded

import "github.com/retool-mcp/retool-mcp/tools"

// Catalog returns the catalog. Its list of tools is the caller's own; what the
// tools hold is shared and must not be changed.
func Catalog() *tools.Catalog {
	c := catalog
	c.Tools = make([]tools.Tool, len(list))
	for i, t := range &list {
		c.Tools[i] = *t
	}
	return &c
}
