package text

import (
	"strings"
	"unicode"
)

// Words splits a name in any style into lower-case words: "cloneApp",
// "user_attributes" and "reset2fa" become clone app, user attributes and
// reset 2fa.
func Words(s string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	runes := []rune(s)
	for i, c := range runes {
		switch {
		case c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c):
			flush()
			continue
		case i > 0 && unicode.IsUpper(c) && unicode.IsLower(runes[i-1]),
			i > 0 && unicode.IsDigit(c) && unicode.IsLower(runes[i-1]) && i+1 < len(runes) && unicode.IsLetter(runes[i+1]):
			flush()
		}
		word.WriteRune(c)
	}
	flush()
	return out
}
