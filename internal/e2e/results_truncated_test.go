package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"
)

// sandboxLists are the lists of the sandbox that need no ID, and the arguments
// of the others.
func sandboxLists(s *session) map[string]object {
	s.t.Helper()
	out := map[string]object{
		"get_usage_app_summary":  {"start_date": "2026-01-01", "end_date": "2026-11-02"},
		"get_usage_user_summary": {"start_date": "2026-01-01", "end_date": "2026-11-02"},
		"list_subject_access":    {"subject": object{"type": "group", "id": 1}, "object_type": "app", "include_inherited_access": true},
	}
	require.True(s.t, s.takes("list_users", "all_pages"))
	for _, tool := range decodeJSON(s.t, s.list()).(object)["tools"].([]any) {
		tool := tool.(object)
		if name := tool["name"].(string); s.takes(name, "all_pages") && tool["inputSchema"].(object)["required"] == nil {
			out[name] = object{}
		}
	}
	require.Len(s.t, out, 27)
	return out
}

// For every limit of tokens, a list is truncated between two items, and an
// agent that follows the results gets each item once.
func TestListsAreTruncatedAtWholeItems(t *testing.T) {
	t.Parallel()
	unlimited := onSandbox(t)
	lists, whole := sandboxLists(unlimited), map[string][]any{}
	for tool, arguments := range lists {
		l := unlimited.listing(tool, with(with(arguments, "all_pages", true), "format", asJSON))
		require.Nil(t, l.next)
		whole[tool] = l.items
	}
	for most, allPages := range map[int]bool{1000: false, 1500: true, 2000: false, 5000: true} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			s := connect(t, modern, environment(t), "--sandbox", "--max-result-tokens", strconv.Itoa(most))
			cut := 0
			for tool, arguments := range lists {
				for _, form := range []string{asTable, asJSON} {
					at := 0
					for next := with(with(arguments, "format", form), "all_pages", allPages); next != nil; {
						text := s.succeed(tool, given(t, next))
						requireTokens(t, text, most)
						page := readListing(t, tool, text)
						requirePart(t, tool, whole[tool][at:], page)
						at += page.held
						if next = page.next; page.reason != "" {
							require.Equal(t, fmt.Sprintf("more would exceed %d tokens", most), page.reason)
							cut++
						}
						require.True(t, next == nil || page.held > 0, "%s: it goes no further", tool)
					}
					require.Equal(t, len(whole[tool]), at, "%s as %s", tool, form)
				}
			}
			require.Greater(t, cut, 20)
		})
	}
}

// requirePart checks that a page has the first items of a list. A single item
// over the limit may lack fields if the result says so.
func requirePart(t testing.TB, tool string, whole []any, page listing) {
	t.Helper()
	require.LessOrEqual(t, page.held, len(whole), "%s: items twice", tool)
	lacking := map[string]bool{}
	if len(page.lines) > 0 {
		require.Equal(t, 1, page.held, "%s: only one that is alone: %v", tool, page.lines)
		for _, name := range leftOut(t, page.lines) {
			require.Contains(t, whole[0], name)
			lacking[name] = true
		}
	}
	for i, item := range page.items {
		want := maps.Clone(whole[i].(object))
		maps.DeleteFunc(want, func(name string, _ any) bool { return lacking[name] })
		require.Equal(t, any(want), item)
	}
	for i, record := range page.records[min(1, len(page.records)):] {
		for j, column := range page.records[0] {
			if !strings.ContainsAny(column, `[]{}"`) {
				require.Equal(t, cellOf(t, whole[i], column), record[j], "%s: %s", tool, column)
			}
		}
	}
}

var (
	leftOutLine = regexp.MustCompile(`^Omitted because of size: (.*)\. Request one of them with fields\.$`)
	leftOutOne  = regexp.MustCompile(`^([\w.]+) \(about \d+ tokens\)$`)
)

// leftOut returns the fields that a result says it omits, in the order of the
// text.
func leftOut(t testing.TB, lines []string) (names []string) {
	t.Helper()
	require.Len(t, lines, 1)
	words := leftOutLine.FindStringSubmatch(lines[0])
	require.NotNil(t, words, "%q", lines[0])
	for one := range strings.SplitSeq(words[1], ", ") {
		name := leftOutOne.FindStringSubmatch(one)
		require.NotNil(t, name, "%q", one)
		names = append(names, name[1])
	}
	return names
}

var o200k = sync.OnceValues(func() (tokenizer.Codec, error) { return tokenizer.Get(tokenizer.O200kBase) })

// requireTokens counts with the tokenizer of a model. The program has only an
// estimate.
func requireTokens(t testing.TB, text string, most int) {
	t.Helper()
	codec, err := o200k()
	require.NoError(t, err)
	count, err := codec.Count(text)
	require.NoError(t, err)
	require.LessOrEqual(t, count, most, "%.200s", text)
}

// An object over the limit loses its largest fields first. The result names
// them, and each can be fetched alone.
func TestLargeObjectsAreTruncatedByFields(t *testing.T) {
	t.Parallel()
	tokens := func(n int) string { return strings.Repeat("123", n) }
	fields := object{
		"id": "user_1", "n": json.Number("12345678901234567890.10"), "small": tokens(20), "list": []any{tokens(10), tokens(10)},
		"large": tokens(900), "larger": tokens(1200), "largest": tokens(6000), "deep": object{"note": tokens(300), "more": object{"x": tokens(100)}},
	}
	body := jsonOf(t, object{"success": true, "data": fields})
	u := newUpstream(t, answering(http.StatusOK, jsonType, body))
	get := func(s *session, arguments string) (object, []string) {
		text := s.succeed("get_user", []byte(arguments))
		answer, notes, _ := strings.Cut(text, "\n\n")
		lines := slices.DeleteFunc(strings.Split(notes, "\n"), func(line string) bool { return line == "" || line == writtenByPeople })
		return decodeJSON(t, []byte(answer)).(object)["data"].(object), lines
	}
	for most, gone := range map[int][]string{
		20000: nil,
		5000:  {"data.largest"},
		2500:  {"data.largest", "data.larger"},
		1500:  {"data.largest", "data.larger", "data.large"},
		1000:  {"data.largest", "data.larger", "data.large"},
	} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			s := connect(t, legacy, serving(t, smallDocument(t), u), "--max-result-tokens", strconv.Itoa(most))
			data, lines := get(s, `{"userId":"u"}`)
			want := maps.Clone(fields)
			for _, name := range gone {
				delete(want, strings.TrimPrefix(name, "data."))
			}
			require.Equal(t, want, data)
			if gone == nil {
				require.Empty(t, lines)
				return
			}
			require.Equal(t, gone, leftOut(t, lines))
			for _, name := range gone {
				data, lines := get(s, jsonOf(t, object{"userId": "u", "fields": []string{name}}))
				require.Len(t, data, 1)
				name = strings.TrimPrefix(name, "data.")
				if len(lines) == 0 {
					require.Equal(t, fields[name], data[name])
					continue
				}
				require.Greater(t, 3*(most+100), len(data[name].(string)), "the field would have fit")
				require.Regexp(t, fmt.Sprintf(`: all but the first %d of the %d characters of data\.%s\.`, len(data[name].(string)), len(fields[name].(string)), name), lines[0])
				require.True(t, strings.HasPrefix(fields[name].(string), data[name].(string)))
			}
		})
	}
}
