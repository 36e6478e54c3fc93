package toolgen

import (
	"slices"
	"strings"
)

// uncountable are words that end in s and name one thing.
var uncountable = []string{
	"access", "address", "analytics", "bus", "canvas", "details", "dns", "https", "metrics", "news", "ops",
	"series", "settings", "sms", "sso", "statistics", "stats", "status", "sys", "tls",
}

var irregular = map[string]string{
	"people": "person", "children": "child", "indices": "index", "statuses": "status", "aliases": "alias",
	"movies": "movie", "cookies": "cookie", "analyses": "analysis", "buses": "bus",
}

// plural reports whether a word names several things.
func plural(word string) bool {
	if _, ok := irregular[word]; ok {
		return true
	}
	return len(word) > 2 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") &&
		!strings.HasSuffix(word, "us") && !strings.HasSuffix(word, "is") && !slices.Contains(uncountable, word)
}

// singular returns the word for one thing; other words are unchanged.
func singular(word string) string {
	if one, ok := irregular[word]; ok {
		return one
	}
	if !plural(word) {
		return word
	}
	if stem, ok := strings.CutSuffix(word, "ies"); ok && len(stem) > 1 {
		return stem + "y"
	}
	for _, end := range []string{"ches", "shes", "sses", "xes", "zes"} {
		if strings.HasSuffix(word, end) {
			return strings.TrimSuffix(word, "es")
		}
	}
	return strings.TrimSuffix(word, "s")
}

// one puts the last word into the singular.
func one(noun []string) []string {
	end := len(noun) - 1 // a noun has at least one word
	return append(slices.Clone(noun[:end]), singular(noun[end]))
}
