package call_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
)

// numbers serves a list in pages, whose tokens are "at N". Before may respond
// instead.
type numbers struct {
	items  int
	all    bool // in one page
	before func(w http.ResponseWriter, from int) (done bool)
}

func (n numbers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	switch {
	case n.all:
		limit = n.items
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("next_token"), "at "))
	if n.before != nil && n.before(w, from) {
		return
	}
	var page struct {
		Success bool             `json:"success"`
		Data    []map[string]any `json:"data"`
		Total   int              `json:"total_count"`
		Next    *string          `json:"next_token"`
		More    bool             `json:"has_more"`
	}
	page.Success, page.Total, page.More = true, n.items, from+limit < n.items
	for i := from; i < min(from+limit, n.items); i++ {
		page.Data = append(page.Data, map[string]any{"id": i})
	}
	if page.More {
		next := fmt.Sprintf("at %d", from+limit)
		page.Next = &next
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(page)
}

// ids returns the ids of a table of nothing else.
func ids(t *testing.T, r result.Result) (head string, ids []string) {
	t.Helper()
	require.False(t, r.IsError, r.Text)
	head, rest, _ := strings.Cut(r.Text, "\n")
	rest, ok := strings.CutPrefix(rest, "id\n")
	require.True(t, ok, r.Text)
	return head, strings.Split(rest, "\n")
}

