package redact

import (
	"html"
	"strings"
	"unicode/utf8"
)

// What a server repeats may have been escaped for JSON, a URL or a web page, more
// than once and one within the other. The functions here read a text as its last
// reader sees it, character by character, without a copy of it.

const (
	// maxNesting bounds how deep an escape may be written in other escapes.
	maxNesting = 4
	// maxEscape bounds, in bytes, how long an escape of one character may be, and
	// maxTried how many are tried to read it.
	maxEscape = 512
	maxTried  = 256
	// maxEntity bounds the name of an HTML entity.
	maxEntity = 32
)

// escapes reads the escapes of one character, until so many were tried: a hostile
// text must not cost more than that at each of its bytes.
type escapes struct{ left int }

// nothing is an escape without a character to compare, such as white space. Below
// it are bytes beyond ASCII that are no UTF-8 yet.
const nothing = rune(-1)

func rawByte(b rune) rune { return nothing - b }

// read returns the first character of a text and how many bytes it takes.
func read(s string) (c rune, size int) {
	e := escapes{maxTried}
	return e.read(s[:min(len(s), maxEscape)], maxNesting)
}

func (e *escapes) read(s string, depth int) (c rune, size int) {
	c, size, escaped := e.step(s, depth)
	for escaped {
		meant, more := e.unescape(c, false, s[size:], depth)
		if more == 0 {
			break
		}
		c, size = meant, size+more
	}
	return c, size
}

// step is read for a character that does not begin an escape by what it means. It
// tells whether it was an escape itself.
func (e *escapes) step(s string, depth int) (c rune, size int, escaped bool) {
	switch {
	case s == "":
		return nothing, 0, false
	case isPlain[s[0]]:
		return rune(s[0]), 1, false
	case s[0] >= utf8.RuneSelf:
		c, size = utf8.DecodeRuneInString(s)
		return c, size, false
	}
	at := 0 // the last but one of backslashes in a row
	for at+2 < len(s) && s[at] == '\\' && s[at+1] == '\\' && s[at+2] == '\\' {
		at++
	}
	if c, size = e.unescape(rune(s[at]), true, s[at+1:], depth); size > 0 {
		return c, at + 1 + size, true
	}
	return rune(s[at]), at + 1, false
}

// unescape reads what follows a character that may begin an escape, and that
// stands there as it is or was itself escaped. Its size is 0 if it begins none.
func (e *escapes) unescape(c rune, asIs bool, s string, depth int) (meant rune, size int) {
	if e.left--; e.left < 0 || depth == 0 || s == "" {
		return 0, 0
	}
	switch {
	case c == '\\' && asIs && s[0] == '\\': // doubled, unless the next one is of an escaped letter
		kind, n, _ := e.step(s, depth-1)
		if meant, size = e.readCode(kind, s, n, depth-1); size > 0 {
			return meant, size
		}
		return '\\', 1
	case c == '\\':
		return e.readBackslash(s, depth-1)
	case c == '%':
		return e.readByte(s, 0, depth-1)
	case c == '&':
		return e.readEntity(s, depth-1)
	default:
		return 0, 0
	}
}

// readBackslash reads what follows a backslash in JSON and in program code.
func (e *escapes) readBackslash(s string, depth int) (c rune, size int) {
	switch kind, n := e.read(s, depth); kind {
	case '\\':
		return kind, n
	case 'n', 'r', 't', 'b', 'f', 'v':
		return nothing, n
	default:
		return e.readCode(kind, s, n, depth)
	}
}

// readCode reads the digits of an escape of that kind.
func (e *escapes) readCode(kind rune, s string, at, depth int) (c rune, size int) {
	switch kind {
	case 'x':
		return e.readByte(s, at, depth)
	case 'u':
		return e.readUnit(s, at, depth)
	case 'U':
		return e.readHex(s, at, 8, depth)
	default:
		return 0, 0
	}
}

