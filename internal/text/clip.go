package text

import (
	"strings"
	"unicode/utf8"
)

// Clip cuts a text to so many bytes at a character, and marks the cut with an
// ellipsis, which comes on top. Invalid UTF-8 is replaced.
func Clip(s string, bytes int) string {
	if len(s) <= bytes {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.TrimSuffix(strings.ToValidUTF8(Prefix(s, bytes), "\ufffd"), "…") + "…"
}

// ClipRunes is Clip by characters.
func ClipRunes(s string, runes int) string {
	n := 0
	for i := range s {
		if n == runes {
			return strings.TrimSuffix(strings.ToValidUTF8(s[:i], "\ufffd"), "…") + "…"
		}
		n++
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// ClipEscaped is ClipRunes for a text with escapes of JSON, of which it cuts none.
func ClipEscaped(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:outsideEscape(r, runes)]) + "…"
}

// ClipBoth is ClipEscaped for two texts that differ, and keeps a place where they do.
func ClipBoth(a, b string, runes int) (string, string) {
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	if max(len(x), len(y)) > runes && same > runes/2 {
		from := outsideEscape(x, same-runes/2)
		a, b = "…"+string(x[from:]), "…"+string(y[from:])
	}
	return ClipEscaped(a, runes), ClipEscaped(b, runes)
}

// outsideEscape moves a cut before the escape that it would part.
func outsideEscape(r []rune, at int) int {
	const unit = 6 // of \u1234
	for from := 0; from < at; {
		end := from + 1
		switch {
		case r[from] != '\\' || from+1 == len(r):
		case r[from+1] != 'u':
			end = from + 2
		case from+3 < len(r) && strings.ContainsRune("dD", r[from+2]) && strings.ContainsRune("89abAB", r[from+3]):
			end = from + 2*unit // half of a character beyond U+FFFF
		default:
			end = from + unit
		}
		if end > at {
			return from
		}
		from = end
	}
	return at
}

// ClipWords is Clip at the end of a word, if there is one.
func ClipWords(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	cut := strings.LastIndexByte(s[:bytes], ' ')
	if cut <= 0 {
		cut = len(Prefix(s, bytes))
	}
	return strings.TrimRight(strings.ToValidUTF8(s[:cut], ""), " ,;:.(") + "…"
}

// Prefix returns the first bytes of a text without the part of a character.
func Prefix(s string, bytes int) string {
	bytes = min(bytes, len(s))
	for start := bytes - 1; start >= 0 && start >= bytes-utf8.UTFMax; start-- {
		if utf8.RuneStart(s[start]) {
			if !utf8.FullRuneInString(s[start:bytes]) {
				return s[:start]
			}
			break
		}
	}
	return s[:bytes]
}
