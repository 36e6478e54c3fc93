package result

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

func TestWhatWasSentIsFoundInEveryForm(t *testing.T) {
	for _, secret := range []string{
		"hunter2secret", `p"a'ss\word"`, "two\nlines\r\nof it", "a\tb  c d", `C:\new\users\u003cx`, "k<&>\u200bey\u2028s", "pässwörd 🙂 漢字", `{"a":"b","c":["d"]}`, `\\\\ab\\cd`, "1234",
	} {
		k := sentOf([]string{secret})
		forms := map[string]string{
			"plain": secret, "cleaned": clean(secret), "folded": strings.Join(strings.Fields(secret), " "),
			"doubled": strings.ReplaceAll(secret, `"`, `""`), "JSON as answers have it": string(appendQuote(nil, secret)),
		}
		text := secret
		for _, name := range []string{"JSON", "JSON in JSON", "JSON in JSON in JSON"} {
			quoted, err := json.Marshal(text) // it escapes <, > and &
			require.NoError(t, err)
			text = string(quoted)
			forms[name] = text
		}
		for name, form := range forms {
			got := k.out("it is " + form + " now, " + form + "!")
			require.Equal(t, 2, strings.Count(got, "[redacted: argument]"), "%s of %q: %q", name, secret, got)
			require.True(t, strings.HasPrefix(got, "it is ") && strings.HasSuffix(got, "!"), got)
			require.Empty(t, strings.Trim(strings.NewReplacer("it is", "", "now,", "", "[redacted: argument]", "", "!", "").Replace(got), `"'\ `), "%s of %q: %q", name, secret, got)
		}
	}
}

func TestTheBeginningOfWhatWasSentIsFoundAtTheEnd(t *testing.T) {
	k := sentOf([]string{"first <line>\nsecond \"line\"", "other-secret"})
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
		require.Equal(t, want, strings.TrimRight(k.outEnd(text), "\\u0\ufffd"), text)
	}
}

func TestWhatIsTooShortStays(t *testing.T) {
	k := sentOf([]string{"abc", "", `" "`, `a "" b`})
	require.Equal(t, `abc " " [redacted: argument]`, k.out(`abc " " a "" b`))
	require.Equal(t, "as it was", sent(nil).outEnd("as it was"))
	require.Equal(t, "x[redacted: argument]x", sentOf([]string{": ar"}).out("x: arx"), "found in what stands in its place")
}

func TestJSONThatWasCutIsReadAsFarAsItGoes(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[{"key":"Authorization","value":"X`: `{"a":[{"key":"Authorization","value":"[redacted: Authorization]…`,
		`{"credentials":{"user":"X","more":tru`:   `{"credentials":{"user":"[redacted: user]","more":…`,
		`{"credentials":{"user":"X","mo`:          `{"credentials":{"user":"[redacted: user]","mo…`,
		`{"credentials":["X\\","Y\u00`:            `{"credentials":["[redacted: credentials]","[redacted: credentials]…`,
		`[["X-Api-Key","X"],["Accept","*"],`:      `[["X-Api-Key","[redacted: X-Api-Key]"],["Accept","*"]…`,
		`{"credentials":{"user":"X"}}`:            `{"credentials":{"user":"[redacted: user]"}}`,
		`{"success":true,"data":[{"id":1},`:       "",
		`{"a": "nothing`:                          "",
		`{{ user.password }}`:                     "",
		`[see the "password`:                      "",
	} {
		got, ok := Options{}.json(text, &tools.Call{Tool: &tools.Tool{}})
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", ok, text)
	}
}
