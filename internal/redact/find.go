package redact

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// needle is a secret to find, and what replaces it.
type needle struct {
	folded string
	marker string
	// number says that it counts only where no further digit is beside it.
	number bool
}

// finder finds secrets in texts, in whatever escapes they are written.
type finder struct {
	needles []needle
	// starts are the bytes with which a match may begin, seconds those that may
	// follow one that means itself.
	starts, seconds [256]bool
	// anyCase says that the case of letters does not count.
	anyCase bool
	// minCut is how much of a secret counts at the end of a text that was cut.
	minCut int
}

func (f *finder) add(n needle) {
	if n.folded == "" {
		return
	}
	if f.anyCase {
		folded := []byte(n.folded)
		for i, c := range folded {
			folded[i] = f.caseOf(c)
		}
		n.folded = string(folded)
	}
	if slices.Contains(f.needles, n) {
		return
	}
	f.needles = append(f.needles, n)
	f.starts[n.folded[0]] = true
	if c := n.folded[0]; f.anyCase && c >= 'a' && c <= 'z' {
		f.starts[c-'a'+'A'] = true
	}
	f.starts['\\'], f.starts['%'], f.starts['&'] = true, true, true
	for c := range f.seconds {
		f.seconds[c] = f.seconds[c] || !isPlain[c] || len(n.folded) == 1 || byte(c) == n.folded[1] //nolint:gosec // below 256
	}
	for b := 0xc2; b < 0xf5; b++ {
		f.starts[b] = f.starts[b] || n.folded[0] >= utf8.RuneSelf || b < 0xcc || slices.Contains(likeASCII, b)
	}
}

// mayFollow tells whether a match that begins before a position may go on there: two
// bytes decide that at nearly every position of an answer.
func (f *finder) mayFollow(s string, at int) bool {
	return at == len(s) || !isPlain[s[at-1]] || f.seconds[f.caseOf(s[at])]
}

// likeASCII are the first bytes, beyond those of Latin letters, of characters whose
// plain form is in ASCII.
var likeASCII = []int{0xe1, 0xe2, 0xe3, 0xea, 0xef, 0xf0}

// match returns where the longest secret ends that begins at a position.
func (f *finder) match(s string, at int, cut bool) (end int, found *needle) {
	for i := range f.needles {
		if e := f.matchOne(&f.needles[i], s, at, cut); e > end {
			end, found = e, &f.needles[i]
		}
	}
	return end, found
}

func (f *finder) matchOne(n *needle, s string, at int, cut bool) (end int) {
	if n.number && at > 0 && isDigit(rune(s[at-1])) {
		return 0
	}
	rest := n.folded
	var buffer [32]byte
	for i := at; ; {
		switch {
		case rest == "" && n.number && i < len(s) && isDigit(rune(s[i])):
			return 0
		case rest == "":
			return i
		case i == len(s), cut && atCut(s[i:]):
			if cut && len(n.folded)-len(rest) >= f.minCut {
				return len(strings.TrimSuffix(s, "…"))
			}
			return 0
		case isPlain[s[i]] && f.caseOf(s[i]) != rest[0], i == at && !mayBegin(s[i:], rest[0]):
			return 0
		case isPlain[s[i]]:
			rest, i = rest[1:], i+1
			continue
		}
		c, size := read(s[i:])
		part := appendFolded(buffer[:0], c)
		for i, c := range part {
			part[i] = f.caseOf(c)
		}
		switch {
		case len(part) == 0 && i == at:
			return 0
		case strings.HasPrefix(rest, string(part)):
			rest = rest[len(part):]
		case strings.HasPrefix(string(part), rest):
			rest = ""
		default:
			return 0
		}
		i += size
	}
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

// mayBegin tells whether the first character of a text, if it is no plain one, may
// begin what begins with a byte. It decides most cases without reading an escape.
func mayBegin(s string, first byte) bool {
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
	if c == '\\' || c == '%' || c == '&' || first >= utf8.RuneSelf || c >= 0xd800 && c < 0xe000 {
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
	return c|0x20 == rune(first)|0x20
}

// atCut tells whether all that follows is a part of an escape, or the sign of a cut.
func atCut(s string) bool {
	const longest = 12
	return len(s) < longest && (s[0] == '%' || s[0] == '\\' || s[0] == '&') || s == "…"
}

// replace replaces the secrets in a text, which are not looked for in what keep
// tells to keep. Secrets that overlap are replaced as one.
func (f *finder) replace(s string, cut bool, keep func(s string, from, to int) bool) string {
	if f == nil || len(f.needles) == 0 {
		return s
	}
	var out strings.Builder
	done, from, to, marker := 0, 0, 0, "" // the last match is not written yet
	flush := func() {
		if to > 0 {
			out.WriteString(s[done:from])
			out.WriteString(marker)
			done = to
		}
	}
	for i := 0; i < len(s); i++ {
		if !f.starts[s[i]] || !f.mayFollow(s, i+1) {
			continue
		}
		end, n := f.match(s, i, cut)
		if n == nil || keep != nil && keep(s, i, end) {
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
		from, to, marker = i, end, n.marker
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

// ownMarkers are what replaces secrets, whatever they are called.
var ownMarkers = []string{accessTokenMarker, Marker(argument)}

// argument is what a secret among the arguments is called.
const argument = "argument"

// inOwnMarker tells whether a part of a text lies within what replaced a secret:
// what is contained in that is not replaced again.
func inOwnMarker(s string, from, to int) bool {
	start := markerBefore(s, from)
	for _, marker := range ownMarkers {
		if start >= 0 && strings.HasPrefix(s[start:], marker) && to <= start+len(marker) {
			return true
		}
	}
	return false
}

// inMarker is inOwnMarker for a text in which all markers are ours.
func inMarker(s string, from, to int) bool {
	start := markerBefore(s, from)
	if start < 0 || !strings.HasPrefix(s[start:], markerStart) {
		return inOwnMarker(s, from, to)
	}
	end := strings.IndexByte(s[start:], ']')
	return end >= 0 && to <= start+end+1
}

// markerBefore returns where the last bracket before a position is, -1 for none.
func markerBefore(s string, at int) int {
	const longest = 2 * MaxName
	first := max(0, at-longest)
	if i := strings.LastIndexByte(s[first:at+1], '['); i >= 0 {
		return first + i
	}
	return -1
}
