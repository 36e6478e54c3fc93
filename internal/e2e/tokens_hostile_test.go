package e2e_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// tokenForms are ways to write a token within a text of JSON.
var tokenForms = map[string]func(string) string{
	"plain": asIs, "JSON": inEscapes, "JSON within JSON": func(s string) string { return inJSON(inEscapes(s)) },
	"percent": func(s string) (out string) {
		for i := range len(s) {
			out += fmt.Sprintf("%%%02x", s[i])
		}
		return out
	},
	"invisible": withInvisible,
	"mixed":     func(s string) string { return "%" + fmt.Sprintf("%02x", s[0]) + inEscapes(s[1:2]) + "\u2060" + s[2:] },
}

// A tokenPlace is where an upstream repeats TOKEN.
type tokenPlace struct {
	name         string
	shown        bool // the result of get_group shows where it was
	status       int  // 0 for no HTTP
	header, body string
}

var tokenPlaces = []tokenPlace{
	{"texts and names", true, 200, "Content-Type: application/json", `{"success":true,"data":{"name":"TOKEN","TOKEN":["TOKEN"],"deep":{"TOKEN":{"TOKEN":1}}}}`},
	{"items", true, 200, "Content-Type: application/json", `{"success":true,"data":[{"id":"TOKEN","TOKEN":1}],"next_token":"TOKEN","next":"TOKEN","has_more":true}`},
	{"message", true, 400, "Content-Type: application/json", `{"success":false,"message":"no TOKEN","errors":[{"TOKEN":"TOKEN"}]}`},
	{"success that is none", true, 200, "Content-Type: application/json", `{"success":false,"message":"TOKEN"}`},
	{"a page", true, 502, "Content-Type: text/html", "<title>TOKEN</title><h1>TOKEN</h1>"},
	{"a page as a success", true, 200, "Content-Type: text/html", "<!doctype html><pre>TOKEN</pre>"},
	{"text", true, 200, "Content-Type: text/plain", "TOKEN"},
	{"lines of JSON", true, 200, "Content-Type: application/x-ndjson", `{"TOKEN":"TOKEN"}` + "\n" + `["TOKEN"]`},
	{"no JSON", false, 200, "Content-Type: application/json", `{"success":true,"data":"TOKEN`},
	{"JSON twice", false, 200, "Content-Type: application/json", `{"TOKEN":"TOKEN"}{"TOKEN":`},
	{"where a text is cut", false, 500, "Content-Type: text/plain", strings.Repeat("x", 470) + "TOKEN"},
	{"Location of a new object", false, 201, "Location: /api/v2/groups/TOKEN?a=TOKEN", `{"success":true,"data":{"id":"1"}}`},
	{"Location of work", false, 202, "Location: https://TOKEN.example/TOKEN#TOKEN", ""},
	{"redirect away", false, 302, "Location: https://elsewhere.example/TOKEN?a=TOKEN", ""},
	{"redirect in place", false, 307, "Location: /api/v2/TOKEN?a=TOKEN", ""},
	{"redirect without a form", false, 301, "Location: http://%zz/TOKEN", ""},
	{"Content-Type", false, 200, "Content-Type: application/octet-stream; a=TOKEN", "\x00\x01"},
	{"Content-Type and body", true, 400, "Content-Type: TOKEN", "TOKEN"},
	{"Content-Encoding", false, 200, "Content-Encoding: TOKEN", "TOKEN"},
	{"Retry-After", false, 429, "Retry-After: TOKEN", `{"message":"slower"}`},
	{"ETag", false, 200, `ETag: W/"TOKEN"`, `{"success":true,"data":{}}`},
	{"the status", false, 0, "", "HTTP/1.1 200 TOKEN\r\nContent-Length: TOKEN\r\nTOKEN: TOKEN\r\n\r\n"},
	{"no HTTP", false, 0, "", "TOKEN\r\n\r\n"},
}

// repeatTokens answers a request with all tokens in a form, in a place.
func repeatTokens(p tokenPlace, form string, tokens []string) http.HandlerFunc {
	var written []string
	for _, token := range tokens {
		written = append(written, tokenForms[form](token))
	}
	fill := func(s string) string { return strings.ReplaceAll(s, "TOKEN", strings.Join(written, ".")) }
	if p.status == 0 {
		return sending(fill(p.body))
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		name, value, _ := strings.Cut(p.header, ": ")
		w.Header().Set(name, fill(value))
		w.WriteHeader(p.status)
		_, _ = w.Write([]byte(fill(p.body)))
	}
}

var (
	codeEscape    = regexp.MustCompile(`\\+u([0-9a-fA-F]{4})`)
	percentEscape = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
)

// readByAnybody is a text as the most patient reader sees it: without escapes of any
// kind, quotes and what is invisible.
func readByAnybody(s string) string {
	for range 4 {
		s = codeEscape.ReplaceAllStringFunc(s, func(escape string) string {
			unit, _ := strconv.ParseUint(escape[len(escape)-4:], 16, 16)
			return string(rune(unit)) // half a character is no part of a token
		})
		s = percentEscape.ReplaceAllStringFunc(s, func(escape string) string {
			text, _ := url.PathUnescape(escape) // it has its form
			return text
		})
		s = html.UnescapeString(s)
	}
	return strings.Map(func(c rune) rune {
		if c == '\\' || c == '"' || !unicode.IsPrint(c) || unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, s)
}

// requireNoToken requires that nobody can read a token in a text, or most of it.
func requireNoToken(t testing.TB, tokens []string, where, text string) {
	t.Helper()
	for _, raw := range []string{text, readByAnybody(text)} {
		for _, token := range tokens {
			for _, part := range []string{token, token[:16], token[len(token)-16:]} {
				at := strings.Index(raw, part)
				require.Negative(t, at, "%s: %q", where, raw[max(0, at-100):min(len(raw), max(0, at)+100)])
			}
		}
	}
}

func TestReadByAnybody(t *testing.T) {
	t.Parallel()
	const token = "retool_01kq3v9xw7Zs5TnB"
	for name, write := range tokenForms {
		require.Equal(t, "a "+token+" b", readByAnybody("a "+write(token)+" b"), name)
	}
}
