package jsonvalue

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Repair returns a JSON text that holds nothing but Unicode: every byte that is
// not UTF-8, and every escape of one half of a surrogate pair without the other,
// becomes U+FFFD (RFC 8259, sections 8.1 and 8.2). Programs that cut a text in the
// middle of an emoji send such halves. A text without them is returned as it is.
func Repair(body []byte) []byte {
	if !utf8.Valid(body) {
		body = replaceInvalid(body)
	}
	if !bytes.Contains(body, []byte(`\ud`)) && !bytes.Contains(body, []byte(`\uD`)) {
		return body
	}
	out := body
	for i := 0; i < len(body); {
		next := bytes.IndexByte(body[i:], '\\')
		if next < 0 {
			break
		}
		i += next
		unit := surrogate(body[i:])
		switch {
		case unit == 0:
			i += 2 // whatever is escaped, such as another backslash
		case unit < 0xdc00 && surrogate(body[i+6:]) >= 0xdc00:
			i += 12
		default:
			if &out[0] == &body[0] {
				out = bytes.Clone(body)
			}
			copy(out[i:], `\ufffd`)
			i += 6
		}
	}
	return out
}

// surrogate returns the half of a surrogate pair whose escape begins a text, or 0.
func surrogate(text []byte) uint64 {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' || text[2]|0x20 != 'd' {
		return 0
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil || unit < 0xd800 {
		return 0
	}
	return unit
}

// replaceInvalid replaces each byte that is not UTF-8, as decoders do.
func replaceInvalid(body []byte) []byte {
	out := make([]byte, 0, len(body)+64)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		out = utf8.AppendRune(out, r)
		body = body[size:]
	}
	return out
}
