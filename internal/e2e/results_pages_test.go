package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lists of the sandbox: those that the API returns whole, which the program
// pages, and those that the API pages. Both look the same.
var windowed = map[string]int{"list_groups": 14, "list_folders": 90, "list_environments": 3, "list_users": 250, "list_resources": 40}

// all returns a whole list in one call, as JSON.
func (s *session) all(tool string) []any {
	s.t.Helper()
	l := s.listing(tool, object{"all_pages": true, "format": asJSON})
	require.Nil(s.t, l.next)
	require.Empty(s.t, l.reason)
	require.Len(s.t, l.items, windowed[tool], tool)
	return l.items
}

// walk follows a list to its end with nothing but the text of the results.
func (s *session) walk(tool string, arguments object) (pages []listing) {
	s.t.Helper()
	for next := arguments; next != nil; {
		page := s.listing(tool, next)
		pages = append(pages, page)
		next = page.next
		require.Less(s.t, len(pages), 1000, "%s: pages without end", tool)
	}
	return pages
}

// requireWhole checks that pages add up to a list: the same items, each once,
// in the same order. Unless a format was requested, one page may be a table and
// the next JSON.
func requireWhole(t testing.TB, whole []any, pages []listing) {
	t.Helper()
	items, ids := []any{}, []string{}
	for i, page := range pages {
		items, ids = append(items, page.items...), append(ids, page.ids(t)...)
		if page.next != nil || page.form == asTable {
			require.Equal(t, len(whole), page.total, "page %d", i)
		}
	}
	if !slices.ContainsFunc(pages, func(page listing) bool { return page.form == asTable }) {
		require.Equal(t, whole, items)
	}
	require.Equal(t, listing{items: whole}.ids(t), ids)
}

// Pages of any size add up to the same list, in either format, and each is as
// large as allowed.
func TestPagesOfAnySizeAddUp(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	for tool, size := range windowed {
		whole := s.all(tool)
		for _, form := range []string{asTable, asJSON} {
			for _, limit := range []int{1, 2, 7, 13, 99, 100} {
				t.Run(fmt.Sprintf("%s of %d as %s", tool, limit, form), func(t *testing.T) {
					pages := s.walk(tool, object{"limit": limit, "format": form})
					requireWhole(t, whole, pages)
					require.Len(t, pages, (size+limit-1)/limit)
					for _, page := range pages[:len(pages)-1] {
						require.Equal(t, limit, page.held)
						require.Equal(t, json.Number(fmt.Sprint(limit)), page.next["limit"])
						require.Empty(t, page.reason, "the requested format")
					}
				})
			}
		}
		t.Run(tool+" of whatever size comes next", func(t *testing.T) {
			var pages []listing
			for next := (object{"format": asJSON}); next != nil; next = pages[len(pages)-1].next {
				next["limit"] = []int{1, 7, 2, 100, 3}[len(pages)%5]
				pages = append(pages, s.listing(tool, next))
			}
			requireWhole(t, whole, pages)
		})
		t.Run(tool+" without a word on size", func(t *testing.T) {
			requireWhole(t, whole, s.walk(tool, object{"format": asJSON}))
			first := s.listing(tool, nil)
			require.Equal(t, min(size, 100), first.held)
			require.Contains(t, []int{-1, size}, first.total)
		})
	}
}

// A list that the API returns whole has pages of 100, like any other.
func TestLongListsHavePages(t *testing.T) {
	t.Parallel()
	s := openSandboxHost(t, "--folders=230", "--groups=120").connect("", sandboxToken)
	for tool, size := range map[string]int{"list_folders": 230, "list_groups": 120} {
		whole := s.listing(tool, object{"all_pages": true, "format": asJSON}).items
		require.Len(t, whole, size)
		for _, arguments := range []object{{"fields": []string{"id"}}, {"format": asJSON}, {"format": asTable}} {
			pages := s.walk(tool, arguments)
			require.Len(t, pages, (size+99)/100)
			require.Equal(t, 100, pages[0].held)
			if arguments["fields"] == nil {
				requireWhole(t, whole, pages)
			}
		}
	}
}

// All pages in one call equal the single pages, from the start and from any
// cursor.
func TestAllPagesEqualSinglePages(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	for tool := range windowed {
		whole := s.all(tool)
		for _, limit := range []int{6, 60, 100} {
			pages := s.walk(tool, object{"limit": limit, "format": asJSON})
			at := 0
			for _, page := range pages {
				if at += page.held; page.next == nil {
					continue
				}
				rest := s.listing(tool, with(page.next, "all_pages", true))
				require.Equal(t, whole[at:], rest.items, "%s from %d", tool, at)
				require.Nil(t, rest.next)
				if at > 30 {
					break // the others are the same
				}
			}
			requireWhole(t, whole, pages)
			once := s.walk(tool, object{"limit": limit, "all_pages": true})
			require.Len(t, once, 1, "one call")
			requireWhole(t, whole, once)
		}
	}
}

// max_items is the number of items of a result, over as many pages as needed.
func TestMaxItems(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	for tool, size := range windowed {
		whole := s.all(tool)
		for _, most := range []int{1, 7, 40, 100, 101, 250, 100_000} {
			t.Run(fmt.Sprintf("%d of %s", most, tool), func(t *testing.T) {
				for _, arguments := range []object{{}, {"limit": 7}, {"all_pages": true}, {"limit": 100, "all_pages": false}} {
					arguments["max_items"], arguments["format"] = most, asJSON
					first := s.listing(tool, arguments)
					require.Equal(t, whole[:min(most, size)], first.items, "%v", arguments)
					require.Equal(t, most < size, first.next != nil, "%v", arguments)
					require.Empty(t, first.reason)
				}
				if most > 1 {
					requireWhole(t, whole, s.walk(tool, object{"max_items": most, "limit": 9}))
				}
			})
		}
	}
}

// A cursor is complete in itself: another process understands it.
func TestCursorsAreValidInAnotherProcess(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state)
	type walk struct {
		tool  string
		whole []any
		pages []listing
	}
	var walks []*walk
	for tool := range windowed {
		for _, arguments := range []object{{"limit": 1}, {"limit": 10, "max_items": 2}, {"limit": 2, "fields": []string{"id"}}} {
			walks = append(walks, &walk{tool, s.all(tool), []listing{s.listing(tool, arguments)}})
		}
	}
	for range 3 {
		s.quit()
		s = onSandbox(t, "--sandbox-state", state)
		for _, w := range walks {
			if next := w.pages[len(w.pages)-1].next; next != nil {
				w.pages = append(w.pages, s.listing(w.tool, next))
			}
		}
	}
	for _, w := range walks {
		if next := w.pages[len(w.pages)-1].next; next != nil {
			w.pages = append(w.pages, s.walk(w.tool, next)...)
		}
		ids := []string{}
		for _, page := range w.pages {
			ids = append(ids, page.ids(t)...)
		}
		require.Equal(t, listing{items: w.whole}.ids(t), ids, w.tool)
	}
}