func numbered(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func TestItemsPerCall(t *testing.T) {
	r := serve(t, numbers{items: 6000}, "retool_x", call.Options{})
	for _, x := range []struct {
		name      string
		arguments object
		from, to  int
		head      string
	}{
		{"a page", object{}, 0, 100, `# 100 of 6000 rows; there is more. Next page: call list_users with {"next_token":"at 100"}`},
		{"a smaller page", object{"limit": 7}, 0, 7, `# 7 of 6000 rows; there is more. Next page: call list_users with {"limit":7,"next_token":"at 7"}`},
		{"fewer than a page", object{"max_items": 5}, 0, 5, `# 5 of 6000 rows; there is more. Next page: call list_users with {"max_items":5,"next_token":"at 5"}`},
		{"more than a page", object{"max_items": 250}, 0, 250, `# 250 of 6000 rows; there is more. Next page: call list_users with {"max_items":250,"next_token":"at 250"}`},
		{"more than pages of one's own", object{"max_items": 5, "limit": 2}, 0, 5, `# 5 of 6000 rows; there is more. Next page: call list_users with {"limit":2,"max_items":5,"next_token":"at 5"}`},
		{"from the middle of a page", object{"limit": 10, "next_token": "skip:4:at 20"}, 24, 30, `# 6 of 6000 rows; there is more. Next page: call list_users with {"limit":10,"next_token":"at 30"}`},
		{"from behind a page", object{"limit": 10, "max_items": 3, "next_token": "skip:14:at 20"}, 34, 37, ``},
		{"the last one", object{"next_token": "at 5950"}, 5950, 6000, `# 50 of 6000 rows; no more`},
		{"all", object{"all_pages": true, "next_token": "at 5500"}, 5500, 6000, `# 500 of 6000 rows; no more`},
		{"as many items as can be", object{"all_pages": true, "fields": []string{"id"}}, 0, 5000, `# 5000 of 6000 rows: one call fetches at most 5000 items; there is more. Next page: call list_users with {"all_pages":true,"fields":["id"],"next_token":"at 5000"}`},
		{"more items than can be", object{"max_items": 5500}, 0, 5000, `# 5000 of 6000 rows: one call fetches at most 5000 items; there is more. Next page: call list_users with {"max_items":5500,"next_token":"at 5000"}`},
		{"as many pages as can be", object{"all_pages": true, "limit": 3}, 0, 150, `# 150 of 6000 rows: one call fetches at most 50 pages; there is more. Next page: call list_users with {"limit":3,"all_pages":true,"next_token":"at 150"}`},
	} {
		head, got := ids(t, run(t, r, "list_users", x.arguments))
		require.Equal(t, numbered(x.from, x.to), got, x.name)
		if x.head != "" {
			require.Equal(t, x.head, head, x.name)
		}
	}
}

// A failed page does not lose the others, and the result says where to continue.
func TestFailedPageKeepsTheOthers(t *testing.T) {
	for _, x := range []struct {
		name   string
		before func(w http.ResponseWriter, from int) bool
		says   string
	}{
		{"a status", func(w http.ResponseWriter, from int) bool {
			if from == 200 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return from == 200
		}, "then a page failed, HTTP 503 Service Unavailable"},
		{"no JSON", func(w http.ResponseWriter, from int) bool {
			if from == 200 {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"data":[`)
			}
			return from == 200
		}, "then a page failed, HTTP 200, but the response is not valid JSON"},
		{"text", func(w http.ResponseWriter, from int) bool {
			if from == 200 {
				fmt.Fprint(w, `[2026-11-30] out of memory`)
			}
			return from == 200
		}, "then a page failed, a page holds no list"},
		{"no list", func(w http.ResponseWriter, from int) bool {
			if from == 200 {
				fmt.Fprint(w, `{"success":true,"data":{}}`)
			}
			return from == 200
		}, "then a page failed, a page holds no list"},
		{"the same token", func(w http.ResponseWriter, from int) bool {
			if from == 200 {
				fmt.Fprint(w, `{"data":[{"id":-1}],"has_more":true,"next_token":"at 200"}`)
			}
			return from == 200
		}, "then Retool returned the same token again"},
	} {
		r := serve(t, numbers{items: 1000, before: x.before}, "retool_x", call.Options{})
		outcome := run(t, r, "list_users", object{"all_pages": true, "format": "table"})
		require.False(t, outcome.IsError, x.name)
		require.Contains(t, outcome.Text, "200 of 1000 rows", x.name)
		require.Contains(t, outcome.Text, x.says, x.name)
		for line := range strings.Lines(strings.SplitN(outcome.Text, "\nid\n", 2)[0]) {
			require.True(t, strings.HasPrefix(line, "# "), "%s: %q", x.name, line)
		}
		require.Contains(t, outcome.Text, `call list_users with {"all_pages":true,"format":"table","next_token":"at 200"}`)
		require.True(t, strings.HasSuffix(outcome.Text, "\n199"), x.name)
	}
}

func TestFetchWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(http.ResponseWriter, int) bool {
			time.Sleep(60 * time.Millisecond)
			return false
		}
		r := serve(t, numbers{items: 5000, before: slow}, "retool_x", call.Options{Timeout: 400 * time.Millisecond})
		start := time.Now()
		head, got := ids(t, run(t, r, "list_users", object{"all_pages": true}))
		require.Equal(t, 240*time.Millisecond, time.Since(start), "the last page began before the window ended")
		require.Contains(t, head, "one call fetches pages for at most 200ms; there is more")
		require.Equal(t, numbered(0, 400), got)
		require.Contains(t, head, `"next_token":"at 400"`)
	})
}

func TestProgressAndCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	r := serve(t, numbers{items: 5000, before: func(http.ResponseWriter, int) bool { asked++; return false }}, "retool_x", call.Options{})
	var told []string
	outcome, err := r.CallTool(progress.With(ctx, func(done, total int, message string) {
		told = append(told, fmt.Sprintf("%d/%d %s", done, total, message))
		if done == 300 {
			cancel()
		}
	}), "list_users", []byte(`{"all_pages":true,"max_items":1000}`))
	require.NoError(t, err)
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "canceled")
	require.Equal(t, []string{"100/1000 page 1 of list_users", "200/1000 page 2 of list_users", "300/1000 page 3 of list_users"}, told)
	require.Equal(t, 3, asked, "nothing is asked for any more")
}

// Fetching stops when the result is full, and no item between two results is
// lost.
func TestFetchingStopsWhenResultIsFull(t *testing.T) {
	asked := 0
	r := serve(t, numbers{items: 3000, before: func(http.ResponseWriter, int) bool { asked++; return false }}, "retool_x",
		call.Options{Results: result.Options{MaxTokens: 1000}})
	var all []string
	next := object{"all_pages": true}
	for n := 0; next != nil; n++ {
		require.Less(t, n, 50)
		before := asked
		head, got := ids(t, run(t, r, "list_users", next))
		require.LessOrEqual(t, asked-before, 10, "%d items", len(got))
		all = append(all, got...)
		_, arguments, more := strings.Cut(head, "call list_users with ")
		next = nil
		if more {
			require.NoError(t, json.Unmarshal([]byte(arguments), &next))
		}
	}
	require.Equal(t, numbered(0, 3000), all)
}

func TestListThatFailsAtOnce(t *testing.T) {
	for _, x := range []struct {
		handler   http.Handler
		arguments object
		says      string
	}{
		{respond(403, `{"message":"Forbidden"}`), object{}, "HTTP 403 Forbidden: \"Forbidden\"\n"},
		{respond(200, `{"data":`), object{}, "not valid JSON"},
		{numbers{items: 3}, object{"fields": []string{"no_such_field"}}, "no_such_field"},
	} {
		outcome := run(t, serve(t, x.handler, "retool_x", call.Options{}), "list_users", x.arguments)
		require.True(t, outcome.IsError, outcome.Text)
		require.Contains(t, outcome.Text, x.says)
	}
}

// Without a total the progress has none.
func TestProgressWithoutTotal(t *testing.T) {
	r := serve(t, numbers{items: 150, before: func(w http.ResponseWriter, from int) bool {
		if from == 0 {
			fmt.Fprint(w, `{"data":[{"id":0}],"has_more":true,"next_token":"at 100"}`)
		}
		return from == 0
	}}, "retool_x", call.Options{})
	var told []string
	outcome := runIn(t, r, progress.With(t.Context(), func(done, total int, message string) {
		told = append(told, fmt.Sprintf("%d/%d %s", done, total, message))
	}), "list_users", object{"all_pages": true})
	require.False(t, outcome.IsError, outcome.Text)
	require.Equal(t, []string{"1/0 page 1 of list_users"}, told)
}
