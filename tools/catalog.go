package tools

import (
	"cmp"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Catalog holds the tools of a document, ordered by name.
type Catalog struct {
	// API and Version are the document's title and version.
	API     string
	Version string
	// Server is the address that the document itself gives, "" for none.
	Server string
	Tools  []Tool
	// ToolsetOrder is the order in which toolsets are listed.
	ToolsetOrder []string
	// Problems are the operations that became no tool.
	Problems []Problem
	// Unavailable are known tools that the document lacks.
	Unavailable []Unavailable
}

// Problem says why an operation became no tool.
type Problem struct {
	// Operation is the method and path, "GET /users".
	Operation string
	Reason    string
}

// Find returns the tool of that name, or nil.
func (c *Catalog) Find(name string) *Tool {
	i, ok := slices.BinarySearchFunc(c.Tools, name, func(t Tool, name string) int { return cmp.Compare(t.Name, name) })
	if !ok {
		return nil
	}
	return &c.Tools[i]
}

// DidYouMean returns " (did you mean X?)" for the tool with the most similar
// name, or "" where none is similar.
func (c *Catalog) DidYouMean(name string) string {
	names := make([]string, len(c.Tools))
	for i := range c.Tools {
		names[i] = c.Tools[i].Name
	}
	return text.DidYouMean(name, names)
}
