package result

import (
	"bytes"
	"unicode/utf8"
)

// survey goes once over a valid JSON value. It counts the elements of a list,
// and says whether the value is written as compactly as can be, so that it may
// be copied as it is. Retool's answers are; to parse them a second time only to
// find that out would double the work on a page.
func survey(value []byte) (items int, tight bool) {
	depth := 0
	tight = utf8.Valid(value)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch c {
		case ' ', '\t', '\n', '\r':
			tight = false
			continue
		case ']', '}':
			depth--
			continue
		case ',':
			if depth == 1 {
				items++
			}
			continue
		}
		if depth == 1 && items == 0 { // the first thing in the list
			items = 1
		}
		switch c {
		case '[', '{':
			depth++
		case '"':
			end, plain := endOfString(value, i)
			i, tight = end, tight && plain
		}
	}
	return items, tight
}

// endOfString returns the place of the quote that ends the string which begins
// at start, and whether nothing in it is escaped.
func endOfString(value []byte, start int) (end int, plain bool) {
	plain = true
	for end = start + 1; ; end++ {
		end += bytes.IndexByte(value[end:], '"')
		slashes := 0
		for value[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 { // the quote itself is not escaped
			return end, plain && bytes.IndexByte(value[start:end], '\\') < 0
		}
		plain = false
	}
}
