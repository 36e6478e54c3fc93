package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// refused says why a caller may not use a tool, if so. A tool that does not
// exist is nobody's to refuse.
func refused(who caller.Caller, t *tools.Tool) (string, bool) {
	switch {
	case t == nil:
		return "", false
	case readOnly(who) && !t.Hints.ReadOnly:
		return fmt.Sprintf("Nothing was sent: %s changes something, and this connection may only read.", t.Name), true
	case who.WriteToolsets != nil && !t.Hints.ReadOnly && !within(who.WriteToolsets, t):
		return fmt.Sprintf("Nothing was sent: %s changes something, and this connection may do so in %s only.", t.Name, listed(who.WriteToolsets)), true
	case who.Toolsets != nil && !within(who.Toolsets, t):
		return fmt.Sprintf("Nothing was sent: %s belongs to the toolset %s, and this connection has %s.", t.Name, t.Toolset, listed(who.Toolsets)), true
	default:
		return "", false
	}
}

// readOnly tells whether a caller may change nothing at all.
func readOnly(who caller.Caller) bool {
	return who.ReadOnly || who.WriteToolsets != nil && len(who.WriteToolsets) == 0
}

func within(toolsets []string, t *tools.Tool) bool {
	return slices.Contains(toolsets, t.Toolset) || t.Core && slices.Contains(toolsets, tools.ToolsetCore) || slices.Contains(toolsets, tools.ToolsetAll)
}

func listed(toolsets []string) string {
	if len(toolsets) == 0 {
		return "none"
	}
	return strings.Join(toolsets, ", ")
}
