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
