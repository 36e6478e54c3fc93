package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Invisible tells whether a reader does not see a character and a model or a
// terminal still reads it: a place to hide instructions in. There is one list for
// the whole program:
//
//   - control characters, except line feed and tab;
//   - format characters: zero width, bidirectional marks, tags (U+E0000–E007F);
//   - variation selectors and other characters that are ignored by default;
//   - line and paragraph separators, and the braille pattern without dots.
//
// An emoji made of several falls into its parts.
func Invisible(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c < ' ' || c == 0x7f:
		return true
	case c < 0x7f:
		return false
	}
	return c == blankBraille || unicode.In(c, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

const blankBraille = '\u2800'

// HasInvisible tells whether a text has invisible characters or invalid UTF-8.
func HasInvisible(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return strings.ContainsFunc(s[i:], Invisible) || !utf8.ValidString(s[i:])
		}
	}
	return false
}

// RemoveInvisible returns a text for agents: without invisible characters, and
// with U+FFFD for invalid UTF-8.
func RemoveInvisible(s string) string {
	if !HasInvisible(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if Invisible(c) {
			return -1
		}
		return c
	}, s)
}

// OneLine returns a text for agents and people on one line: RemoveInvisible with
// every run of white space as one space.
func OneLine(s string) string {
	return strings.Join(strings.Fields(RemoveInvisible(strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return ' '
		}
		return c
	}, s))), " ")
}

// escapeQuotes keeps a text from ending the quotes that it stands in.
var escapeQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Quote returns a text in quotes as a message may repeat it: EscapeInvisible, on
// one line, cut to so many characters. It holds no other double quote, so that
// nothing in it can pose as what follows.
func Quote(s string, runes int) string {
	s = strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, "'").Replace(EscapeInvisible(s))
	return `"` + ClipEscaped(s, runes) + `"`
}

// maxName is longer than nearly every name of a field or a value.
const maxName = 64

// Name returns a name that somebody else chose as a message may repeat it: as it
// is if it is one word, else a Quote.
func Name(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.:/$@+", c)
	}
	if s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(c rune) bool { return !plain(c) }) {
		return s
	}
	return Quote(s, maxName)
}

// Cite returns the words of others in quotes on one line. Whatever they say, the
// reader sees where they end: quotes inside are escaped.
func Cite(s string) string {
	return `"` + escapeQuotes.Replace(OneLine(s)) + `"`
}

// Path returns a path that somebody else chose as a message may repeat it: what is
// no sign of a path is percent-encoded, so that it reads as one word.
func Path(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return Clip(out.String(), maxPath)
}

const maxPath = 200

// EscapeInvisible returns a text that shows what it holds: each invisible
// character is an escape of JSON, such as \u200b, and so is each byte of invalid
// UTF-8, as \ufffd. Within a JSON string that is the same text.
func EscapeInvisible(s string) string {
	if !HasInvisible(s) {
		return s
	}
	var out strings.Builder
	for i, c := range s {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			out.WriteString(`\ufffd`)
		case !Invisible(c):
			out.WriteRune(c)
		default:
			for _, unit := range utf16.AppendRune(nil, c) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	return out.String()
}
