package result_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readTable reads the items back from a table, by nothing but the rules that
// docs/results.md tells.
func readTable(t testing.TB, text string) (items []any) {
	t.Helper()
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	if text == "" {
		return nil
	}
	records := readCSV(t, text)
	for _, record := range records[1:] {
		require.Len(t, record, len(records[0]), "cells of %v", record)
		item := map[string]any{}
		for i, head := range records[0] {
			if record[i] != (cell{}) {
				place(t, item, head.text, record[i])
			}
		}
		items = append(items, item)
	}
	return items
}

// cell is what a cell holds. Whether it stood in quotes matters.
type cell struct {
	text   string
	quoted bool
}

// readCSV splits text by RFC 4180.
func readCSV(t testing.TB, text string) (records [][]cell) {
	t.Helper()
	var record []cell
	for rest := text; ; {
		var c cell
		if strings.HasPrefix(rest, `"`) {
			c.quoted, rest = true, rest[1:]
			for {
				before, after, ok := strings.Cut(rest, `"`)
				require.True(t, ok, "a quote without end")
				c.text += before
				rest = after
				if !strings.HasPrefix(rest, `"`) {
					break
				}
				c.text, rest = c.text+`"`, rest[1:]
			}
		} else {
			end := strings.IndexAny(rest, ",\n")
			if end < 0 {
				end = len(rest)
			}
			c.text, rest = rest[:end], rest[end:]
			require.NotContains(t, c.text, `"`)
		}
		record = append(record, c)
		if strings.HasPrefix(rest, ",") {
			rest = rest[1:]
			continue
		}
		records, record = append(records, record), nil
		if rest == "" {
			return records
		}
		require.Equal(t, byte('\n'), rest[0])
		rest = rest[1:]
	}
}

// place puts a cell where its column says.
func place(t testing.TB, item map[string]any, head string, c cell) {
	t.Helper()
	path, keys, form := readHead(t, head)
	at := item
	for _, name := range path[:len(path)-1] {
		inner, ok := at[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[name] = inner
		}
		at = inner
	}
	last := path[len(path)-1]
	switch form {
	case "{}":
		at[last] = decode(t, c.text)
	case "[]":
		at[last] = values(t, c)
	case "[](":
		at[last] = objects(t, c, keys)
	default:
		at[last] = scalar(t, c)
	}
}

func scalar(t testing.TB, c cell) any {
	t.Helper()
	if c.quoted {
		return c.text
	}
	return bare(t, c.text)
}

// bare reads what stands without quotes.
func bare(t testing.TB, text string) any {
	t.Helper()
	if text != "" && (strings.ContainsRune("-0123456789", rune(text[0])) || text == "null" || text == "true" || text == "false" || text == "{}") && json.Valid([]byte(text)) {
		return decode(t, text)
	}
	return text
}

// values reads a list in one cell.
func values(t testing.TB, c cell) any {
	t.Helper()
	switch c.text {
	case "null":
		return nil
	case "[]":
		return []any{}
	}
	out := []any{}
	for rest := c.text; ; {
		var v any
		v, rest = inList(t, rest, ";")
		out = append(out, v)
		if rest == "" {
			return out
		}
		rest = rest[1:]
	}
}

// objects reads a list of objects in one cell.
func objects(t testing.TB, c cell, keys []string) any {
	t.Helper()
	switch c.text {
	case "null":
		return nil
	case "[]":
		return []any{}
	}
	out := []any{}
	for rest := c.text; ; {
		object := map[string]any{}
		for i, key := range keys {
			if i > 0 {
				require.Equal(t, byte(' '), rest[0])
				rest = rest[1:]
			}
			absent := strings.HasPrefix(rest, "-") && (len(rest) == 1 || rest[1] == ' ' || rest[1] == ';')
			var v any
			if v, rest = inList(t, rest, " ;"); !absent {
				object[key] = v
			}
		}
		out = append(out, object)
		if rest == "" {
			return out
		}
		require.Equal(t, "; ", rest[:2])
		rest = rest[2:]
	}
}

// inList reads a value of a list: in quotes up to their end, else up to a separator.
func inList(t testing.TB, text, separators string) (v any, rest string) {
	t.Helper()
	if strings.HasPrefix(text, `"`) {
		d := json.NewDecoder(strings.NewReader(text))
		require.NoError(t, d.Decode(&v), text)
		return v, text[d.InputOffset():]
	}
	end := strings.IndexAny(text, separators)
	if end < 0 {
		end = len(text)
	}
	return bare(t, text[:end]), text[end:]
}

// readHead takes a column's name apart.
func readHead(t testing.TB, head string) (path, keys []string, form string) {
	t.Helper()
	step := func(stops string) (name string) {
		if strings.HasPrefix(head, `"`) {
			d := json.NewDecoder(strings.NewReader(head))
			require.NoError(t, d.Decode(&name))
			head = head[d.InputOffset():]
			return name
		}
		end := strings.IndexAny(head, stops)
		if end < 0 {
			end = len(head)
		}
		name, head = head[:end], head[end:]
		return name
	}
	for {
		path = append(path, step(".[{"))
		switch {
		case head == "", head == "[]", head == "{}":
			return path, nil, head
		case strings.HasPrefix(head, "[]("):
			head = head[2:]
			for head != ")" {
				head = head[1:]
				keys = append(keys, step(" )"))
			}
			return path, keys, "[]("
		}
		require.Equal(t, byte('.'), head[0])
		head = head[1:]
	}
}

func decode(t testing.TB, text string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), text)
	return v
}
