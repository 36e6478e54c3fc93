package auth

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Headers by which a request narrows what its caller may do.
const (
	toolsetsHeader = "X-MCP-Toolsets"
	readOnlyHeader = "X-MCP-Readonly"
)

// narrow is asks with no more than the headers leave of what they may do.
func narrow(asks caller.Caller, headers http.Header, served []string) (caller.Caller, error) {
	if given := headers.Values(toolsetsHeader); len(given) > 0 {
		wanted, all, err := toolsets(strings.Join(given, ","), served)
		if err != nil {
			return asks, err
		}
		if !all {
			asks.Toolsets = both(asks.Toolsets, wanted)
		}
	}
	if given := headers.Values(readOnlyHeader); len(given) > 0 {
		switch value := strings.Join(given, ","); value {
		case "true", "1":
			asks.ReadOnly = true
		case "false", "0": // the caller stays as they are
		default:
			return asks, bad(fmt.Sprintf("%s has to be true or false, not %s.", readOnlyHeader, text.Quote(value, mostEcho)))
		}
	}
	return asks, nil
}

// toolsets reads the names in a header; all reports that "all" is among them.
func toolsets(header string, served []string) (names []string, all bool, err error) {
	for name := range strings.SplitSeq(header, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == allToolsets:
			all = true
		case !slices.Contains(served, name):
			there := strings.Join(append([]string{allToolsets}, without(served, allToolsets)...), ", ")
			return nil, false, bad(fmt.Sprintf("%s names %s, which is not served: there are %s.", toolsetsHeader, text.Quote(name, mostEcho), there))
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, all, nil
}

// both returns what is wanted of what the caller may use, where nil means all. It
// is never nil: nothing left is nothing, not all.
func both(may, wanted []string) []string {
	left := []string{}
	for _, name := range wanted {
		if may == nil || slices.Contains(may, name) {
			left = append(left, name)
		}
	}
	return left
}

func without(names []string, name string) (others []string) {
	for _, n := range names {
		if n != name {
			others = append(others, n)
		}
	}
	return others
}

func bad(message string) *DeniedError {
	return &DeniedError{Status: http.StatusBadRequest, Message: message}
}

// mostEcho is how many characters of a header a message repeats.
const mostEcho = 64
