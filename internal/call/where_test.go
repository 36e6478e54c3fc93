package call_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// every returns the numbers that a number divides.
func every(n, from, to int) (out []string) {
	for i := from; i < to; i++ {
		if i%n == 0 {
			out = append(out, fmt.Sprint(i))
		}
	}
	return out
}

// The items of numbers have no other field than id, of which the description says that
// it is text.
func TestWhereReadsAllPages(t *testing.T) {
	const divisible = `item["id"] % 100 == 0`
	for _, x := range []struct {
		name      string
		items     int
		arguments object
		want      []string
		head      string
		requests  int
	}{
		{"all", 250, object{"where": divisible}, every(100, 0, 250), "# 3 of 250 rows match; no more", 3},
		{"of the size that the call asks for", 250, object{"where": divisible, "limit": 50}, every(100, 0, 250), "# 3 of 250 rows match; no more", 5},
		{"as many as it asks for", 250, object{"where": divisible, "max_items": 2}, every(100, 0, 200), `# 2 rows match of the first 101 of 250 read; there is more. Next page: call list_users with {"where":"item[\"id\"] % 100 == 0","max_items":2,"next_token":"skip:1:at 100"}`, 2},
		{"the rest", 250, object{"where": divisible, "max_items": 2, "next_token": "skip:1:at 100"}, every(100, 101, 250), "# 1 row matches of 149 read; no more", 2},
		{"as many pages as can be", 8000, object{"where": `item["id"] % 1000 == 0`}, every(1000, 0, 5000), `# 5 rows match of the first 5000 of 8000 read: one call fetches at most 50 pages; there is more. Next page: call list_users with {"where":"item[\"id\"] % 1000 == 0","next_token":"at 5000"}`, 50},
		{"with other arguments for pages", 250, object{"where": divisible, "all_pages": true}, every(100, 0, 250), "# 3 of 250 rows match; no more", 3},
		{"independent of the fields", 250, object{"where": divisible + " and email == nil", "fields": []string{"id"}}, every(100, 0, 250), "# 3 of 250 rows match; no more\n# No item has email: it counted as null. There are id.", 3},
	} {
		t.Run(x.name, func(t *testing.T) {
			u := &upstream{Handler: numbers{items: x.items}}
			outcome := run(t, serve(t, u, "retool_x", call.Options{}), "list_users", x.arguments)
			require.False(t, outcome.IsError, outcome.Text)
			head, rows, _ := strings.Cut(outcome.Text, "\nid\n")
			require.Equal(t, x.head, head)
			require.Equal(t, x.want, strings.Split(rows, "\n"))
			require.Len(t, u.take(), x.requests)
		})
	}
}

// A list that matches nothing says of how many.
func TestWhereWithoutMatches(t *testing.T) {
	r := serve(t, numbers{items: 120}, "retool_x", call.Options{})
	require.Equal(t, "# 0 of 120 rows match; no more", run(t, r, "list_users", object{"where": "false"}).Text)
	outcome := run(t, r, "list_users", object{"where": "false", "format": "json"})
	require.Equal(t, `{"data":[],"total_count":120,"next_token":null,"has_more":false}`+"\n\n0 of 120 items match", outcome.Text)
	outcome = run(t, serve(t, numbers{items: 120}, "retool_x", call.Options{Results: result.Options{JSON: true}}), "list_users", object{"where": `item["id"] == 7`})
	require.Equal(t, `{"data":[{"id":7}],"total_count":120,"next_token":null,"has_more":false}`, outcome.Data)
	require.Equal(t, "1 of 120 items match", outcome.Text)
	require.False(t, outcome.Incomplete)
}

