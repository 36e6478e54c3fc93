package redact

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/retool-mcp/retool-mcp/internal/order"
)

// A needle is a secret to find, folded.
type needle struct {
	folded string
	// number says that it counts only where no further digit is beside it.
	number bool
}

// finder finds secrets in texts, in whatever escapes they are written.
type finder struct {
	// needles are in order, so that those that begin alike are compared at once.
	needles []needle
	// marker replaces them.
	marker string
	// firsts are the bytes with which needles begin, starts those with which a match
	// may begin, seconds those that may follow one that means itself.
	firsts, starts, seconds [256]bool
	// foreign says that a needle begins beyond ASCII.
	foreign bool
	// anyCase says that the case of letters does not count.
	anyCase bool
	// minCut is how much of a secret counts at the end of a text that was cut.
	minCut int
}

// seek sets what to find.
func (f *finder) seek(needles []needle) {
	needles = slices.Clone(needles)
	for i := range needles {
		folded := []byte(needles[i].folded)
		for j, c := range folded {
			folded[j] = f.caseOf(c)
		}
		needles[i].folded = string(folded)
	}
	order.By(needles, func(a, b needle) int {
		if c := strings.Compare(a.folded, b.folded); c != 0 || a.number == b.number {
			return c
		} else if a.number {
			return 1
		}
		return -1
	})
	f.needles = slices.CompactFunc(needles, func(a, b needle) bool { return a.folded == b.folded })
	for _, n := range f.needles {
		f.firsts[n.folded[0]] = true
		f.foreign = f.foreign || n.folded[0] >= utf8.RuneSelf
		if len(n.folded) > 1 {
			f.seconds[n.folded[1]] = true
		}
	}
	short := slices.ContainsFunc(f.needles, func(n needle) bool { return len(n.folded) == 1 })
	for i := range f.starts {
		c := byte(i)
		f.seconds[c] = f.seconds[c] || short || !isPlain[c]
		f.starts[c] = f.firsts[f.caseOf(c)] || c == '\\' || c == '%' || c == '&' ||
			c >= 0xc2 && c < 0xf5 && (f.foreign || c < 0xcc || strings.IndexByte(likeASCII, c) >= 0)
	}
}

// mayFollow tells whether a match that begins before a position may go on there: two
// bytes decide that at nearly every position of an answer.
func (f *finder) mayFollow(s string, at int) bool {
	return at == len(s) || !isPlain[s[at-1]] || f.seconds[f.caseOf(s[at])]
}

// likeASCII are the first bytes, beyond those of Latin letters, of characters whose
// plain form is in ASCII.
const likeASCII = "\xe1\xe2\xe3\xea\xef\xf0"

// match returns where the longest secret ends that begins at a position, 0 for none.
// One that seems to be cut off ends with the text, unless it goes on as a whole one:
// secrets have signs of escapes in them as well. It counts its steps.
func (f *finder) match(s string, at int, cut bool, steps *int) (end int) {
	end, cutAt := f.compare(s, at, cut, steps)
	if cutAt > 0 && cutAt >= end {
		return len(strings.TrimSuffix(s, "…"))
	}
	return end
}

// compare is match, which also tells where the text may be cut off within a secret, 0
// for nowhere.
func (f *finder) compare(s string, at int, cut bool, steps *int) (end, cutAt int) {
	amongDigits := at > 0 && isDigit(rune(s[at-1]))
	counts := func(n needle) bool { return !n.number || !amongDigits }
	var buffer [32]byte
	from, to, depth := 0, len(f.needles), 0 // the needles that begin as the text does, and for how long
	for i := at; ; {
		*steps++
		if cut && depth >= f.minCut && atCut(s[i:]) && slices.ContainsFunc(f.needles[from:to], counts) {
			cutAt = i
		}
		if i == len(s) {
			return end, cutAt
		}
		if n := &f.needles[from]; to-from == 1 && depth+1 < len(n.folded) && isPlain[s[i]] {
			if f.caseOf(s[i]) != n.folded[depth] {
				return end, cutAt
			}
			i, depth = i+1, depth+1
			continue
		}
		part, size := buffer[:1], 1
		switch {
		case isPlain[s[i]]:
			part[0] = f.caseOf(s[i])
		case i == at && !f.mayBegin(s[i:]):
			return 0, 0
		default:
			var c rune
			c, size = read(s[i:])
			if part = appendFolded(buffer[:0], c); len(part) == 0 && i == at {
				return 0, 0
			}
			for j, c := range part {
				part[j] = f.caseOf(c)
			}
		}
		i += size
		for _, c := range part {
			if from, to = f.narrow(from, to, depth, c); from == to {
				return end, cutAt
			}
			depth++
			if n := f.needles[from]; len(n.folded) == depth {
				if counts(n) && (!n.number || i == len(s) || !isDigit(rune(s[i]))) {
					end = i
				}
				if from++; from == to {
					return end, cutAt
				}
			}
		}
	}
}

