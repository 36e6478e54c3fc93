package call_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// lists are the rows of the table of docs/economy.md, each with the three fields
// that answer a common question.
var lists = []struct {
	tool, path string
	fields     []string
}{
	{"list_users", "/users", []string{"id", "email", "active"}},
	{"list_groups", "/groups", []string{"id", "name", "members.email"}},
	{"list_user_invites", "/user_invites", []string{"id", "invited_email", "expires_at"}},
	{"list_apps", "/apps", []string{"id", "name", "folder_id"}},
	{"list_folders", "/folders", []string{"id", "name", "parent_folder_id"}},
	{"list_resources", "/resources", []string{"id", "display_name", "type"}},
	{"list_resource_configurations", "/resource_configurations", []string{"id", "resource.display_name", "environment.name"}},
	{"list_workflows", "/workflows", []string{"id", "name", "is_enabled"}},
	{"list_user_tasks", "/user_tasks", []string{"id", "task_name", "status"}},
	{"list_configuration_variables", "/configuration_variables", []string{"id", "name", "secret"}},
}

// TestEconomy counts the tokens of a page of at most 100 items, and requires that
// the table of docs/economy.md has these numbers.
func TestEconomy(t *testing.T) {
	encoding, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	count := func(text string) int {
		n, err := encoding.Count(text)
		require.NoError(t, err)
		return n
	}
	r, api := onSandbox(t, call.Options{})
	var table strings.Builder
	table.WriteString("| list | items | the API's JSON | our JSON | our table | our table with three fields | of our JSON |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, l := range lists {
		request := httptest.NewRequest(http.MethodGet, "/api/v2"+l.path+"?limit=100", nil)
		request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		raw := httptest.NewRecorder()
		api.ServeHTTP(raw, request)
		require.Equal(t, http.StatusOK, raw.Code, l.tool)
		texts := []string{raw.Body.String()}
		for _, arguments := range []object{
			{"format": "json"}, {"format": "table"}, {"format": "table", "fields": l.fields},
		} {
			outcome := run(t, r, l.tool, arguments)
			require.False(t, outcome.IsError, outcome.Text)
			texts = append(texts, outcome.Text)
		}
		var items int
		_, err := fmt.Sscanf(texts[2], "# %d", &items)
		require.NoError(t, err, l.tool)
		ours, narrow := count(texts[1]), count(texts[3])
		fmt.Fprintf(&table, "| `%s`: %s | %d | %d | %d | %d | %d | %d %% |\n", l.tool, strings.Join(l.fields, ", "), items, count(texts[0]), ours, count(texts[2]), narrow, (100*narrow+ours/2)/ours)
		if l.tool == "list_users" {
			require.Equal(t, 100, items)
			require.LessOrEqual(t, 4*narrow, ours, "at 100 users three fields cost at most a quarter")
		}
	}
	freshTable(t, "economy.md", table.String())
}

// freshTable requires that the text between the marks of a page of docs is text.
func freshTable(t *testing.T, page, text string) {
	t.Helper()
	name := filepath.Join(referencedata.Root(t), "docs", page)
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	const begin, end = "<!-- table -->\n", "<!-- /table -->"
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok, "%s has no %s", page, begin)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "%s has no %s", page, end)
	fresh := before + begin + text + end + after
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(fresh), 0o600))
		return
	}
	require.Equal(t, fresh, string(data), "the table of docs/%s is stale: run this test with -update", page)
}
