package text

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// DidYouMean offers the name that is spelled most alike, if one is close.
func DidYouMean(name string, names []string) string {
	plain := func(s string) string { return strings.Join(Words(s), "") }
	best, distance := "", 1+len(name)/3
	for _, n := range names {
		if d := levenshtein.ComputeDistance(plain(name), plain(n)); d <= distance && (best == "" || d < distance) {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}
