package result_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

var counted = regexp.MustCompile(`(\d+) of (\d+) (?:rows|items): more would exceed (\d+) tokens; there is more\. Next page: call list_groups with \{.*"next_token":"skip:(\d+)"\}`)

// Wherever a result is cut, it holds whole items, says how many, is no larger
// than it may be, and goes on behind the last one.
func TestResultsAreCutBetweenItems(t *testing.T) {
	for seed := range uint64(200) {
		g := generator{rand.New(rand.NewPCG(seed, 7))}
		items := make([]any, 20+g.IntN(200))
		for i := range items {
			items[i] = map[string]any{"id": json.Number(fmt.Sprint(i)), "note": strings.Repeat("some words, and more; ", g.IntN(12)), "more": g.value(g.IntN(4), 1)}
		}
		body, err := json.Marshal(map[string]any{"data": items})
		require.NoError(t, err)
		most := 1000 + g.IntN(4000)
		for _, format := range []string{"table", "json"} {
			arguments := fmt.Sprintf(`{"limit":100,"format":%q}`, format)
			r := result.Render(call(t, "list_groups", arguments), answer(string(body)), result.Options{MaxTokens: most, Reveal: true})
			require.False(t, r.IsError, r.Text)
			require.LessOrEqual(t, result.Tokens(r.Text), most)
			var got []any
			if format == "table" {
				got = readTable(t, r.Text)
			} else {
				got, _ = decode(t, beforeNotes(r.Text)).(map[string]any)["data"].([]any)
			}
			require.Equal(t, items[:len(got)], got, "seed %d", seed)
			if len(got) == len(items) {
				require.NotContains(t, r.Text, "there is more")
				continue
			}
			said := counted.FindStringSubmatch(r.Text)
			require.NotNil(t, said, r.Text[:min(len(r.Text), 300)])
			require.Equal(t, []string{fmt.Sprint(len(got)), fmt.Sprint(len(items)), fmt.Sprint(most), fmt.Sprint(len(got))}, said[1:])
			require.Greater(t, result.Tokens(r.Text), most/2, "there was room for more")
		}
	}
}

// large is an object with fields of so many words.
func large(words map[string]int) string {
	fields := map[string]any{"id": 1}
	for name, n := range words {
		fields[name] = strings.TrimSpace(strings.Repeat("word ", n))
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

func TestLargeObjectsLoseTheirLargestFields(t *testing.T) {
	o := result.Options{MaxTokens: 1000}
	body := large(map[string]int{"huge": 9000, "big": 3000, "small": 20})
	one := result.Render(call(t, "get_user", `{"userId":"u"}`), answer(`{"data":`+body+`}`), o)
	require.LessOrEqual(t, result.Tokens(one.Text), 1000)
	require.Regexp(t, `Omitted because of size: data\.huge \(about \d+ tokens\), data\.big \(about \d+ tokens\)\. Request one of them with fields\.`, one.Text)
	require.JSONEq(t, `{"data":`+large(map[string]int{"small": 20})+`}`, beforeNotes(one.Text))

	for _, format := range []string{"json", "table"} {
		list := result.Render(call(t, "list_groups", `{"format":"`+format+`"}`), answer(`{"data":[`+body+`,{"id":2}]}`), o)
		require.LessOrEqual(t, result.Tokens(list.Text), 1000)
		require.Contains(t, list.Text, "1 of 2 ")
		require.Contains(t, list.Text, `"next_token":"skip:1"`)
		require.Regexp(t, `because of size: huge \(about \d+ tokens\), big \(about \d+ tokens\)`, list.Text)
		require.Contains(t, list.Text, "word word")
	}
}

// Where one field is left, as much of it is shown as fits.
func TestLargeFieldIsCut(t *testing.T) {
	o := result.Options{MaxTokens: 1000}
	for _, x := range []struct{ name, data, says string }{
		{"a text", `{"name":"` + strings.Repeat("word ", 5000) + `"}`, `because of size: all but the first \d+ of the 25000 characters of data\.name`},
		{"a list", `{"name":[` + strings.Repeat(`"item",`, 4999) + `"item"]}`, `because of size: \d+ of the 5000 items of data\.name`},
		{"a list of one that is too large", `{"name":[{"a":"` + strings.Repeat("word ", 5000) + `","b":1}]}`, `because of size: data\.name\.a \(about \d+ tokens\)`},
		{"something within", `{"name":{"a":"` + strings.Repeat("word ", 5000) + `","b":1}}`, `because of size: data\.name\.a \(about \d+ tokens\)`},
		{"many small ones", `{"name":{` + manyFields(3000) + `}}`, `data\.name\.k\d+ \(about \d+ tokens\), .*, and \d+ smaller ones`},
	} {
		r := result.Render(call(t, "get_user", `{"userId":"u"}`), answer(`{"data":`+x.data+`}`), o)
		require.False(t, r.IsError)
		require.LessOrEqual(t, result.Tokens(r.Text), 1000, x.name)
		require.Regexp(t, x.says, r.Text, x.name)
		require.True(t, json.Valid([]byte(beforeNotes(r.Text))), x.name)
	}
}

func manyFields(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(`"k%d":"value %d"`, i, i)
	}
	return strings.Join(fields, ",")
}

func TestLargeTextIsCut(t *testing.T) {
	text := strings.Repeat("a line of text\n", 2000)
	r := result.Render(call(t, "create_organization", ``), answerAs("text/plain", text), result.Options{MaxTokens: 1000})
	require.LessOrEqual(t, result.Tokens(r.Text), 1000)
	require.Regexp(t, `These are the first \d+ of 29999 characters: more would exceed 1000 tokens\.`, r.Text)
}
