package redact

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// values are secrets that were sent with a call and must not come back. A text that
// repeats them may have quoted or encoded them, folded their white space, or dropped
// what is invisible, so they are compared in a form without all that.
type values []value

type value struct{ plain, folded string }

// minValue is the length from which a value is removed: a shorter one is any word.
const minValue = 4

// newValues returns the values to remove.
func newValues(secrets []string) (k values) {
	for _, secret := range secrets {
		if folded, _ := fold(secret); len(folded) >= minValue || len(secret) >= minValue {
			k = append(k, value{secret, folded})
		}
	}
	return k
}

// remove replaces the values in a text by markers.
func (k values) remove(s string) string { return k.without(s, false) }

// removeCut is remove for a text that may have been cut: its end may be the
// beginning of a value.
func (k values) removeCut(s string) string { return k.without(s, true) }

func (k values) without(s string, cut bool) string {
	if len(k) == 0 || len(s) < minValue {
		return s
	}
	for _, v := range k {
		if len(v.folded) < minValue { // folding leaves too little of it
			s = strings.ReplaceAll(s, v.plain, Marker("argument"))
		}
	}
	folded, at := fold(s)
	var spans [][2]int
	for _, v := range k {
		if len(v.folded) < minValue {
			continue
		}
		for from := 0; ; {
			i := strings.Index(folded[from:], v.folded)
			if i < 0 {
				break
			}
			spans = append(spans, [2]int{from + i, from + i + len(v.folded)})
			from += i + 1
		}
		end := strings.TrimSuffix(folded, "…")
		if n := v.begunAt(end); cut && n > 0 {
			spans = append(spans, [2]int{len(end) - n, len(end)})
		}
	}
	return replaceSpans(s, spans, at)
}

// begunAt is how much of the end of a text is the beginning of the value.
func (v value) begunAt(folded string) int {
	for n := min(len(v.folded)-1, len(folded)); n >= minValue; n-- {
		if strings.HasSuffix(folded, v.folded[:n]) {
			return n
		}
	}
	return 0
}

// replaceSpans replaces spans of the folded text, which may overlap. At has where
// each byte of it begins and ends in the text.
func replaceSpans(s string, spans [][2]int, at []int) string {
	slices.SortFunc(spans, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	var out strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		from, to := spans[i][0], spans[i][1]
		for i++; i < len(spans) && spans[i][0] < to; i++ {
			to = max(to, spans[i][1])
		}
		out.WriteString(s[done:at[2*from]])
		out.WriteString(Marker("argument"))
		done = at[2*to-1]
	}
	out.WriteString(s[done:])
	return out.String()
}

// fold drops white space, quotes, backslashes and invisible characters, and reads
// the escapes of JSON, however often a text was escaped: a text, and what a page,
// JSON, or JSON within JSON makes of it, fold to the same. At has where each byte
// of it begins and ends in the text.
func fold(s string) (folded string, at []int) {
	var out strings.Builder
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		if c == '\\' {
			c, size = escaped(s[i:])
		}
		if c >= 0 && !folds(c) {
			n := out.Len()
			out.WriteRune(c)
			for ; n < out.Len(); n++ {
				at = append(at, i, i+size)
			}
		}
		i += size
	}
	return out.String(), at
}

func folds(c rune) bool {
	return c == '"' || c == '\'' || c == utf8.RuneError || unicode.IsSpace(c) || text.Invisible(c)
}

// escaped reads an escape: its character, -1 for white space and for none, and its
// length.
func escaped(s string) (c rune, size int) {
	n := len(s) - len(strings.TrimLeft(s, `\`))
	rest := s[n:]
	switch {
	case rest == "":
		return -1, n
	case strings.IndexByte("nrtbf", rest[0]) >= 0:
		return -1, n + 1
	case rest[0] != 'u':
		return -1, n
	case len(rest) < 5 && strings.Trim(rest[1:], "0123456789abcdefABCDEF") == "":
		return -1, n + len(rest) // cut off
	}
	unit, ok := unitOf(rest)
	if !ok {
		return -1, n
	}
	size = n + 5
	if unit >= 0xd800 && unit < 0xdc00 {
		behind := strings.TrimLeft(rest[5:], `\`)
		if low, ok := unitOf(behind); ok && low >= 0xdc00 && low < 0xe000 {
			return (unit-0xd800)<<10 | (low - 0xdc00) + 0x10000, len(s) - len(behind) + 5
		}
	}
	return unit, size
}

// unitOf reads u and four hexadecimal digits.
func unitOf(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(unit), err == nil
}
