package redact

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// appendFolded appends what counts of a character when texts are compared: nothing
// of white space, quotes, backslashes, accents and what is invisible, and the plain
// form of a letter that is wide, raised, circled or the like.
func appendFolded(out []byte, c rune) []byte {
	switch {
	case c < utf8.RuneSelf:
		if c <= ' ' || c == '"' || c == '\'' || c == '\\' || c == 0x7f {
			return out
		}
		return append(out, byte(c))
	case dropped(c):
		return out
	}
	var buffer [utf8.UTFMax]byte
	n := utf8.EncodeRune(buffer[:], c)
	plain := norm.NFKD.Properties(buffer[:n]).Decomposition()
	if plain == nil {
		return append(out, buffer[:n]...)
	}
	for len(plain) > 0 {
		part, n := utf8.DecodeRune(plain)
		if !dropped(part) {
			out = append(out, plain[:n]...)
		}
		plain = plain[n:]
	}
	return out
}

func dropped(c rune) bool {
	return c == utf8.RuneError || !utf8.ValidRune(c) || unicode.IsSpace(c) || unicode.IsMark(c) || text.Invisible(c)
}

// fold returns what counts of a text, in whatever escapes it is written.
func fold(s string) string {
	out := make([]byte, 0, len(s))
	for s != "" {
		c, size := read(s)
		out, s = appendFolded(out, c), s[size:]
	}
	return string(out)
}
