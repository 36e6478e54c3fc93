package result_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// FuzzTable lays out items of any kind as a table. They can be read back from
// it, but for what no reader sees.
func FuzzTable(f *testing.F) {
	for _, items := range []string{
		`[]`, `[{"id":1,"n":"a","ok":true},{"id":2}]`, `[{"a":5},{"a":"5"},{"a":null},{"a":"null"},{"a":""},{}]`,
		`[{"a":{"b":1,"c":{"d":"x"}}},{"a":null},{"a":{}}]`, `[{"a":["x","y"]},{"a":[]},{"a":[1,null]},{"a":[""]}]`,
		`[{"g":[{"id":1,"n":"a"},{"id":2,"n":"b"}]},{"g":[]},{"g":null}]`, `[{"a":[1,{"b":2}]},{"a":"y"}]`,
		`[{"a.b":{"c,d":1},"":2,"e[]":3,"\"":4,"{}":5}]`, `[{"a":1.50},{"a":-0},{"a":1e400},{"a":12345678901234567890}]`,
		`[{"a":" #;,\n\t\"é"},{"a":"[\"x\"]"},{"a":"[redacted: x]"}]`, `[1,"a",[{}]]`, `[{"a":"\u0000\u200b","b\r":"\r\n"}]`,
		`[{"\u0072etool_01\u200bx":"\u0072etool_01\udb40\udc41x","password":4815162342,"pin":"4,815"},{"[access token]":"[access [access token]en]"}]`,
	} {
		f.Add([]byte(items))
	}
	c := call(f, "list_users", `{"format":"table"}`)
	f.Fuzz(func(t *testing.T, items []byte) {
		want, ok := seenItems(items)
		if !ok {
			return
		}
		r := result.Render(c, answer(`{"data":`+string(items)+`,"has_more":false}`), result.Options{Reveal: true})
		require.False(t, r.IsError, r.Text)
		if strings.HasPrefix(r.Text, "{") { // what no table can hold
			require.Equal(t, any(want), decode(t, beforeNotes(r.Text)).(map[string]any)["data"])
			return
		}
		got := readTable(t, r.Text)
		if len(want) == 0 {
			require.Empty(t, got)
			return
		}
		require.Equal(t, any(want), any(got), r.Text)
	})
}

// seenItems reads a list as it is to come back. It is false for what is no list,
// and where two names of an object are one to those who read it.
func seenItems(text []byte) (items []any, ok bool) {
	if !utf8.Valid(text) || !json.Valid(text) || hasTwins(text) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&items) != nil || items == nil {
		return nil, false
	}
	v, _ := seen(items).([]any)
	return v, true
}

// seen is v without what no reader sees.
func seen(v any) any {
	switch v := v.(type) {
	case string:
		return visible(v)
	case []any:
		for i := range v {
			v[i] = seen(v[i])
		}
	case map[string]any:
		for name, part := range v {
			delete(v, name)
			v[visible(name)] = seen(part)
		}
	}
	return v
}

// hasTwins tells whether an object has a name twice, or half a character.
func hasTwins(text []byte) bool {
	type level struct {
		names map[string]bool // nil in a list
		value bool            // it comes next
	}
	levels := []*level{{}}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.Token()
		if err != nil {
			return false
		}
		at := levels[len(levels)-1]
		if name, ok := token.(string); ok && strings.Contains(name, "\ufffd") {
			return true
		} else if ok && at.names != nil && !at.value {
			if name = visible(name); at.names[name] {
				return true
			}
			at.names[name], at.value = true, true
			continue
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, &level{names: map[string]bool{}})
			continue
		case json.Delim('['):
			levels = append(levels, &level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
			at = levels[len(levels)-1]
		}
		at.value = false
	}
}

// visible is what is left of a text, by a rule of its own: docs/results.md tells
// it.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		if hidden(c) {
			return -1
		}
		return c
	}, s)
}

