package text_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// invisible has one of each kind.
var invisible = []string{
	"\x00", "\a", "\r", "\x1b", "\x7f", "\u0085", // control
	"\u00ad", "\u061c", "\u180e", "\u200b", "\u200d", "\u2060", "\ufeff", "\ufff9", // format
	"\u200e", "\u202a", "\u202e", "\u2066", "\u2069", // bidirectional
	"\U000e0001", "\U000e0041", "\U000e007f", // tags
	"\ufe0f", "\U000e0100", "\u180b", // variation selectors
	"\u034f", "\u115f", "\u17b4", "\u2065", "\u3164", "\uffa0", // ignored by default
	"\u2028", "\u2029", "\u2800",
}

var visible = []string{"\n", "\t", " ", "\u00a0", "\u3000", "é", "e\u0301", "日本", "🙂", "مرحبا", "שלום", "हिन्दी", "\ufffd", "$\u20ac"}

func TestInvisibleCharactersAreRemovedOrEscaped(t *testing.T) {
	for _, c := range invisible {
		s := "a" + c + "b"
		require.True(t, text.HasInvisible(s), "%+q", c)
		require.Equal(t, "ab", text.RemoveInvisible(s), "%+q", c)
		escaped := text.EscapeInvisible(s)
		require.False(t, text.HasInvisible(escaped), "%+q", c)
		var back string
		require.NoError(t, json.Unmarshal([]byte(`"`+escaped+`"`), &back), escaped)
		require.Equal(t, s, back, "the escape stands for the character")
	}
	for _, c := range visible {
		s := "a" + c + "b"
		require.False(t, text.HasInvisible(s), "%+q", c)
		require.Equal(t, s, text.RemoveInvisible(s))
		require.Equal(t, s, text.EscapeInvisible(s))
	}
	require.Equal(t, "a\ufffdb", text.RemoveInvisible("a\xffb"))
	require.Equal(t, `a\ufffdb`+"\ufffd", text.EscapeInvisible("a\xffb\ufffd"))
}

func TestOneLine(t *testing.T) {
	require.Equal(t, "a b c d e", text.OneLine(" a\r\nb\u2028c\t\t d\u200b\u00a0e\x1b\n"))
	require.Equal(t, `"a\n\tb\u200b"`, text.Quote("a\n\tb\u200b", 20))
	require.Equal(t, `"日本…"`, text.Quote("日本語", 2))
}

func TestNearestName(t *testing.T) {
	for typed, want := range map[string]string{
		"list_user": "list_users", "usersList": "", "sand": "sandbox", "sandbox_se": "sandbox-seed", "sa": "", "SANDBX": "sandbox", "": "",
	} {
		require.Equal(t, want, text.Nearest(typed, []string{"sandbox-seed", "sandbox", "sandbox-state", "list_users"}), typed)
	}
	require.Equal(t, " (did you mean sandbox?)", text.DidYouMean("sandbx", []string{"sandbox"}))
	require.Empty(t, text.DidYouMean("nonsense", []string{"sandbox"}))
}

func TestTextIsCutAtABoundary(t *testing.T) {
	require.Equal(t, "abc", text.Clip("abc", 3))
	require.Equal(t, "ab…", text.Clip("abc", 2))
	require.Equal(t, "日…", text.Clip("日本", 5))
	require.Equal(t, "日本", text.Clip("日本", 6))
	require.Equal(t, "\ufffd…", text.Clip("\xffab", 1))
	require.Equal(t, "日…", text.ClipRunes("日本", 1))
	require.Equal(t, "日本", text.ClipRunes("日本", 2))
	require.Equal(t, "a…", text.Clip("a…bc", 4), "one ellipsis")
	require.Equal(t, "a…", text.ClipRunes("a…bc", 2), "one ellipsis")
	require.Equal(t, "one…", text.ClipWords("one, two", 6))
	require.Equal(t, "日…", text.ClipWords("日本語", 5))
	require.Equal(t, "one two", text.ClipWords("one two", 7))
	for _, s := range []string{"", "a", "日本語", "a\xe6", "\xe6\x97", "é日🙂"} {
		for n := range len(s) + 1 {
			p := text.Prefix(s, n)
			require.True(t, strings.HasPrefix(s, p) && len(p) <= n && n-len(p) < utf8.UTFMax)
			if utf8.ValidString(s) {
				require.True(t, utf8.ValidString(p))
			}
		}
	}
}

// A cut parts no escape, and what differs is kept.
func TestClipsOfEscapes(t *testing.T) {
	for s, want := range map[string]string{
		`ab\u200bcd`:       "ab…",
		`abc\ncd`:          `abc…`,
		`\\\\\\`:           `\\\\…`,
		`\ud83d\ude00abcd`: "…",
		"abcd":             "abcd",
		`日本語ですか`:           "日本語で…",
	} {
		require.Equal(t, want, text.ClipEscaped(s, 4), s)
	}
	require.Equal(t, `"ab…"`, text.Quote("ab\u200bcd", 4))
	long := strings.Repeat("x", 100)
	for _, pair := range [][2]string{{long + "a", long + "b"}, {long, long + "b"}, {long + "a" + long, long + "b" + long}, {"a" + long, "b" + long}, {long + `\u200b`, long + `\u200c`}} {
		a, b := text.ClipBoth(pair[0], pair[1], 20)
		require.NotEqual(t, a, b)
		require.LessOrEqual(t, len([]rune(a)), 22)
		require.LessOrEqual(t, len([]rune(b)), 22)
	}
	a, b := text.ClipBoth("same", "some", 20)
	require.Equal(t, "same some", a+" "+b)
}