// narrow returns which of the needles from one to another, which begin alike, go on
// with a byte.
func (f *finder) narrow(from, to, depth int, c byte) (int, int) {
	among := f.needles[from:to]
	if len(among) == 1 {
		if among[0].folded[depth] != c {
			return to, to
		}
		return from, to
	}
	behind := func(c int) int {
		return sort.Search(len(among), func(i int) bool { return int(among[i].folded[depth]) > c })
	}
	return from + behind(int(c)-1), from + behind(int(c))
}

// caseOf folds the case of a letter, where it does not count.
func (f *finder) caseOf(c byte) byte {
	if f.anyCase && c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// isPlain are the bytes that mean themselves when texts are compared.
var isPlain = func() (is [256]bool) {
	for c := byte('!'); c <= '~'; c++ {
		is[c] = strings.IndexByte(`"'\%&`, c) < 0
	}
	return is
}()

// mayBegin tells whether a secret may begin with the first character of a text, if it
// is no plain one. It decides most cases without reading an escape.
func (f *finder) mayBegin(s string) bool {
	c := rune(s[0])
	switch {
	case c == '\\' && len(s) > 5 && s[1] == 'u' && digit(rune(s[2])) >= 0:
		unit, size := plainHex(s, 2, 4)
		if size == 0 {
			return true
		}
		c = unit
	case c == '\\':
		return len(s) > 1 && strings.IndexByte(`uxU\%&`, s[1]) >= 0
	case c == '%' && len(s) > 2 && digit(rune(s[1])) >= 0 && digit(rune(s[2])) >= 0:
		if c, _ = plainHex(s, 1, 2); c >= utf8.RuneSelf {
			return true
		}
	case c < utf8.RuneSelf:
		return true
	default:
		c, _ = utf8.DecodeRuneInString(s)
	}
	if c == '\\' || c == '%' || c == '&' || f.foreign || c >= 0xd800 && c < 0xe000 {
		return true
	}
	if c >= utf8.RuneSelf {
		var buffer [utf8.UTFMax]byte
		plain := norm.NFKD.Properties(utf8.AppendRune(buffer[:0], c)).Decomposition()
		if len(plain) == 0 {
			return false
		}
		c = rune(plain[0])
	}
	return f.firsts[byte(c)|0x20] || f.firsts[byte(c)&^0x20] //nolint:gosec // a byte
}

// atCut tells whether all that follows may be a part of an escape, or the sign of a cut.
func atCut(s string) bool {
	const longest = 12
	return s == "" || len(s) < longest && (s[0] == '%' || s[0] == '\\' || s[0] == '&') || s == "…"
}

// maxSteps bounds how many characters are compared for each byte of a text, on average.
const maxSteps = 16

// replace replaces the secrets in a text, which are not looked for in what keep
// tells to keep. Secrets that overlap are replaced as one. A text is replaced whole
// if it would take too long: most of it begins secrets that repeat themselves.
func (f *finder) replace(s string, cut bool, keep func(s string, from, to int) bool) string {
	if f == nil || len(f.needles) == 0 {
		return s
	}
	var out strings.Builder
	done, from, to := 0, 0, 0 // the last match is not written yet
	steps, most := 0, maxSteps*(len(s)+256)
	flush := func() {
		if to > 0 {
			out.WriteString(s[done:from])
			out.WriteString(f.marker)
			done = to
		}
	}
	for i := 0; i < len(s); i++ {
		if !f.starts[s[i]] || !f.mayFollow(s, i+1) {
			continue
		}
		end := f.match(s, i, cut, &steps)
		if steps > most {
			if keep != nil && keep(s, 0, len(s)) {
				return s
			}
			return f.marker
		}
		if end == 0 || keep != nil && keep(s, i, end) {
			for s[i] == '\\' && i+1 < len(s) && s[i+1] == '\\' {
				i++ // it reads like the first
			}
			continue
		}
		if i < to {
			to = max(to, end)
			continue
		}
		flush()
		from, to = i, end
		for from > done && s[from-1] == '\\' {
			from-- // or it would escape the marker
		}
	}
	if to == 0 {
		return s
	}
	flush()
	out.WriteString(s[done:])
	return out.String()
}

// has tells whether a text has a secret.
func (f *finder) has(s string) (found bool) {
	f.replace(s, false, func(string, int, int) bool { found = true; return true })
	return found
}
