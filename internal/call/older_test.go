package call_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// unpaged answers with everything at once, whatever is asked for.
func unpaged(items int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		numbers{items: items, all: true}.ServeHTTP(w, r)
	})
}

// Lists that an older release does not page are read at once, and then handed out in
// pages of ours.
func TestListsOfReleasesThatDoNotPage(t *testing.T) {
	o := &older{Handler: unpaged(150), refuses: []string{"limit"}}
	r := onOlder(t, o, call.Options{})
	outcome := run(t, r, "list_users", object{"format": "table"})
	require.Equal(t, `# 100 of 150 rows; there is more. Next page: call list_users with {"format":"table","next_token":"skip:100"}
# This instance does not know limit (HTTP 400): all items were requested at once.
id
`+strings.Join(numbered(0, 100), "\n"), outcome.Text)
	require.Equal(t, []string{"/users?limit=100", "/users?"}, o.queries)
	outcome = run(t, r, "list_users", object{"next_token": "skip:100"})
	require.Contains(t, outcome.Text, "# 50 of 150 rows; no more\n")
	require.Contains(t, outcome.Text, "\n149")

	// A token that it gave and does not know: it has all items without.
	tokens := &older{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("limit") {
			numbers{items: 150}.ServeHTTP(w, r)
			return
		}
		unpaged(150).ServeHTTP(w, r)
	}), refuses: []string{"next_token"}}
	outcome = run(t, onOlder(t, tokens, call.Options{}), "list_users", object{"all_pages": true, "limit": 60, "fields": []string{"id"}})
	require.Contains(t, outcome.Text, "# 150 rows; no more\n# This instance does not know next_token (HTTP 400): all items were requested at once.\nid\n0\n1\n")
	require.Equal(t, []string{"/users?limit=60", "/users?limit=60&next_token=at%2060", "/users?"}, tokens.queries)

	// Where another call's token fails, nobody knows what was before it.
	tokens.queries = nil
	outcome = run(t, onOlder(t, tokens, call.Options{}), "list_users", object{"next_token": "at 60"})
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "HTTP 400")
	require.Len(t, tokens.queries, 1)

	// Other refusals are not about paging, and one that stays is told.
	for name, message := range map[string]string{"another reason": "Invalid email", "it stays": "limit: not here"} {
		o := &older{Handler: respond(400, `{"success":false,"message":"`+message+`"}`)}
		outcome := run(t, onOlder(t, o, call.Options{}), "list_users", object{})
		require.True(t, outcome.IsError, name)
		require.Contains(t, outcome.Text, message, name)
		require.LessOrEqual(t, len(o.queries), 2, name)
	}
}

// Names are looked up in such lists, too.
func TestLookupInListsThatAreNotPaged(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("limit") {
			respond(400, `{"success":false,"message":"\"limit\" is not allowed"}`)(w, r)
			return
		}
		respond(200, `{"success":true,"data":[{"id":"user_1","legacy_id":7,"email":"a@x.example"}]}`)(w, r)
	})
	name, ok := serve(t, api, "retool_x", call.Options{}).LookUp().Name(t.Context(), "user", "7")
	require.True(t, ok)
	require.Equal(t, "a@x.example", name)
}

// An argument that the release does not know, and whose effect no item shows.
func TestArgumentsThatTheReleaseDoesNotKnow(t *testing.T) {
	using := object{"using_resource": "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"}
	seat := object{"email": "new@northwind.example", "first_name": "N", "last_name": "W", "seat_type": "builder"}
	for _, x := range []struct {
		name, release, tool string
		arguments           object
		refused, noted      string
		asked               int
	}{
		{"an older release", "3.334.2", "list_apps", using, "3.334.2", "", 1},
		{"one of a stable branch", "3.386.11-stable", "list_apps", using, "3.386.11-stable", "", 1},
		{"the first release with it", "3.387.0", "list_apps", using, "", "", 1},
		{"a newer one", "4.12.1", "list_apps", using, "", "", 1},
		{"an unknown one", "", "list_apps", using, "", "Before release 3.387 it ignores using_resource", 1},
		{"no release", "latest", "list_apps", using, "", "Before release 3.387 it ignores using_resource", 1},
		{"a field of a write", "3.400", "create_user", seat, "3.400", "", 1},
		{"a dry run", "3.400", "create_user", object{"email": "new@northwind.example", "first_name": "N", "last_name": "W", "seat_type": "builder", "dry_run": true}, "3.400", "", 1},
		{"without such an argument", "3.334.2", "list_apps", object{}, "", "", 0},
		{"where the items show it", "3.334.2", "list_apps", object{"name_contains": "pay"}, "", "", 0},
	} {
		o := &older{release: x.release}
		r := onOlder(t, o, call.Options{})
		for range 2 {
			outcome := run(t, r, x.tool, x.arguments)
			switch {
			case x.refused != "":
				refused(t, outcome, fmt.Sprintf("this instance is release %s, and %s has %s since release %s. An older release ignores it: the result would not be what the call asks for.",
					x.refused, x.tool, map[string]string{"list_apps": "using_resource", "create_user": "seat_type"}[x.tool], map[string]string{"list_apps": "3.387", "create_user": "4.0"}[x.tool]))
				require.Empty(t, o.queries, x.name)
			case x.noted != "":
				require.False(t, outcome.IsError, x.name)
				require.Contains(t, outcome.Text, "# The release of this instance is not known. "+x.noted, x.name)
			default:
				require.False(t, outcome.IsError, "%s: %s", x.name, outcome.Text)
				require.NotContains(t, outcome.Text, "release of this instance", x.name)
			}
		}
		require.Equal(t, x.asked, o.health, x.name)
	}
}

// The instance's own document has what the instance knows.
func TestReleaseIsNotAskedWithItsOwnDocument(t *testing.T) {
	own := *embedded.Catalog()
	own.OfInstance = true
	o := &older{release: "3.0.0"}
	outcome := run(t, onOlder(t, o, call.Options{Readers: &own, Results: result.Options{JSON: true}}), "list_apps", object{"using_resource": "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"})
	require.False(t, outcome.IsError, outcome.Text)
	require.Zero(t, o.health)
}
