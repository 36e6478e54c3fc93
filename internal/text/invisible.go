package text

import (
	"strings"
	"unicode"
)

// RemoveInvisible takes out of a text what a reader does not see and a model reads all the
// same: control characters, marks that turn the direction of writing, characters
// without width, tags and variation selectors. Line ends and tabs stay. It is a
// place to hide orders in, and no use to anybody here. An emoji made of several
// falls into its parts.
func RemoveInvisible(s string) string {
	if strings.IndexFunc(s, Invisible) < 0 {
		return s
	}
	return strings.Map(func(c rune) rune {
		if Invisible(c) {
			return -1
		}
		return c
	}, s)
}

// Invisible tells whether a reader does not see a character.
func Invisible(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c < ' ' || c == 0x7f:
		return true
	case c < 0x7f:
		return false
	}
	return c == braille || unicode.In(c, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// braille is the pattern without dots, which is drawn as nothing.
const braille = '\u2800'
