package auth

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Headers by which a request restricts what its caller may do.
const (
	toolsetsHeader = "X-MCP-Toolsets"
	readOnlyHeader = "X-MCP-Readonly"
)

// restrict returns c with the restrictions of the headers.
func restrict(c caller.Caller, headers http.Header, served []string) (caller.Caller, error) {
	if given := headers.Values(toolsetsHeader); len(given) > 0 {
		wanted, all, err := toolsets(strings.Join(given, ","), served)
		if err != nil {
			return c, err
		}
		if !all {
			c.Toolsets = intersect(c.Toolsets, wanted)
		}
	}
	if given := headers.Values(readOnlyHeader); len(given) > 0 {
		switch value := strings.Join(given, ","); value {
		case "true", "1":
			c.ReadOnly = true
		case "false", "0": // no restriction
		default:
			return c, badRequest(fmt.Sprintf("%s must be true or false, not %s.", readOnlyHeader, text.Quote(value, maxQuote)))
		}
	}
	return c, nil
}

// toolsets returns the names in a header, and whether "all" is among them.
func toolsets(header string, served []string) (names []string, all bool, err error) {
	for name := range strings.SplitSeq(header, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == allToolsets:
			all = true
		case !slices.Contains(served, name):
			available := append([]string{allToolsets}, slices.DeleteFunc(slices.Clone(served), func(s string) bool { return s == allToolsets })...)
			return nil, false, badRequest(fmt.Sprintf("%s names %s, which is not served. Available: %s.", toolsetsHeader, text.Quote(name, maxQuote), strings.Join(available, ", ")))
		default:
			names = union(names, []string{name})
		}
	}
	return names, all, nil
}

// intersect removes from the wanted names those that the caller may not use, where
// nil means all. Nothing left is an empty list, which means nothing, not nil.
func intersect(may, wanted []string) []string {
	return slices.DeleteFunc(wanted, func(name string) bool { return may != nil && !slices.Contains(may, name) })
}

func badRequest(message string) *DeniedError {
	return &DeniedError{Status: http.StatusBadRequest, Message: message}
}

// maxQuote is how many characters of a header a message quotes.
const maxQuote = 64
