package openapi

import (
	"regexp/syntax"
	"strings"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// maxPattern is longer than any real pattern.
const maxPattern = 10_000

// portablePattern returns the pattern in a form that compiles in Go's RE2 and
// in ECMAScript with the "u" flag, as most clients compile it, or "". With a
// pattern that it cannot compile, a client rejects all tools.
func portablePattern(pattern string) string {
	if pattern == "" || len(pattern) > maxPattern {
		return ""
	}
	out, ok := rewriteEscapes(pattern)
	if !ok {
		return ""
	}
	if _, err := syntax.Parse(out, syntax.Perl); err != nil { // as strict as regexp.Compile, at a third of the cost
		return ""
	}
	return out
}

// Escapes with the same meaning in both dialects. The u flag forbids escaping
// other letters, and other signs than syntax characters.
const (
	sharedEscapes = "dDwWsSbBfnrtv"
	syntaxSigns   = `^$\.*+?()[]{}|/`
)

// rewriteEscapes removes backslashes that the u flag forbids ("\_" is "_") and
// reports false for what only one dialect supports.
func rewriteEscapes(pattern string) (string, bool) {
	var out strings.Builder
	inClass, braces := false, 0
	anchor := false // the last sign was an assertion, which cannot be repeated with the u flag
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case c == '\\':
			i++
			if i == len(runes) {
				return "", false
			}
			escaped, ok := rewriteEscape(runes[i], inClass)
			if !ok {
				return "", false
			}
			out.WriteString(escaped)
			anchor = !inClass && (runes[i] == 'b' || runes[i] == 'B')
			continue
		case inClass:
			if c == '[' && i+1 < len(runes) && runes[i+1] == ':' || c == '-' && rangeOverSet(runes, i) {
				return "", false // only RE2 has POSIX classes
			}
			inClass = c != ']'
		case c == '[':
			inClass = true
			if i+1 < len(runes) && runes[i+1] == ']' || i+2 < len(runes) && runes[i+1] == '^' && runes[i+2] == ']' {
				return "", false // "[]a]" means different things
			}
		case c == ']', anchor && strings.ContainsRune("*+?{", c), c == '{' && !repetition(runes[i:]):
			return "", false
		case c == '(' && i+1 < len(runes) && runes[i+1] == '?':
			if i+2 >= len(runes) || runes[i+2] != ':' {
				return "", false // flags, names and assertions differ
			}
		case c == '{':
			braces++
		case c == '}':
			if braces--; braces < 0 {
				return "", false
			}
		}
		anchor = !inClass && (c == '^' || c == '$')
		out.WriteRune(c)
	}
	return out.String(), !inClass
}

func rewriteEscape(c rune, inClass bool) (string, bool) {
	switch {
	case strings.ContainsRune(syntaxSigns, c), c == '-' && inClass:
		return `\` + string(c), true
	case strings.ContainsRune(sharedEscapes, c):
		if inClass && (c == 'b' || c == 'B') {
			return "", false // a backspace in one dialect, an error in the other
		}
		return `\` + string(c), true
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		return "", false
	default:
		return string(c), true
	}
}

// rangeOverSet reports a range that starts or ends in a set, as in [\w-x].
func rangeOverSet(runes []rune, dash int) bool {
	isSet := func(i int) bool {
		return i >= 1 && i < len(runes) && runes[i-1] == '\\' && strings.ContainsRune("dDwWsS", runes[i])
	}
	closes := dash+1 < len(runes) && runes[dash+1] == ']'
	opens := dash >= 1 && (runes[dash-1] == '[' || runes[dash-1] == '^')
	return isSet(dash-1) && !closes || isSet(dash+2) && !opens
}

var repetitionForm = clean.Pattern(`^\{\d{1,4}(,\d{0,4})?\}`) // RE2 repeats 1,000 times at most

func repetition(runes []rune) bool {
	return repetitionForm().MatchString(string(runes[:min(len(runes), len("{1000,1000}"))]))
}
