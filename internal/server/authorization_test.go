package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/describe"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// ran is a Runner that says what it ran.
var ran = runFunc(func(_ context.Context, name string, _ []byte) (result.Result, error) {
	return result.Result{Text: "ran " + name}, nil
})

// headersOf are those that make somebody out of nobody in particular.
func headersOf(toolsets, writes string, readOnly bool) (pairs []string) {
	if toolsets != "" {
		pairs = append(pairs, toolsetsHeader, toolsets)
	}
	if writes != "" {
		pairs = append(pairs, writesHeader, writes)
	}
	if readOnly {
		pairs = append(pairs, readOnlyHeader, "yes")
	}
	return pairs
}

// may says what toolsets hold, by the rule by which an operator chooses them.
func may(t testing.TB, c *tools.Catalog, toolsets string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	if toolsets == "-" {
		return names
	}
	chosen, err := c.WithToolsets(namesIn(toolsets))
	require.NoError(t, err)
	for _, tool := range chosen.Tools {
		names[tool.Name] = true
	}
	return names
}

func TestAuthorizationFilter(t *testing.T) {
	c := local.With(embedded.Catalog(), localTools...)
	s := serveHTTP(t, newService(c, ran).HTTP(way{}.options()))
	callers := []struct {
		toolsets, writes string
		readOnly         bool
	}{{}, {readOnly: true}, {toolsets: "-"}, {writes: "-"}, {toolsets: "users,groups", writes: "users"}, {toolsets: "core", writes: "core"}, {writes: "core", readOnly: true}, {toolsets: "users", writes: "apps"}, {toolsets: "scripts,users", writes: "users"}, {writes: "users"}}
	for _, toolset := range append(c.Toolsets(), tools.ToolsetCore, tools.ToolsetAll) {
		callers = append(callers, struct {
			toolsets, writes string
			readOnly         bool
		}{toolsets: toolset}, struct {
			toolsets, writes string
			readOnly         bool
		}{toolsets: toolset, readOnly: true})
	}
	for _, who := range callers {
		t.Run(fmt.Sprintf("toolsets %q, writes %q, read-only %t", who.toolsets, who.writes, who.readOnly), func(t *testing.T) {
			headers := headersOf(who.toolsets, who.writes, who.readOnly)
			has, writes := may(t, c, who.toolsets), may(t, c, who.writes)
			want := map[string]bool{}
			for _, tool := range c.Tools {
				anyWrite := tool.RunsScripts() && who.writes != "-" // each is held to the same rules
				if (has[tool.Name] || tool.Toolset == "") && (tool.Hints.ReadOnly || !who.readOnly && (writes[tool.Name] || anyWrite)) {
					want[tool.Name] = true
				}
			}
			_, _, body := s.post(t, request("1", "tools/list"), headers...)
			require.Equal(t, slices.Sorted(maps.Keys(want)), listed(t, body))

			for _, tool := range c.Tools {
				status, _, body := s.post(t, call("1", tool.Name, "x", "y"), headers...)
				require.Equal(t, http.StatusOK, status)
				answered := decode(t, body).text()
				if want[tool.Name] {
					require.Equal(t, "ran "+tool.Name, answered)
					continue
				}
				require.Contains(t, body, `"isError":true`)
				require.True(t, strings.HasPrefix(answered, "Not sent: "+tool.Name+" "), answered)
				switch {
				case !tool.Hints.ReadOnly && (who.readOnly || who.writes == "-"):
					require.Contains(t, answered, "this connection is read-only")
				case !tool.Hints.ReadOnly && !writes[tool.Name] && !tool.IsLocal():
					require.Contains(t, answered, "may write only in "+who.writes)
				default:
					require.Contains(t, answered, "belongs to the toolset "+tool.Toolset)
				}
			}
		})
	}
}