func hidden(c rune) bool {
	switch {
	case c == '\n', c == '\t':
		return false
	case unicode.IsControl(c), c == '\u2800', c == '\u2028', c == '\u2029':
		return true
	}
	return unicode.In(c, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// FuzzAnswer takes anything for an answer to anything. The result is text that
// can be read, no longer than it may be, and JSON where it looks like it.
func FuzzAnswer(f *testing.F) {
	for _, x := range []struct{ contentType, body string }{
		{"application/json", `{"success":true,"data":[{"id":1,"name":"a"}],"total_count":5,"next_token":"t","has_more":true}`},
		{"application/json", `{"success":false,"message":"no"}`},
		{"application/json", `{"data":{"id":1,"name":"n"},"next":5,"has_more":true}`},
		{"application/json", `{"data":[{"id":1},`},
		{"application/problem+json; charset=x", `[1,"\ud800"]`},
		{"text/html", "<html><title>login</title>"},
		{"text/plain; charset=\"\u202e\x00", strings.Repeat("a line of text\n", 900)},
		{"", "\xff\xfe\x00"},
		{"application/octet-stream", strings.Repeat("\u65e5\u672c\U000e0041", 700)},
		{"application/json", `{"data":[` + strings.Repeat(`{"name":"some words"},`, 400) + `{}]}`},
		{"application/json", `{"data":{"` + strings.Repeat("k", 4000) + `":1,"` + strings.Repeat("l", 4000) + `":2}}`},
		{"application/json", `{"data":[],"next_token":"` + strings.Repeat("k9", 2000) + `","has_more":true}`},
		{"application/json", `{"message":"` + strings.Repeat("word ", 3000) + `","data":[{"id":1}]}`},
		{"application/json", `{"data":[{"\u0072etool_01\u200bx":["r\u2060e\u0301tool_01x"],"[access token]":"[redacted: a]"}],"next_token":"\u0072etool_01x","has_more":true}`},
		{"application/json", `{"data":{"password":4815162342,"n":4.815162342e9,"api_keys":[1,"%72%65tool","&#114;etool"]}}`},
		{"application/json", `{"success":false,"message":"[access [access token]en] \\u0072etool_01x…"}`},
		{"application/json", strings.Repeat(`[`, 2000) + strings.Repeat(`]`, 2000)},
	} {
		for which := range byte(6) {
			f.Add(which, x.contentType, []byte(x.body))
		}
	}
	var calls []*tools.Call
	for _, x := range []struct{ tool, arguments string }{
		{"list_users", `{}`},
		{"list_users", `{"format":"table","fields":["id","name"]}`},
		{"list_groups", `{"format":"json"}`},
		{"get_user", `{"userId":"u"}`},
		{"get_user", `{"userId":"u","fields":["name"]}`},
		{"create_organization", ``},
	} {
		calls = append(calls, call(f, x.tool, x.arguments))
	}
	const most = 1000
	f.Fuzz(func(t *testing.T, which byte, contentType string, body []byte) {
		c := calls[int(which)%len(calls)]
		r := result.Render(c, answerAs(contentType, string(body)), result.Options{MaxTokens: most})
		require.True(t, utf8.ValidString(r.Text), "%q", r.Text)
		require.Negative(t, strings.IndexFunc(r.Text, hidden), "%q", r.Text)
		if !hasGiants(body) && !muchBeside(body) {
			require.LessOrEqual(t, result.Tokens(r.Text), most, "%.300s", r.Text)
		}
		if claims := strings.HasPrefix(contentType, "application/json"); claims && !r.IsError && strings.HasPrefix(r.Text, "{") {
			require.True(t, json.Valid([]byte(beforeNotes(r.Text))), "%.300s", r.Text)
		}
	})
}

// hasGiants tells whether the body has what is not cut however long it is: names,
// numbers, the token of a next page, and lists within lists without end.
func hasGiants(body []byte) bool {
	token, depth := false, 0
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		d.UseNumber()
		part, err := d.Token()
		if err != nil {
			return false
		}
		switch part := part.(type) {
		case json.Delim:
			if depth++; part == '}' || part == ']' {
				depth -= 2
			}
			if depth > 100 {
				return true
			}
		case json.Number:
			if len(part) > 100 {
				return true
			}
		case string:
			if len(part) > 100 && (token || bytes.HasPrefix(bytes.TrimLeft(body[d.InputOffset():], " \t\r\n"), []byte(":"))) {
				return true
			}
			token = part == "next" || part == "next_token"
			continue
		}
		token = false
	}
}

// muchBeside tells whether an answer with a list holds much beside it: that is
// not cut either.
func muchBeside(body []byte) bool {
	var whole map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf")), &whole) != nil || !bytes.HasPrefix(whole["data"], []byte("[")) {
		return false
	}
	delete(whole, "data")
	rest, err := json.Marshal(whole)
	return err != nil || result.Tokens(string(rest)) > 50
}
