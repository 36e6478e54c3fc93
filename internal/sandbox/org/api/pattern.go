package api

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used: most
// processes never need it, and all would wait for it at their start.
func Pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
