package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An endless list has another page after every one. Its tokens are the numbers
// of the items that follow.
type endless struct {
	size  int              // of a page regardless of the limit; 0 for the limit
	total int              // the total that it reports, 0 for none
	wait  func() (ok bool) // before a page is answered; may be nil
	pages chan int         // the numbers of the requested pages, from 1; may be nil
}

func (e endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.Atoi(r.URL.Query().Get("next_token"))
	size, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if e.size > 0 {
		size = e.size
	}
	if e.pages != nil {
		e.pages <- 1 + from/size
	}
	if e.wait != nil && !e.wait() {
		return
	}
	items, total := make([]string, size), ""
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"item %d"}`, from+i)
	}
	if e.total > 0 {
		total = fmt.Sprintf(`"total_count":%d,`, e.total)
	}
	answering(http.StatusOK, jsonType, fmt.Sprintf(`{"success":true,"data":[%s],%s"next_token":"%d","has_more":true}`, strings.Join(items, ","), total, from+size))(w, r)
}

// A call of many pages that the client cancels ends with the current page. Over
// server-sent events a client cannot cancel.
func TestCancelDuringPages(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(t *testing.T, env []string) *session{
		"stdio with the handshake": func(t *testing.T, env []string) *session { return connect(t, legacy, env) },
		"stdio without":            func(t *testing.T, env []string) *session { return connect(t, modern, env) },
		"HTTP with the handshake":  connectOverHTTP(legacy, overHTTP),
		"HTTP without":             connectOverHTTP(modern, overHTTP),
		"HTTP with a session":      connectOverHTTP(legacy, overHTTP, "--stateful"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const last = 3 // the page in progress at the end
			pages, release, abandoned := make(chan int, 100), make(chan struct{}), make(chan struct{}, 100)
			u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
				endless{pages: pages, wait: func() bool {
					select {
					case <-release:
						return true
					case <-r.Context().Done():
						abandoned <- struct{}{}
						return false
					}
				}}.ServeHTTP(w, r)
			})
			s := over(t, serving(t, smallDocument(t), u))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := s.try(ctx, "list_users", []byte(`{"all_pages":true,"limit":10}`))
				ended <- err
			}()
			for page := 1; page <= last; page++ {
				require.Equal(t, page, receive(t, pages, "a page"))
				if page < last {
					release <- struct{}{}
				}
			}
			cancel()
			require.ErrorIs(t, receive(t, ended, "the client"), context.Canceled)
			receive(t, abandoned, "the end of the request")
			close(release) // later requests are answered
			time.Sleep(quietTime)
			require.Empty(t, pages, "no further page is requested")
			require.NotNil(t, s.listing("list_users", nil).next, "the next call succeeds")
			require.Len(t, u.take(), last+1)
		})
	}
}

// One call has limits and names the one that it reached. The next call
// continues after the last item.
func TestLimitsOfOneCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list      endless
		arguments object
		requests  int
		items     int
		says      string
	}{
		"pages":                           {endless{}, object{"all_pages": true, "limit": 10}, 50, 500, "one call fetches at most 50 pages"},
		"pages, with a total":             {endless{total: 9000}, object{"all_pages": true, "limit": 10}, 50, 500, "one call fetches at most 50 pages"},
		"pages, for so many items":        {endless{}, object{"max_items": 501, "limit": 10}, 50, 500, "one call fetches at most 50 pages"},
		"items":                           {endless{}, object{"all_pages": true}, 50, 5000, "one call fetches at most 5000 items"},
		"items, where more are asked for": {endless{}, object{"max_items": 100_000}, 50, 5000, "one call fetches at most 5000 items"},
		"items of pages that are larger than what is asked for": {endless{size: 130}, object{"all_pages": true}, 39, 5000, "one call fetches at most 5000 items"},
		"pages that are smaller":                                {endless{size: 3}, object{"all_pages": true}, 50, 150, "one call fetches at most 50 pages"},
		"what was asked for":                                    {endless{}, object{"max_items": 250}, 3, 250, ""},
		"one page":                                              {endless{}, object{}, 1, 100, ""},
		"one page that is larger than what is asked for":        {endless{size: 130}, object{"limit": 65}, 1, 65, ""},
	} {
		for _, form := range []string{asTable, asJSON} {
			t.Run(name+", as "+form, func(t *testing.T) {
				t.Parallel()
				u := newUpstream(t, c.list.ServeHTTP)
				s := connect(t, modern, serving(t, smallDocument(t), u, wholeResults))
				next := with(c.arguments, "format", form)
				for round := range 2 {
					l := s.listing("list_users", next)
					require.Equal(t, c.says, l.reason)
					require.Equal(t, c.items, l.held)
					for i, id := range l.ids(t) {
						require.Equal(t, fmt.Sprintf("item %d", round*c.items+i), id)
					}
					require.NotNil(t, l.next)
					if c.list.total > 0 {
						require.Equal(t, c.list.total, l.total)
					}
					require.InDelta(t, c.requests, len(u.take()), float64(round), "a truncated page is requested again")
					next = l.next
				}
			})
		}
	}
}
