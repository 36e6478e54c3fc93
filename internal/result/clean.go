package result

import (
	"strings"
	"unicode"
)

// clean takes out of a text what a reader does not see and a model reads all the
// same: control characters, marks that turn the direction of writing, characters
// without width, tags and variation selectors. Line ends and tabs stay. It is a
// place to hide orders in, and no use to anybody here. An emoji made of several
// falls into its parts.
func clean(s string) string {
	if strings.IndexFunc(s, unseen) < 0 {
		return s
	}
	return strings.Map(func(c rune) rune {
		if unseen(c) {
			return -1
		}
		return c
	}, s)
}

func unseen(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c < ' ' || c == 0x7f:
		return true
	case c < 0x7f:
		return false
	}
	return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Zl, unicode.Zp, blank)
}

// blank are letters that are drawn as nothing: the Hangul fillers, the braille
// pattern without dots, and the joiner of graphemes.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1}},
}
