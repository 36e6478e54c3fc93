package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

const token = "retool_01kq3v9xw7Zs5TnB"

// each writes every character of a text in another way.
func each(write func(c rune) string) func(string) string {
	return func(s string) (out string) {
		for _, c := range s {
			out += write(c)
		}
		return out
	}
}

// between puts something between the characters of a text.
func between(what string) func(string) string {
	return func(s string) string { return strings.Join(strings.Split(s, ""), what) }
}

func inJSON(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted[1 : len(quoted)-1])
}

func units(format string) func(string) string {
	return each(func(c rune) (out string) {
		for _, unit := range utf16.AppendRune(nil, c) {
			out += fmt.Sprintf(format, unit)
		}
		return out
	})
}

func bytesOf(format string) func(string) string {
	return func(s string) (out string) {
		for i := range len(s) {
			out += fmt.Sprintf(format, s[i])
		}
		return out
	}
}

// writings are ways to write a text that its reader undoes.
var writings = map[string]func(string) string{
	"JSON": inJSON, "JSON escapes": units(`\u%04x`), "capital JSON escapes": units(`\u%04X`), "code escapes": bytesOf(`\x%02x`),
	"path": url.PathEscape, "query": url.QueryEscape, "percent signs": bytesOf("%%%02x"), "capital percent signs": bytesOf("%%%02X"),
	"HTML": html.EscapeString, "decimal entities": each(func(c rune) string { return fmt.Sprintf("&#%d;", c) }),
	"hexadecimal entities":   each(func(c rune) string { return fmt.Sprintf("&#x%X;", c) }),
	"decimal entities, open": each(func(c rune) string { return fmt.Sprintf("&#%d", c) }), "hexadecimal entities, open": each(func(c rune) string { return fmt.Sprintf("&#x%x", c) }),
	"mixed": func(s string) string {
		r := []rune(s)
		return string(r[:1]) + units(`\u%04x`)(string(r[1:2])) + bytesOf("%%%02x")(string(r[2:3])) + string(r[3:])
	},
	"unlike digits": strings.NewReplacer("_", `\u005F`).Replace, "named entities": strings.NewReplacer("_", "&lowbar;").Replace,
}

// looks are texts that read like another, or do so once they are cleaned.
var looks = map[string]func(string) string{
	"as it is": func(s string) string { return s }, "capitals": strings.ToUpper, "small letters": strings.ToLower,
	"zero width": between("\u200b"), "joiners": between("\u2060\u200d"), "tags": between("\U000e0041"), "byte order marks": between("\ufeff"),
	"soft hyphens": between("\u00ad"), "variation selectors": between("\ufe0f"), "accents": between("\u0301"), "controls": between("\x01"),
	"lines": between("\n"), "invalid UTF-8": between("\xff"), "lost characters": between("\ufffd"), "direction": between("\u202e"),
	"wide":          each(func(c rune) string { return string(c - '!' + '！') }),
	"bold":          strings.NewReplacer("r", "𝐫", "e", "𝐞", "t", "𝐭", "o", "𝐨", "0", "𝟎", "Z", "𝐙").Replace,
	"circled":       strings.NewReplacer("r", "ⓡ", "e", "ⓔ", "1", "①", "Z", "Ⓩ").Replace,
	"raised":        strings.NewReplacer("r", "ʳ", "1", "¹", "0", "⁰").Replace,
	"with accents":  strings.NewReplacer("e", "é", "o", "ö").Replace,
	"doubled quote": func(s string) string { return s[:4] + `""` + s[4:] },
}

func TestAccessTokenIsFoundInEveryForm(t *testing.T) {
	remover := redact.NewAccessToken(token, "another_token_of_it")
	check := func(name, form string) {
		for _, secret := range []string{form, form + form} {
			got := remover.Text("it is " + secret + ", now")
			require.Equal(t, "it is "+strings.Repeat("[access token]", len(secret)/len(form))+", now", got, "%s: %q", name, form)
		}
		require.NotContains(t, string(remover.Body([]byte("it is "+form))), form, name)
	}
	for look, as := range looks {
		check(look, as(token))
		for inner, write := range writings {
			written := write(as(token))
			check(look+" as "+inner, written)
			if !slices.Contains([]string{"as it is", "zero width", "wide"}, look) {
				continue
			}
			for outer, again := range writings {
				check(look+" as "+inner+" in "+outer, again(written))
			}
		}
	}
	for range 4 { // JSON within JSON within …
		writings["JSON"] = func(write func(string) string) func(string) string {
			return func(s string) string { return inJSON(write(s)) }
		}(writings["JSON"])
	}
	check("deep JSON", writings["JSON"](units(`\u%04x`)(token)))
	require.Equal(t, "the [access token]", remover.Text("the another_\u200btoken_of_it"), "others that this process has")
}

