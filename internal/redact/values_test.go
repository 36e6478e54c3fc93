package redact

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

func TestSentValuesAreFoundInEveryForm(t *testing.T) {
	for _, secret := range []string{
		"hunter2secret", `p"a'ss\word"`, "two\nlines\r\nof it", "a\tb  c d", `C:\new\users\u003cx`, "k<&>\u200bey\u2028s", "pässwörd 🙂 漢字", `{"a":"b","c":["d"]}`, `\\\\ab\\cd`, "1234",
	} {
		k := newValues([]string{secret})
		forms := map[string]string{
			"plain": secret, "cleaned": text.RemoveInvisible(secret), "folded": strings.Join(strings.Fields(secret), " "),
			"doubled": strings.ReplaceAll(secret, `"`, `""`), "JSON as answers have it": quoted(secret),
		}
		nested := secret
		for _, name := range []string{"JSON", "JSON in JSON", "JSON in JSON in JSON"} {
			quoted, err := json.Marshal(nested) // it escapes <, > and &
			require.NoError(t, err)
			nested = string(quoted)
			forms[name] = nested
		}
		for name, form := range forms {
			got := k.remove("it is " + form + " now, " + form + "!")
			require.Equal(t, 2, strings.Count(got, "[redacted: argument]"), "%s of %q: %q", name, secret, got)
			require.True(t, strings.HasPrefix(got, "it is ") && strings.HasSuffix(got, "!"), got)
			require.Empty(t, strings.Trim(strings.NewReplacer("it is", "", "now,", "", "[redacted: argument]", "", "!", "").Replace(got), `"'\ `), "%s of %q: %q", name, secret, got)
		}
	}
}

func TestCutValuesAreFoundAtTheEnd(t *testing.T) {
	k := newValues([]string{"first <line>\nsecond \"line\"", "other-secret"})
	for text, want := range map[string]string{
		"no: first <li":                 "no: [redacted: argument]",
		"no: first <line>…":             "no: [redacted: argument]…",
		`no: \"first \u003cline\u003e\`: `no: \"[redacted: argument]`,
		`no: \"first \u003cline\u00`:    `no: \"[redacted: argument]`,
		`no: first <line>\nsec`:         `no: [redacted: argument]`,
		"no: other-se\ufffd":            "no: [redacted: argument]",
		"no: fir":                       "no: fir",
		"no: first <li no":              "no: first <li no",
	} {
		require.Equal(t, want, strings.TrimRight(k.removeCut(text), "\\u0\ufffd"), text)
	}
}

// A secret may begin with what could be an escape that was cut off.
func TestSecretsWithSignsOfEscapesAreFoundAtTheEnd(t *testing.T) {
	for _, secret := range []string{
		"P&ssw0rd!23", "50%off#2026", `ab\cd1234`, "A&b1", "a%b%c%d%g1", "q&werty12345", "x%20y1234", "&&&&", "%%%%1", `\u00e9t\u00e9s`, "a&b", "&amp;&lt;ab", "pass&word", "pass%41word",
		"a b c d", "a&#8203;bcd", "1%2 3",
	} {
		forms := map[string]string{
			"plain": secret, "JSON": strings.Trim(quoted(secret), `"`), "path": url.PathEscape(secret), "query": url.QueryEscape(secret), "HTML": html.EscapeString(secret),
			"units": strings.Trim(strconv.QuoteToASCII(secret), `"`), "path in JSON": strings.ReplaceAll(url.PathEscape(secret), "%", `\u0025`),
		}
		sent, token := New(Rules{Sent: []string{secret}}), NewAccessToken(secret)
		for name, form := range forms {
			for _, end := range []string{"", ".", " (retry)", "…", " and so on, for long"} {
				given := "FATAL: bad credentials " + form + end
				if len(secret) >= minValue {
					require.Equal(t, "FATAL: bad credentials [redacted: argument]"+end, sent.Message(given), "%s of %q", name, secret)
				}
				require.Equal(t, "FATAL: bad credentials [access token]"+end, token.CutText(given), "%s of %q", name, secret)
			}
		}
	}
	require.Equal(t, "no: [redacted: argument]", New(Rules{Sent: []string{"abcd", "abcdefghijk&x"}}).Message("no: abcdefgh%4"), "the longer one is cut off")
	require.Equal(t, "no: [redacted: argument] so", New(Rules{Sent: []string{"pass&word", "pass&wording"}}).Message("no: pass&word so"), "a whole one")
}

func TestShortValuesStay(t *testing.T) {
	k := newValues([]string{"abc", "", `" "`, `a "" b`})
	require.Equal(t, `abc " " [redacted: argument]`, k.remove(`abc " " a "" b`))
	require.Equal(t, "as it was", newValues(nil).removeCut("as it was"))
	require.Equal(t, "x[redacted: argument]x", newValues([]string{": ar"}).remove("x: arx"), "found in what stands in its place")
}

// quoted is a text as JSON has it.
func quoted(s string) string {
	out, _ := jsontext.AppendQuote(nil, s)
	return string(out)
}

func TestValuesMayOverlap(t *testing.T) {
	require.Equal(t, "a [redacted: argument].", newValues([]string{"secret", "a-secret-value", "value-more"}).remove("a a-secret-value-more."))
	require.Equal(t, "[redacted: argument]b", newValues([]string{"abab"}).remove("abababb"))
}
