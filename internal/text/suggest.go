package text

import (
	"cmp"
	"strings"

	"github.com/agnivade/levenshtein"
)

// DidYouMean offers the Nearest name, if there is one.
func DidYouMean(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// Nearest returns the name that is spelled most alike, if one is close, else the
// shortest that begins with the given one, or "".
func Nearest(name string, names []string) string {
	const longest = 100 // bytes of a name that somebody typed
	if len(name) > longest {
		return ""
	}
	plain := func(s string) string { return strings.Join(Words(s), "") }
	typed := plain(name)
	best, distance := "", 1+len(name)/3
	longer := ""
	for _, n := range names {
		if d := levenshtein.ComputeDistance(typed, plain(n)); d <= distance && (best == "" || d < distance) {
			best, distance = n, d
		}
		if len(typed) > 2 && strings.HasPrefix(plain(n), typed) && (longer == "" || len(n) < len(longer)) {
			longer = n
		}
	}
	return cmp.Or(best, longer)
}