// What is surely wrong is told before anything is sent, and the rest by the first page.
func TestWhereIsChecked(t *testing.T) {
	u := &upstream{Handler: numbers{items: 1000}}
	r := serve(t, u, "retool_x", call.Options{})
	for expression, says := range map[string]string{
		"activ":                     "where: there is no field activ; did you mean active? Fields: id,",
		"last_active < 'yesterday'": `where: last_active is a date and time and "yesterday" is none`,
		"email = = 3":               "where: unexpected token",
		"email == 5":                `where: email is text and 5 is a number: write it in quotes.`,
	} {
		outcome := run(t, r, "list_users", object{"where": expression})
		require.True(t, outcome.IsError, expression)
		require.Equal(t, result.BadArguments, outcome.Kind)
		require.Contains(t, outcome.Text, "Not sent: "+says)
		require.Empty(t, u.take(), expression)
	}
	outcome := run(t, r, "list_users", object{"where": " "})
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "where: is empty; leave it out to get all items")
	require.Empty(t, u.take())
	outcome = run(t, r, "list_users", object{"where": "zzz == 1"})
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "where: There is no field zzz in the items of list_users. Fields: id, legacy_id,")
	require.Len(t, u.take(), 1)
}

// All matches are found once, wherever a result ends.
func TestWhereContinues(t *testing.T) {
	r := serve(t, numbers{items: 900}, "retool_x", call.Options{Results: result.Options{MaxTokens: 400}})
	arguments := object{"where": `item["id"] % 2 == 0`, "limit": 30}
	var found []string
	for range 100 {
		outcome := run(t, r, "list_users", arguments)
		require.False(t, outcome.IsError, outcome.Text)
		head, rows, _ := strings.Cut(outcome.Text, "\nid\n")
		found = append(found, strings.Split(rows, "\n")...)
		_, next, more := strings.Cut(head, `"next_token":"`)
		if !more {
			break
		}
		arguments["next_token"], _, _ = strings.Cut(next, `"`)
	}
	require.Equal(t, every(2, 0, 900), found)
}

// Lists that come at once are searched to their end, by GET and by POST.
func TestWhereOnListsAtOnce(t *testing.T) {
	var items []string
	for i := range 7000 {
		items = append(items, fmt.Sprintf(`{"id":%d,"type":"app","access_level":"own"}`, i))
	}
	r := serve(t, respond(http.StatusOK, `{"success":true,"data":[`+strings.Join(items, ",")+`]}`), "retool_x", call.Options{})
	require.Equal(t, "# 7 of 7000 rows match; no more", strings.Split(run(t, r, "list_groups", object{"where": `item["id"] % 1000 == 0`}).Text, "\n")[0])
	subject := object{"subject": object{"type": "group", "id": 5}, "object_type": "app", "where": `item["id"] > 6997`}
	require.Equal(t, "# 2 of 7000 rows match; no more", strings.Split(run(t, r, "list_subject_access", subject).Text, "\n")[0])
}

// Items that do not match are not kept: a list of more than a call may take is read.
func TestWhereDropsItems(t *testing.T) {
	padding := strings.Repeat("x", 30_000)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var from int
		_, _ = fmt.Sscanf(r.URL.Query().Get("next_token"), "at %d", &from)
		var items []string
		for i := from; i < from+100; i++ {
			items = append(items, fmt.Sprintf(`{"id":"%d","first_name":%q}`, i, padding))
		}
		respond(http.StatusOK, fmt.Sprintf(`{"success":true,"data":[%s],"total_count":4000,"next_token":"at %d","has_more":%t}`, strings.Join(items, ","), from+100, from < 3900))(w, r)
	})
	budget := memory.NewBudget()
	r := serve(t, h, "retool_x", call.Options{Memory: budget, Timeout: 5 * time.Minute})
	require.Greater(t, 4000*len(padding), memory.Most)
	outcome := run(t, r, "list_users", object{"where": "id endsWith '500'", "fields": []string{"id"}})
	require.Equal(t, "# 4 of 4000 rows match; no more\nid\n\"500\"\n\"1500\"\n\"2500\"\n\"3500\"", outcome.Text)
}

func TestWhereEndsWithTheCall(t *testing.T) {
	r := serve(t, respond(http.StatusOK, `{"data":[{"n":[`+strings.TrimSuffix(strings.Repeat("1,", 50_000), ",")+`]}]}`), "retool_x", call.Options{})
	outcome := run(t, r, "list_groups", object{"where": "any(n, any(n, # > 1))"})
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "where, at item 1: it takes too much time or memory")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	outcome = runIn(t, r, ctx, "list_groups", object{"where": "any(n, any(n, # > 1))"})
	require.True(t, outcome.IsError)
	require.Less(t, time.Since(start), 5*time.Second)
}

