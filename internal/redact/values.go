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

// values are secrets that were sent with a call and must not come back. What repeats
// them may have put them into quotes or JSON, folded their white space, or taken
// out what cannot be seen, so they are looked for in a form without all that.
type values []secretValue

type secretValue struct{ plain, folded string }

// shortestSecret is the length from which a secret that was sent is looked for in
// what comes back: a shorter one is any word.
const shortestSecret = 4

// newValues returns the values to remove; those of fewer than four bytes are ignored.
func newValues(secrets []string) (k values) {
	for _, secret := range secrets {
		if folded := fold(secret, nil); len(folded) >= shortestSecret || len(secret) >= shortestSecret {
			k = append(k, secretValue{secret, folded})
		}
	}
	slices.SortStableFunc(k, func(a, b secretValue) int { return cmp.Compare(len(b.folded), len(a.folded)) })
	return k
}

// remove replaces the values in a text by markers.
func (k values) remove(s string) string { return k.without(s, false) }

// removeCut is remove for a text that may have been cut: its end may be the beginning
// of a secret.
func (k values) removeCut(s string) string { return k.without(s, true) }

func (k values) without(s string, cut bool) string {
	if len(k) == 0 || len(s) < shortestSecret {
		return s
	}
	for _, secret := range k {
		if len(secret.folded) < shortestSecret { // it is made of what folding takes out
			s = strings.ReplaceAll(s, secret.plain, Marker("argument"))
		}
	}
	folded := fold(s, nil)
	var spans [][2]int
	for _, secret := range k {
		if len(secret.folded) < shortestSecret {
			continue
		}
		for from := 0; ; {
			i := strings.Index(folded[from:], secret.folded)
			if i < 0 {
				break
			}
			spans = append(spans, [2]int{from + i, from + i + len(secret.folded)})
			from += i + 1
		}
		if !cut {
			continue
		}
		end := strings.TrimSuffix(folded, "…")
		if n := secret.begunAt(end); n > 0 {
			spans = append(spans, [2]int{len(end) - n, len(end)})
		}
	}
	if len(spans) == 0 {
		return s
	}
	var at []int
	fold(s, &at)
	return replaced(s, spans, at)
}

// begunAt is how much of the end of a text is the beginning of the secret.
func (secret secretValue) begunAt(folded string) int {
	for n := min(len(secret.folded)-1, len(folded)); n >= shortestSecret; n-- {
		if folded[len(folded)-1] == secret.folded[n-1] && strings.HasSuffix(folded, secret.folded[:n]) {
			return n
		}
	}
	return 0
}

// replaced puts words in the place of spans of the folded text. At has where each
// byte of it begins and ends in the text.
func replaced(s string, spans [][2]int, at []int) string {
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

// fold takes out of a text white space, quotes, backslashes and what cannot be
// seen, and reads the escapes of JSON, however often a text was escaped. So a text
// and what is left of it in a page, in JSON or in JSON within JSON fold to the
// same. At gets where each byte of it begins and ends in the text.
func fold(s string, at *[]int) string {
	if at == nil && strings.IndexFunc(s, folds) < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		if c == '\\' {
			c, size = escaped(s[i:])
		}
		if c >= 0 && !folds(c) {
			n := out.Len()
			out.WriteRune(c)
			for ; at != nil && n < out.Len(); n++ {
				*at = append(*at, i, i+size)
			}
		}
		i += size
	}
	return out.String()
}

func folds(c rune) bool {
	return c == '"' || c == '\'' || c == '\\' || c == utf8.RuneError || unicode.IsSpace(c) || text.Invisible(c)
}

// escaped reads what begins with a backslash: the character, -1 for one that is
// white space or is left to be read, and the length.
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
		return -1, n + len(rest) // it was cut
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
