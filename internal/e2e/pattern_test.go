package e2e_test

import (
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// matching returns a text that matches a pattern. A different seed gives a
// different text where the pattern allows one.
func matching(t testing.TB, pattern string, seed int) string {
	t.Helper()
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	require.NoError(t, err)
	var out strings.Builder
	write(t, &out, parsed.Simplify(), &seed)
	require.Regexp(t, pattern, out.String())
	return out.String()
}

func write(t testing.TB, out *strings.Builder, re *syntax.Regexp, seed *int) {
	t.Helper()
	switch re.Op {
	case syntax.OpLiteral:
		out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		out.WriteRune(inClass(re.Rune, *seed))
		*seed++
	case syntax.OpStar, syntax.OpPlus:
		for range 3 {
			write(t, out, re.Sub[0], seed)
		}
	case syntax.OpAlternate:
		write(t, out, re.Sub[*seed%len(re.Sub)], seed)
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			write(t, out, sub, seed)
		}
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpEmptyMatch:
	default:
		require.Fail(t, "a pattern with something new", "%v in %v", re.Op, re)
	}
}

// inClass picks a character from a class, given as pairs of first and last
// characters.
func inClass(pairs []rune, seed int) rune {
	size := 0
	for i := 0; i < len(pairs); i += 2 {
		size += int(pairs[i+1]-pairs[i]) + 1
	}
	n := seed % size
	for i := 0; ; i += 2 {
		width := int(pairs[i+1]-pairs[i]) + 1
		if n < width {
			return pairs[i] + rune(n)
		}
		n -= width
	}
}
