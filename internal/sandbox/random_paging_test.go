package sandbox_test

import (
	"net/http"
	"strconv"

	"github.com/stretchr/testify/require"
)

// turnPages reads a list page by page: the pages add up to the list, also when
// things come and go meanwhile.
func (w *randomClient) turnPages(k *kind) {
	w.t.Helper()
	var filter []string
	if w.chance(2) {
		filter = k.filter(w)
	}
	whole := w.filtered(k, filter)
	limit := 1 + w.random.IntN(100)
	if w.chance(2) {
		limit = 1 + w.random.IntN(len(whole)+1)
	}
	restless := k.remove != "" && filter == nil && w.chance(2)
	var seen []string
	for token, first := "", true; first || token != ""; first = false {
		if restless && !first {
			w.disturb(k)
		}
		page, next := w.page(k, filter, limit, token)
		for _, id := range page {
			require.NotContains(w.t, seen, id, "%s repeats an item", k.list)
			seen = append(seen, id)
		}
		token = next
	}
	if !restless {
		w.same(whole, seen, "%s in pages of %d, %v", k.list, limit, filter)
		return
	}
	for _, id := range whole {
		if w.find(k.name, id) != nil {
			require.Contains(w.t, seen, id, "%s has left out an item that was there all the time", k.list)
		}
	}
}

// filtered is the whole list, or what a filter picks.
func (w *randomClient) filtered(k *kind, filter []string) []string {
	w.t.Helper()
	var out []string
	for _, item := range w.items(k.list, request{}.where(filter...)) {
		out = append(out, k.idOf(item))
	}
	return out
}

// page reads one page and checks what it says of itself.
func (w *randomClient) page(k *kind, filter []string, limit int, token string) (ids []string, next string) {
	w.t.Helper()
	total := len(w.filtered(k, filter))
	query := append([]string{"limit", strconv.Itoa(limit)}, filter...)
	if token != "" {
		query = append(query, "next_token", token)
	}
	out := w.call(k.list, request{}.where(query...))
	require.Equal(w.t, http.StatusOK, out.status, "%s: %s", k.list, out.raw)
	envelope := out.body.(map[string]any)
	for _, item := range listIn(envelope["data"]) {
		ids = append(ids, k.idOf(item))
	}
	next, more := envelope["next_token"].(string)
	require.EqualValues(w.t, total, envelope["total_count"], "%s: total_count", k.list)
	require.Equal(w.t, envelope["has_more"], more, "%s: has_more and next_token", k.list)
	require.LessOrEqual(w.t, len(ids), limit, k.list)
	if more {
		require.Len(w.t, ids, limit, "%s: a page that is not the last one", k.list)
	}
	return ids, next
}

// disturb removes something that the list has, or makes one more.
func (w *randomClient) disturb(k *kind) {
	w.t.Helper()
	if t := w.any(k.name, nil); len(w.tracked[k.name]) > k.fewest && !w.chance(3) {
		w.remove(t)
	} else if k.create != nil {
		w.create(k)
	}
}

// wrongTokens uses tokens that are none, or of another list.
func (w *randomClient) wrongTokens() {
	w.t.Helper()
	_, token := w.page(w.kind("user_task"), nil, 1, "")
	for _, wrong := range []string{token, "x", "bm9uZQ", "===", token + "A"} {
		if wrong != "" {
			w.do(http.StatusBadRequest, "list_users", request{}.where("limit", "5", "next_token", wrong))
		}
	}
	for _, limit := range []string{"0", "101", "-1", "many", "1.5"} {
		w.do(http.StatusBadRequest, "list_users", request{}.where("limit", limit))
	}
}