// What does not hold the token stays byte for byte.
func TestHonestTextsKeepTheirBytes(t *testing.T) {
	remover := redact.NewAccessToken(token, "abc", "")
	for _, text := range []string{
		"", "retool_01", "retool_01kq3v9xw7", "a retool_02kq3v9xw7Zs5TnB", token[1:], token[:len(token)-1], `\`, `\\\\\\`, "%", "%zz%2", "&amp;&#x;&nosuch;&#99999999999;", `\u00`, `\ud83d`, `\ud83d\ud83d`, "abc",
		"é日本🙂 ﬁ", "a\xffb", strings.Repeat(`\`, 5000), strings.Repeat("%25", 5000), strings.Repeat("&amp;", 3000), strings.Repeat("re", 5000), "r\u200b" + strings.Repeat("\u200b", 5000),
	} {
		require.Equal(t, text, remover.Text(text))
		require.Equal(t, text, remover.Shown(text))
		require.Equal(t, text, string(remover.Body([]byte(text))))
	}
	require.Equal(t, "abc", redact.NewAccessToken("abc").Shown("abc"), "it may be any word")
	require.Equal(t, "abc", redact.AccessToken{}.Shown("abc"))
}

func TestReplacementIsNotReplacedAgain(t *testing.T) {
	for _, token := range []string{"access token", "access tok", "[access token]", "ess toke", "argument]", "redacted: argument", "[redacted: password]", "password"} {
		remover := redact.NewAccessToken(token)
		for _, text := range []string{"[access token]", "[redacted: argument]", "x=[redacted: password]", "[[access token]] token"} {
			require.Equal(t, text, remover.Shown(text), token)
		}
		once := remover.Text("a " + token + " b")
		require.Equal(t, "a [access token] b", once, token)
		require.Equal(t, once, remover.Shown(once), token)
	}
	require.Equal(t, "[access token]]", redact.NewAccessToken("access token]-more").Shown("[access token]-more]")[1:], "it goes on behind the marker")
	require.Equal(t, "[redacted: argument] [redacted: argument]", redact.New(redact.Rules{Sent: []string{"redacted", "argument"}}).Message("argument redacted"))
	v, _ := redacted(t, redact.Rules{Sent: []string{"password"}}, `{"password":"x"}`)
	require.Equal(t, `{"[redacted: argument]":"[redacted: argument]"}`, v)
}

// JSON stays JSON, whatever the token is.
func TestJSONStaysJSON(t *testing.T) {
	for name, x := range map[string]struct{ token, body, want string }{
		"name and text":      {token, `{ "` + token + `" : "` + token + `" }`, `{ "[access token]" : "[access token]" }`},
		"escaped name":       {token, `{"\u0072` + token[1:] + `":1,"next_token":"\u0052` + token[1:] + `"}`, `{"[access token]":1,"next_token":"[access token]"}`},
		"nested JSON":        {token, `{"a":"{\"b\":\"\\u0072` + token[1:] + `\"}"}`, `{"a":"{\"b\":\"[access token]\"}"}`},
		"number":             {"123456789", `{"a":123456789,"b":[4123456789e3],"c":"n123456789"}`, `{"a":"[access token]","b":["4[access token]e3"],"c":"n[access token]"}`},
		"over two members":   {"user:pass1234", `{"user":"pass1234","b":"user:pass1234"}`, `{"user":"pass1234","b":"[access token]"}`},
		"behind a line end":  {token, `{"a":"line\r` + token + `\n\` + token + `"}`, ""},
		"behind a backslash": {token, `{"a":"C:\\` + token + `","b":"\\\\` + token + `\""}`, `{"a":"C:[access token]","b":"[access token]\""}`},
		"more than one":      {token, `{"a":"` + token + `"}` + "\n" + `{"a":"` + token + `"}`, `{"a":"[access token]"}` + "\n" + `{"a":"[access token]"}`},
		"a lost half":        {token, `{"a":"\ud83d ` + token + `"}`, `{"a":"\ud83d [access token]"}`},
		"cut off":            {token, `{"a":"` + token, `{"a":"[access token]`},
	} {
		got := string(redact.NewAccessToken(x.token).Body([]byte(x.body)))
		if x.want != "" {
			require.Equal(t, x.want, got, name)
		}
		require.NotContains(t, got, x.token, name)
	}
	require.True(t, json.Valid(redact.NewAccessToken("etool_01kq3v9xw7").Body([]byte(`{"a":"line\retool_01kq3v9xw7"}`))))
}

func TestBeginningOfTheTokenIsRemovedAtACut(t *testing.T) {
	remover := redact.NewAccessToken(token)
	for text, want := range map[string]string{
		"no: " + token[:15]:                "no: [access token]",
		"no: \\u0072" + token[1:15]:        "no: [access token]",
		"no: " + token[:15] + "\\u00":      "no: [access token]",
		"no: " + token[:15] + "%7":         "no: [access token]",
		"no: " + token[:15] + "\u200b…":    "no: [access token]…",
		"no: retool_01":                    "no: retool_01",
		"no: " + token[:15] + " and so on": "no: " + token[:15] + " and so on",
	} {
		require.Equal(t, want, remover.CutText(text))
	}
	for text, want := range map[string]string{
		"not " + token[:15] + "…, but x":         "not [access token]…, but x",
		"not " + token[:15] + "%7…\nor " + token: "not [access token]…\nor [access token]",
		"a… " + token[:15] + "…… " + token[:15]:  "a… [access token]…… " + token[:15],
		"[access token]… and retool_01…":         "[access token]… and retool_01…",
		"…":                                      "…",
	} {
		require.Equal(t, want, remover.Shown(text))
	}
}

// Not promised; see docs/security.md.
func TestDisguisesThatAreNotFound(t *testing.T) {
	remover := redact.NewAccessToken(token)
	for _, text := range []string{"cmV0b29sXzAxa3EzdjlYdzdaczVUbkI=", fmt.Sprintf("%x", token), token[:9] + "," + token[9:], "retооl_" + token[7:]} {
		require.Equal(t, text, remover.Text(text))
	}
}