// No expression tells one secret from another: for every secret of every list, the
// result is the same whatever the secret is.
func TestWhereTellsNoSecrets(t *testing.T) {
	tests := []string{
		"%s == 'hunter2'", "%s != 'correct-horse-battery'", "%s startsWith 'h'", "%s contains 'horse'", "%s matches '^[a-z0-9]+$'", "len(%s) > 10", "%s < 'd'", "%s in ['hunter2']", "upper(%s) endsWith 'R2'", "%s > 0", "%s ? true : false",
	}
	var answer string
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { respond(http.StatusOK, answer)(w, r) }), "retool_x", call.Options{})
	checked := 0
	for _, tool := range embedded.Catalog().Tools {
		if !tool.HasControl(tools.ArgWhere) {
			continue
		}
		for _, secret := range slices.Concat(tool.Secrets, byName) {
			for _, test := range tests {
				field := "item." + strings.NewReplacer("data[].", "", "data.deployments[].", "", "[]", "[0]").Replace(secret.Path)
				outcomes := []string{}
				for _, value := range []string{`"hunter2"`, `"correct-horse-battery"`, "815"} {
					answer = planted(secret.Path, value)
					outcome := run(t, r, tool.Name, withWhere(tool, strings.ReplaceAll(test, "%s", field)))
					require.NotContains(t, outcome.Text, "Not sent", "%s %s", tool.Name, test)
					outcomes = append(outcomes, outcome.Text)
				}
				for _, other := range outcomes[1:] {
					require.Equal(t, outcomes[0], other, "%s, %s, %s", tool.Name, field, test)
				}
				checked++
			}
		}
	}
	require.Greater(t, checked, 1000)

	answer = planted("data[].options.host", `"hunter2"`)
	one := run(t, r, "list_resource_configurations", object{"where": "item.options.host == 'hunter2'"})
	answer = planted("data[].options.host", `"correct-horse-battery"`)
	other := run(t, r, "list_resource_configurations", object{"where": "item.options.host == 'hunter2'"})
	require.NotEqual(t, strings.Split(one.Text, "\n")[0], strings.Split(other.Text, "\n")[0], "other fields are told apart")
}

// byName are secrets that no document names, in fields whose names do.
var byName = []tools.SecretPath{{Path: "data[].password"}, {Path: "data[].settings.api_key"}, {Path: "data[].headers.Authorization"}, {Path: "data[].notes.client_secret"}}

// planted is an answer with one item that holds a value at a path, and nothing else.
func planted(path, value string) string {
	return `{"success":true,` + strings.TrimPrefix(nested(path, value), "{")
}

func nested(path, value string) string {
	switch name, rest, _ := strings.Cut(path, "."); {
	case path == "":
		return value
	case strings.HasPrefix(path, "[]"):
		return "[" + nested(strings.TrimPrefix(path[2:], "."), value) + "]"
	case strings.Contains(name, "[]"):
		field, lists, _ := strings.Cut(path, "[]")
		return `{"` + field + `":` + nested("[]"+lists, value) + "}"
	default:
		return `{"` + name + `":` + nested(rest, value) + "}"
	}
}

// required are values of the arguments that lists require.
var required = object{
	"libraryId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "revisionId": "3f2504e0-4f89-41d3-9a0c-0305e82c3302", "subjectType": "group", "subjectId": "5",
	"subject": object{"type": "group", "id": 5}, "object_type": "app", "elementUuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3303", "elementType": "PAGE",
	"appUuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3304", "start_date": "2026-08-01",
}

// withWhere are the arguments of a list with a condition.
func withWhere(tool tools.Tool, expression string) object {
	arguments := object{"where": expression}
	for _, a := range tool.Args {
		if a.Required {
			arguments[a.Name] = required[a.Name]
		}
	}
	return arguments
}
