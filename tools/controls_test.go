package tools_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// published are the arguments that a tool lists.
func published(t *testing.T, tool *tools.Tool) map[string]any {
	t.Helper()
	var schema struct{ Properties map[string]any }
	require.NoError(t, json.Unmarshal([]byte(tool.Schema), &schema))
	return schema.Properties
}

// Every list is gone through in the same way, every answer and dry run can be narrowed, and
// nothing of it is sent.
func TestEveryToolTakesTheControlsOfItsAnswer(t *testing.T) {
	for _, c := range []*tools.Catalog{embedded.Catalog(), realCatalog(t, referencedata.Documents[0]), realCatalog(t, referencedata.Documents[1]), realCatalog(t, referencedata.Documents[2])} {
		lists, objects := 0, 0
		for i := range c.Tools {
			tool := &c.Tools[i]
			takes := published(t, tool)
			want := map[string]bool{}
			switch {
			case tool.Answer.List && tool.Hints.ReadOnly:
				lists++
				for _, name := range []string{tools.ArgFields, tools.ArgMaxItems, tools.ArgAllPages, tools.ArgFormat, tools.ArgLimit, tools.ArgToken, tools.ArgWhere} {
					want[name] = true
				}
			case tool.Answer.List: // a write: it is not repeated for the rest
				for _, name := range []string{tools.ArgFields, tools.ArgMaxItems, tools.ArgFormat} {
					want[name] = true
				}
			case tool.Hints.ReadOnly:
				objects++
				want[tools.ArgFields] = true
			default:
				want[tools.ArgFields] = true // without an answer, of what a dry run shows
			}
			for _, name := range []string{tools.ArgFields, tools.ArgMaxItems, tools.ArgAllPages, tools.ArgFormat, tools.ArgWhere} {
				require.Equal(t, want[name], takes[name] != nil, "%s: %s", tool.Name, name)
			}
			for _, name := range []string{tools.ArgLimit, tools.ArgToken} {
				require.True(t, !want[name] || takes[name] != nil, "%s: %s", tool.Name, name)
			}
			for _, arg := range tool.Args {
				require.True(t, arg.In != tools.NotSent || !arg.Required, tool.Name)
			}
		}
		require.Greater(t, lists, 30, c.Version)
		require.Greater(t, objects, 20, c.Version)
	}
}

// Ids of which a name is known elsewhere can be resolved.
func TestResolveIsTakenWhereAnAnswerRefersToOtherObjects(t *testing.T) {
	c := embedded.Catalog()
	for name, want := range map[string]bool{
		"list_apps": true, "list_workflows": true, "list_folders": true, "list_access_tokens": true, "list_user_invites": true, "get_group": true,
		"list_subject_access": true, "list_object_access": true, "list_role_grants": true, "get_configuration_variable": true,
		"list_users": false, "list_environments": false, "get_organization": false, "list_spaces": false,
		"create_folder": false, "set_user_attribute": false, // writes
	} {
		require.Equal(t, want, published(t, c.Find(name))[tools.ArgResolve] != nil, name)
	}
}

func TestControlsAreNotSent(t *testing.T) {
	c := catalogOf(t, listOf("", "total: {}"))
	call := mustBind(t, c, `{"fields":["id"," name,groups.id "],"max_items":7,"all_pages":true,"format":"json","limit":3,"next_token":"skip:4","where":" id > 3 "}`)
	require.Equal(t, "/things", call.Request.Path)
	require.Empty(t, call.Request.Query)
	require.Equal(t, tools.Controls{
		Fields: []string{"id", "name", "groups.id"}, MaxItems: 7, AllPages: true, Format: "json", Limit: 3, Cursor: tools.Cursor{Skip: 4}, Where: "id > 3",
	}, call.Controls)
	require.True(t, call.Paginated())
	for given, want := range map[string]string{
		`{"limit":0}`: "limit: must be", `{"limit":101}`: "limit: must be a whole number from 1 to 100", `{"max_items":0}`: "max_items: must be",
		`{"format":"xml"}`: `format: must be one of "table", "json"`, `{"fields":7,"all_pages":"maybe"}`: "all_pages: must be a boolean",
	} {
		_, err := bind(t, c, given)
		require.ErrorContains(t, err, want, given)
	}
	require.Equal(t, []string{"id"}, mustBind(t, c, `{"fields":"id"}`).Controls.Fields)
}

// An argument of the API that has the name of a control stays what it is.
func TestArgumentsOfTheAPITakePrecedence(t *testing.T) {
	c := catalogOf(t, listOf("{name: fields, in: query, schema: {type: string}}, {name: format, in: query, schema: {type: string}}", "has_more: {}"))
	call := mustBind(t, c, `{"fields":"a,b","format":"xml","max_items":2}`)
	require.Equal(t, "fields=a%2Cb&format=xml", call.Request.Query)
	require.Nil(t, call.Controls.Fields)
	require.Empty(t, call.Controls.Format)
	require.Equal(t, 2, call.Controls.MaxItems)
	stuck := catalogOf(t, listOf(limitParameter, "total: {}"))
	require.False(t, mustBind(t, stuck, `{}`).Paginated(), "a limit without tokens cannot be continued")
	require.Equal(t, "limit=3", mustBind(t, stuck, `{"limit":3}`).Request.Query)
}

func TestPageRequestsItsTokenAndLimit(t *testing.T) {
	c := catalogOf(t, listOf(limitParameter+","+tokenParameter+",{name: q, in: query, schema: {type: string}}", "next_token: {}"))
	call := mustBind(t, c, `{"q":"x","next_token":"skip:3:T"}`)
	require.Equal(t, "limit=50&next_token=T&q=x", call.Request.Query)
	page, err := call.ForPage("U", 9)
	require.NoError(t, err)
	require.Equal(t, "limit=9&next_token=U&q=x", page.Request.Query)
	require.Equal(t, "limit=50&next_token=T&q=x", call.Request.Query, "the call itself is as it was")
	require.JSONEq(t, `{"q":"x","next_token":"skip:5:V"}`, string(page.NextArguments(tools.Cursor{Token: "V", Skip: 5})))
}