// readUnit reads four hexadecimal digits, and a second such escape if both are
// one character.
func (e *escapes) readUnit(s string, at, depth int) (c rune, size int) {
	if len(s)-at < 4 && strings.Trim(s[at:], "0123456789abcdefABCDEF") == "" {
		return nothing, len(s) // cut off
	}
	c, size = e.readHex(s, at, 4, depth)
	if c < 0xd800 || c >= 0xdc00 {
		return c, size
	}
	low, n := e.read(s[size:], depth)
	if low < 0xdc00 || low >= 0xe000 {
		return nothing, size
	}
	return (c-0xd800)<<10 | (low - 0xdc00) + 0x10000, size + n
}

// readByte reads two hexadecimal digits, and escapes of the further bytes of a
// character in UTF-8.
func (e *escapes) readByte(s string, at, depth int) (c rune, size int) {
	c, size = e.readHex(s, at, 2, depth)
	if size == 0 || c < utf8.RuneSelf {
		return c, size
	}
	encoded := []byte{byte(c)} //nolint:gosec // two digits
	for end := size; c >= 0xc0 && len(encoded) < utf8.UTFMax; {
		next, n := e.read(s[end:], depth)
		if next > rawByte(0x80) || next <= rawByte(0xc0) {
			break
		}
		encoded, end = append(encoded, byte(nothing-next)), end+n //nolint:gosec // see above
		if utf8.FullRune(encoded) {
			if r, _ := utf8.DecodeRune(encoded); r != utf8.RuneError {
				return r, end
			}
			break
		}
	}
	return rawByte(c), size
}

// readEntity reads what follows an ampersand in HTML. The next one ends an entity without
// a semicolon.
func (e *escapes) readEntity(s string, depth int) (c rune, size int) {
	sign, n := e.read(s, depth)
	if sign != '#' {
		return e.readNamedEntity(s, sign, n, depth)
	}
	base := rune(10)
	d, more := e.read(s[n:], depth)
	if d == 'x' || d == 'X' {
		base, n = 16, n+more
		d, more = e.read(s[n:], depth)
	}
	digits := 0
	for ; !e.nextEntity(s[n:], s[0], depth) && digit(d) >= 0 && digit(d) < base && c <= utf8.MaxRune; d, more = e.read(s[n:], depth) {
		c, n, digits = c*base+digit(d), n+more, digits+1
	}
	if digits == 0 || c > utf8.MaxRune {
		return 0, 0
	}
	if d == ';' && !e.nextEntity(s[n:], s[0], depth) {
		n += more
	}
	return c, n
}

// nextEntity tells whether a text begins with an ampersand, after an entity whose first
// byte behind its own is given: where that begins no entity, no digit does.
func (e *escapes) nextEntity(s string, first byte, depth int) bool {
	if s == "" || s[0] == '&' && first != '&' {
		return true
	}
	c, _, _ := e.step(s, depth)
	return c == '&'
}

// readNamedEntity reads a name from its first letter on.
func (e *escapes) readNamedEntity(s string, letter rune, n, depth int) (c rune, size int) {
	var buffer [maxEntity]byte
	letters := append(buffer[:0], '&')
	for ; letter != ';'; letter, n = e.read(s[size:], depth) {
		if size += n; len(letters) == maxEntity || !isLetter(letter) && !isDigit(letter) {
			return 0, 0
		}
		letters = append(letters, byte(letter)) //nolint:gosec // a letter of ASCII
	}
	name := string(letters) + ";"
	meant := html.UnescapeString(name)
	if meant == name || meant == ";" {
		return 0, 0
	}
	c, _ = utf8.DecodeRuneInString(meant)
	return c, size + n
}

// readHex reads so many hexadecimal digits from a position on. Its size is 0 if
// there are fewer.
func (e *escapes) readHex(s string, at, count, depth int) (c rune, size int) {
	for range count {
		d, n := e.read(s[at:], depth)
		value := digit(d)
		if value < 0 {
			return 0, 0
		}
		c, at = c<<4|value, at+n
	}
	return c, at
}

// plainHex is readHex for digits that stand there as they are.
func plainHex(s string, at, count int) (c rune, size int) {
	var e escapes
	return e.readHex(s, at, count, 0)
}

// digit is the value of a hexadecimal digit, -1 for anything else.
func digit(c rune) rune {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	default:
		return -1
	}
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
