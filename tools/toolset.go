package tools

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Names of toolsets that are not a group of their own.
const (
	ToolsetAll  = "all"
	ToolsetCore = "core"
)

// ToolsetScripts has the local tools that run scripts over the operations.
const ToolsetScripts = "scripts"

// Toolsets lists the toolsets with tools in this catalog, in ToolsetOrder,
// others after them by name.
func (c *Catalog) Toolsets() []string {
	used := map[string]bool{}
	for i := range c.Tools {
		used[c.Tools[i].Toolset] = true
	}
	delete(used, "") // local tools
	var known []string
	for _, name := range c.ToolsetOrder {
		if used[name] {
			known = append(known, name)
			delete(used, name)
		}
	}
	return append(known, slices.Sorted(maps.Keys(used))...)
}

// WithToolsets returns the catalog with the tools of the named toolsets: any of
// Toolsets, "core" or "all". No name means all.
func (c *Catalog) WithToolsets(names []string) (*Catalog, error) {
	valid := append([]string{ToolsetAll, ToolsetCore}, c.Toolsets()...)
	for _, name := range names {
		if !slices.Contains(valid, name) {
			return nil, fmt.Errorf("there is no toolset %q%s: the toolsets are %s", name, text.DidYouMean(name, valid), strings.Join(valid, ", "))
		}
	}
	if len(names) == 0 || slices.Contains(names, ToolsetAll) {
		return c, nil
	}
	only := *c
	only.Tools = slices.DeleteFunc(slices.Clone(c.Tools), func(t Tool) bool {
		return !slices.Contains(names, t.Toolset) && (!t.Core || !slices.Contains(names, ToolsetCore))
	})
	return &only, nil
}
