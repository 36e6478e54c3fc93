package api

import (
	"regexp"
	"sync"
)

// Pattern returns a regular expression that is compiled on first use: most
// processes never need it.
func Pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
