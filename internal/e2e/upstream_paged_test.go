package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// tokens lead from each page to the next. They are opaque and may contain any
// character, so that the program must not change them.
var tokens = []string{
	`+/=%&?#;,:@[]`,
	"ünïcödé 漢字 🙂 \u2028\ufeff",
	`"quotes" 'single' \back\slash \u0041 \n`,
	"  blanks around,\na line\tand a tab  ",
	strings.Repeat("+/=aB9-_", 256), // 2 KB
	`%2B%20{"looks":"like JSON"} Next page: call x with {}`,
}

const itemsOnPage = 3

// A pagedUpstream serves the pages of a list. Spelling is the name of the next
// page in the response and in the query.
type pagedUpstream struct {
	spelling string

	mu     sync.Mutex
	end    string // the paging fields of the last page
	within bool   // the list stands in an object
	faults []string
}

func (l *pagedUpstream) startOver(end string, within bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end, l.within, l.faults = end, within, nil
}

// wrong returns the requests that no client should make.
func (l *pagedUpstream) wrong() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.faults
}

func (l *pagedUpstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	page, err := l.page(r.URL.RawQuery)
	if err != nil {
		l.faults = append(l.faults, err.Error())
	}
	answering(http.StatusOK, jsonType, page)(w, r)
}

// page returns the page for a query.
func (l *pagedUpstream) page(rawQuery string) (string, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return "", err
	}
	n := 0
	if given, ok := query[l.spelling]; ok {
		n = 1 + slices.Index(tokens, given[0])
		if n == 0 || len(given) > 1 {
			return `{"success":false,"message":"no such token"}`, fmt.Errorf("tokens that nobody gave out: %q", given)
		}
	}
	var items []string
	for i := range itemsOnPage {
		items = append(items, fmt.Sprintf(`{"id":"item %d"}`, n*itemsOnPage+i))
	}
	paging := l.end
	if n < len(tokens) {
		token, err := json.Marshal(tokens[n])
		if err != nil {
			return "", err
		}
		paging = fmt.Sprintf(`%q:%s,"has_more":true`, l.spelling, token)
	}
	data := "[" + strings.Join(items, ",") + "]"
	if l.within {
		data = `{"viewer_summary":` + data + `}`
	}
	total := (len(tokens) + 1) * itemsOnPage
	return fmt.Sprintf(`{"success":true,"data":%s,"total_count":%d,%s}`, data, total, paging), nil
}
