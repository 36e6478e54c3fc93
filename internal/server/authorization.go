package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// unauthorized is the authorization filter: it reports whether a caller may not
// list or call a tool, and why. A nil tool is for mcp-go to refuse.
func unauthorized(c caller.Caller, t *tools.Tool) (reason string, is bool) {
	switch {
	case t == nil:
		return "", false
	case isReadOnly(c) && !t.Hints.ReadOnly:
		return fmt.Sprintf("Not sent: %s changes data, and this connection is read-only.", t.Name), true
	case c.WriteToolsets != nil && !t.Hints.ReadOnly && !contains(c.WriteToolsets, t):
		return fmt.Sprintf("Not sent: %s changes data, and this connection may write only in %s.", t.Name, join(c.WriteToolsets)), true
	case c.Toolsets != nil && !contains(c.Toolsets, t):
		return fmt.Sprintf("Not sent: %s belongs to the toolset %s, and this connection has %s.", t.Name, t.Toolset, join(c.Toolsets)), true
	default:
		return "", false
	}
}

// isReadOnly reports whether a caller may not write at all.
func isReadOnly(c caller.Caller) bool {
	return c.ReadOnly || c.WriteToolsets != nil && len(c.WriteToolsets) == 0
}

func contains(toolsets []string, t *tools.Tool) bool {
	return slices.Contains(toolsets, t.Toolset) || t.Core && slices.Contains(toolsets, tools.ToolsetCore) || slices.Contains(toolsets, tools.ToolsetAll)
}

func join(toolsets []string) string {
	if len(toolsets) == 0 {
		return "none"
	}
	return strings.Join(toolsets, ", ")
}
