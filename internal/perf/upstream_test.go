package perf_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A kind of call: a tool, the path that it requests, and the answer it gets.
type kind struct {
	name      string
	tool      string
	arguments string
	path      string
	body      []byte
	items     int    // users in the answer
	begins    string // how the result begins, within JSON
}

// kinds are the calls that are measured: one object, and the largest page that a
// list gives, as JSON and as the table in which agents get it.
func kinds() []kind {
	const pageSize = 100
	users := make([]string, pageSize)
	for i := range users {
		users[i] = user(i)
	}
	page := []byte(`{"success":true,"data":[` + strings.Join(users, ",") +
		`],"total_count":1234,"next_token":"WyIyMDI2LTAyLTA0VDIyOjA3OjI1LjYxM1oiLDM3XQ==","has_more":true}`)
	return []kind{
		{
			name: "small", tool: "get_user", arguments: `{"userId":"` + userID(7) + `"}`, path: "/api/v2/users/" + userID(7),
			body: []byte(`{"success":true,"data":` + user(7) + `}`), items: 1, begins: `{\"data\":{\"id\":`,
		},
		{
			name: "page", tool: "list_users", arguments: `{"limit":100,"format":"json"}`, path: "/api/v2/users?limit=100",
			body: page, items: pageSize, begins: `{\"data\":[{\"id\":`,
		},
		{
			name: "table", tool: "list_users", arguments: `{"limit":100}`, path: "/api/v2/users?limit=100",
			body: page, items: pageSize, begins: "# 100 of 1234 rows; there is more.",
		},
	}
}

func userID(i int) string { return fmt.Sprintf("user_%032x", uint64(i+1)*0x9e3779b97f4a7c15) }

// user has the fields, and the lengths of values, that the API gives.
func user(i int) string {
	lastActive := "null"
	if i%2 == 0 {
		lastActive = fmt.Sprintf(`"2026-02-%02dT22:07:25.613Z"`, i%28+1)
	}
	return fmt.Sprintf(`{"id":"%s","legacy_id":%d,"first_name":"Example","last_name":"Person","created_at":"2025-11-%02dT00:19:54.574Z",`+
		`"last_active":%s,"email":"person%d@example.com","active":%t,`+
		`"metadata":{"department":"engineering"},"is_admin":false,"two_factor_auth_enabled":false,"user_type":"default"}`,
		userID(i), i+1, i%28+1, lastActive, i, i%9 > 0)
}

// upstream serves prepared responses in place of Retool, as cheaply as a server
// can.
func upstream(t testing.TB) *httptest.Server {
	t.Helper()
	answers := map[string][]byte{}
	for _, k := range kinds() {
		answers[k.path] = k.body
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header()["Content-Type"] = jsonType
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

var jsonType = []string{"application/json; charset=utf-8"}

// getter returns a function that requests a URL as plainly as net/http allows:
// what a call costs without this project.
func getter(t testing.TB, url string, inFlight int) func() error {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return func() error {
		r, err := client.Get(url)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", url, r.Status)
		}
		_, err = io.Copy(io.Discard, r.Body)
		return err
	}
}

// The page has the size of a recorded full page, 32 KB.
func TestPageIsAsLargeAsARealOne(t *testing.T) {
	page := kinds()[1]
	require.InDelta(t, 32<<10, len(page.body), 2<<10)
}
