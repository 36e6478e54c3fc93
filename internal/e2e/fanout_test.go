package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
	ours "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// An argument that takes several values makes one request for each and says which
// result is whose.
func TestSeveralValuesInOneCall(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	subject := object{"type": "group", "id": 9}
	kinds := []any{"app", "folder", "resource", "resource_configuration"}
	single := func(kind any) string {
		text := s.succeed("list_subject_access", given(t, object{"subject": subject, "object_type": kind}))
		return fmt.Sprintf("# object_type %s: %s", kind, strings.TrimPrefix(text, "# "))
	}
	var wanted []string
	for _, kind := range kinds {
		wanted = append(wanted, single(kind))
	}
	all := func(list any) answer {
		return s.call("list_subject_access", given(t, object{"subject": subject, "object_type": list}))
	}
	require.Equal(t, strings.Join(wanted, "\n\n"), all(kinds).text)
	require.Equal(t, wanted[0], all([]any{"app"}).text)
	require.Equal(t, wanted[0], all([]any{"app", "app"}).text, "a value that is given twice")
	require.Equal(t, wanted[0], all(`["app"]`).text, "a list as text")
	require.Equal(t, strings.TrimPrefix(wanted[1], "# object_type folder: "), strings.TrimPrefix(all("folder").text, "# "))

	for _, c := range []struct {
		arguments object
		says      string
	}{
		{object{"object_type": []any{}}, "object_type: takes one value, or a list of 1 to 100"},
		{object{"object_type": []any{"app", "nothing"}}, "object_type nothing: Not sent:"},
		{object{"object_type": []any{"nothing", "app"}}, "Not sent:"},
		{object{"object_type": []any{"app", "folder"}, "next_token": "x"}, "next_token: continues the list of one value of object_type"},
		{object{"object_type": []any{"app", "folder"}, "fields": []any{"nme"}}, "nme"},
		{object{"object_type": []any{"app", "folder"}, "where": "nme == 1"}, "nme"},
	} {
		got := s.call("list_subject_access", given(t, with(c.arguments, "subject", subject)))
		require.Contains(t, got.text, c.says)
	}
	requireRefusal(s, "list_users", object{"email": []any{"a@b.example", "c@d.example"}}, "email")
}

// A result that is full says how to go on, and so every value is answered once.
func TestSeveralValuesUpToTheSizeLimit(t *testing.T) {
	t.Parallel()
	s := connect(t, modern, environment(t, "RETOOL_MCP_MAX_RESULT_TOKENS=2000"), "--sandbox")
	ids := each(readAll[resource](onSandbox(t), "list_resources", nil), func(r resource) string { return r.ID })
	var answered []string
	for calls := 0; len(ids) > 0; calls++ {
		require.Less(t, calls, 20)
		text := s.succeed("list_apps", given(t, object{"using_resource": ids, "fields": []string{"name"}}))
		require.LessOrEqual(t, len(text)/5, 2000)
		body, left, more := strings.Cut(text, "The result is full. Call again with using_resource ")
		for line := range strings.Lines(body) {
			if id, ok := strings.CutPrefix(line, "# using_resource "); ok {
				answered = append(answered, strings.SplitN(id, ":", 2)[0])
			}
		}
		ids = nil
		if more {
			for _, id := range decodeJSON(t, []byte(strings.TrimSuffix(left, "."))).([]any) {
				ids = append(ids, id.(string))
			}
		}
	}
	require.Equal(t, each(readAll[resource](onSandbox(t), "list_resources", nil), func(r resource) string { return r.ID }), answered)
}

// Only reads take several values: writes are confirmed one by one.
func TestOnlyListsTakeSeveralValues(t *testing.T) {
	t.Parallel()
	var found []string
	for _, tool := range ours.Catalog().Tools {
		for _, a := range tool.Args {
			if a.Each {
				require.True(t, tool.Hints.ReadOnly && tool.Answer.List, tool.Name)
				require.NotEqual(t, tools.NotSent, a.In)
				found = append(found, tool.Name+" "+a.Name)
			}
		}
	}
	require.Equal(t, []string{"list_apps using_resource", "list_subject_access object_type"}, found)
}