// What a caller reaches with scripts is what the caller may call as tools; without tools
// that run scripts, it is the list.
func TestReachOfCallers(t *testing.T) {
	c, err := local.With(embedded.Catalog(), localTools...).Select(tools.Selection{Toolsets: []string{tools.ToolsetScripts}})
	require.NoError(t, err)
	all, err := local.With(embedded.Catalog(), localTools...).Select(tools.Selection{})
	require.NoError(t, err)
	for _, x := range []struct {
		name             string
		catalog          *tools.Catalog
		toolsets, writes string
		readOnly         bool
		reaches          []string
	}{
		{name: "everything", catalog: c, reaches: []string{"list_users", "disable_user", "list_apps"}},
		{name: "read-only", catalog: c, readOnly: true, reaches: []string{"list_users", "list_apps"}},
		{name: "scripts and users", catalog: c, toolsets: "scripts,users", reaches: []string{"list_users", "disable_user"}},
		{name: "scripts, and no operation", catalog: c, toolsets: "scripts"},
		{name: "users without scripts", catalog: c, toolsets: "users"},
		{name: "users of the whole list", catalog: all, toolsets: "users", reaches: []string{"list_users", "disable_user"}},
		{name: "writes in apps", catalog: c, writes: "apps", reaches: []string{"list_users", "list_apps"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			var reached *tools.Catalog
			catching := local.Dispatcher{Caller: ran, Catalog: x.catalog, Tools: []local.Tool{{Definition: describe.Definition, Answer: func(_ context.Context, call local.Call) (result.Result, error) {
				reached = call.Catalog
				return result.Result{}, nil
			}}}}
			s := serveHTTP(t, newService(x.catalog, catching).HTTP(way{}.options()))
			s.post(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"describe_tools","arguments":{"names":["list_users"]}}}`, headersOf(x.toolsets, x.writes, x.readOnly)...)
			require.NotNil(t, reached)
			for _, name := range []string{"list_users", "disable_user", "list_apps"} {
				require.Equal(t, slices.Contains(x.reaches, name), reached.Find(name) != nil, name)
			}
		})
	}
}

// listed are the names in a list of tools.
func listed(t testing.TB, body string) []string {
	t.Helper()
	var list struct {
		Result struct{ Tools []struct{ Name string } }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	var names []string
	for _, tool := range list.Result.Tools {
		names = append(names, tool.Name)
	}
	return names
}

func TestUnauthorizedCallMessages(t *testing.T) {
	s := serveHTTP(t, newService(embedded.Catalog(), ran).HTTP(way{}.options()))
	for _, refusal := range []struct {
		tool, toolsets, writes string
		readOnly               bool
		text                   string
	}{
		{"disable_user", "", "", true, "Not sent: disable_user changes data, and this connection is read-only."},
		{"disable_user", "", "-", false, "Not sent: disable_user changes data, and this connection is read-only."},
		{"disable_user", "", "groups,apps", false, "Not sent: disable_user changes data, and this connection may write only in groups, apps."},
		{"list_users", "groups,apps", "", false, "Not sent: list_users belongs to the toolset users, and this connection has groups, apps."},
		{"list_users", "-", "", false, "Not sent: list_users belongs to the toolset users, and this connection has none."},
	} {
		_, _, body := s.post(t, call("1", refusal.tool, "x", "y"), headersOf(refusal.toolsets, refusal.writes, refusal.readOnly)...)
		require.Equal(t, refusal.text, decode(t, body).text())
	}
}

// Each request is its caller's: one that narrows leaves the others as they are,
// within a session, too.
func TestRestrictionAppliesToOneRequest(t *testing.T) {
	c := embedded.Catalog()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := serveHTTP(t, newService(c, ran).HTTP(w.options()))
			whole := w.client(t, s, map[string]string{callerHeader: "ann"})
			reading := w.client(t, s, map[string]string{callerHeader: "ann", readOnlyHeader: "yes", toolsetsHeader: "users"})
			for range 2 {
				all, err := whole.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				require.Len(t, all.Tools, len(c.Tools))
				some, err := reading.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				require.NotEmpty(t, some.Tools)
				for _, tool := range some.Tools {
					require.True(t, c.Find(tool.Name).Hints.ReadOnly)
					require.Equal(t, "users", c.Find(tool.Name).Toolset)
				}
				answer, err := callTool(t.Context(), reading, "disable_user", nil)
				require.NoError(t, err)
				require.True(t, answer.IsError)
				answer, err = callTool(t.Context(), whole, "disable_user", nil)
				require.NoError(t, err)
				require.Equal(t, "ran disable_user", textOf(t, answer))
			}
		})
	}
}

// A tool that the instance does not have is not listed, and says why it is not
// there, whatever the caller may do.
func TestUnavailableToolsExplainThemselvesOverHTTP(t *testing.T) {
	c := embedded.Catalog()
	c.Tools = slices.DeleteFunc(c.Tools, func(tool tools.Tool) bool { return tool.Name == "disable_user" })
	c.Unavailable = []tools.Unavailable{{Name: "disable_user", Operation: "DELETE /users/{userId}", Since: "3.100"}}
	want, ok := c.WhyUnavailable("disable_user")
	require.True(t, ok)
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := serveHTTP(t, newService(c, ran).HTTP(w.options()))
			for _, headers := range []map[string]string{nil, {readOnlyHeader: "yes"}, {toolsetsHeader: "groups"}} {
				conn := w.client(t, s, headers)
				list, err := conn.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				require.NotEmpty(t, list.Tools)
				for _, tool := range list.Tools {
					require.NotEqual(t, "disable_user", tool.Name)
				}
				answer, err := callTool(t.Context(), conn, "disable_user", nil)
				require.NoError(t, err)
				require.True(t, answer.IsError)
				require.Equal(t, want, textOf(t, answer))
			}
		})
	}
}

// A call by a former name runs nothing and says the name of today, to callers who
// may use the tool. The list has no former name.
func TestFormerNamesExplainThemselves(t *testing.T) {
	c := embedded.Catalog()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := serveHTTP(t, newService(c, ran).HTTP(w.options()))
			whole := w.client(t, s, nil)
			reading := w.client(t, s, map[string]string{readOnlyHeader: "yes"})
			all, err := whole.ListTools(t.Context(), mcp.ListToolsRequest{})
			require.NoError(t, err)
			require.Len(t, all.Tools, len(c.Tools))
			for _, tool := range c.Tools {
				if tool.Former == "" {
					continue
				}
				answer, err := callTool(t.Context(), whole, tool.Former, map[string]any{"userId": "user_1"})
				require.NoError(t, err)
				require.True(t, answer.IsError)
				require.Equal(t, "Not sent: "+tool.Former+" is now "+tool.Name+" ("+tool.Title+"). Call it by that name, with the same arguments.", textOf(t, answer))
				answer, err = callTool(t.Context(), reading, tool.Former, nil)
				require.NoError(t, err)
				if !tool.Hints.ReadOnly {
					require.Equal(t, "Not sent: "+tool.Name+" changes data, and this connection is read-only.", textOf(t, answer))
				}
			}
		})
	}
}
