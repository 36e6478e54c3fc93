package toolgen_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/tools"
)

const nextParameter = `{name: next, in: query, schema: {type: string}}`

// Whatever the wire calls the token, and whether the document declares it, the
// agent sees one argument.
func TestOneArgumentForEverySpellingOfTheToken(t *testing.T) {
	for _, x := range []struct{ name, parameters, fields, query string }{
		{"declared", tokenParameter, "next_token: {}, has_more: {}", "next_token=T"},
		{"declared, with a limit", limitParameter + "," + tokenParameter, "next_token: {}, has_more: {}", "limit=50&next_token=T"},
		{"not declared", "", "next_token: {}, has_more: {}", "next_token=T"},
		{"not declared, but a limit is", limitParameter, "next_token: {}, has_more: {}", "limit=50&next_token=T"},
		{"the other spelling, declared", limitParameter + "," + nextParameter, "next: {}, has_more: {}", "limit=50&next=T"},
		{"the other spelling, not declared", "", "next: {}, has_more: {}", "next=T"},
		{"declared one way, answered the other", tokenParameter, "next: {}, has_more: {}", "next_token=T"},
		{"only has_more is answered", "", "has_more: {}", "next_token=T"},
	} {
		c := catalogOf(t, listOf(x.parameters, x.fields))
		require.NotNil(t, c.Tools[0].Paging, x.name)
		require.Equal(t, x.query, mustBind(t, c, `{"next_token":"T"}`).Request.Query, x.name)
	}
}

func TestListsWithoutPagingAreUnchanged(t *testing.T) {
	c := catalogOf(t, listOf(nextParameter, "next: {}"))
	require.Nil(t, c.Tools[0].Paging, `a parameter "next" may mean anything`)
	require.Equal(t, "next=T", mustBind(t, c, `{"next":"T"}`).Request.Query)
	require.Nil(t, catalogOf(t, listOf("", "total: {}")).Tools[0].Paging)
}

func TestTokensAreOpaque(t *testing.T) {
	c := catalogOf(t, listOf(tokenParameter, "next_token: {}"))
	call := mustBind(t, c, `{"next_token":"a+/=%& é\"\\#"}`)
	require.Equal(t, "next_token=a%2B%2F%3D%25%26%20%C3%A9%22%5C%23", call.Request.Query)
}

func TestNextCallRepeatsTheArguments(t *testing.T) {
	c := catalogOf(t, listOf(limitParameter+","+tokenParameter+",{name: q, in: query, schema: {type: string}}", "next_token: {}"))
	first := mustBind(t, c, `{"q":"<x>","next_token":"old"}`)
	require.JSONEq(t, `{"q":"<x>","next_token":"n\"2"}`, string(first.NextArguments(tools.Cursor{Token: `n"2`})))
	require.Contains(t, string(first.NextArguments(tools.Cursor{Token: "t"})), "<x>", "HTML is not escaped")
	limited := mustBind(t, c, `{"limit":7}`)
	require.JSONEq(t, `{"limit":7,"next_token":"t"}`, string(limited.NextArguments(tools.Cursor{Token: "t"})))
	again := mustBind(t, c, string(limited.NextArguments(tools.Cursor{Token: "t"})))
	require.Equal(t, "limit=7&next_token=t", again.Request.Query)
}

func TestAllFifteenListsPage(t *testing.T) {
	want := map[string]int{referencedata.Documents[0]: 15, referencedata.Documents[1]: 16, referencedata.Documents[2]: 16}
	for _, document := range referencedata.Documents {
		paged := map[string]bool{}
		for _, tool := range realCatalog(t, document).Tools {
			if tool.Paging != nil {
				paged[tool.Name] = tool.Paging.Limit
			}
		}
		require.Len(t, paged, want[document], fmt.Sprint(paged))
		for name, limited := range map[string]bool{
			"list_users": true, "list_groups": false, "list_folders": false, "list_spaces": false, "list_access_tokens": false,
			"list_subject_access": false, "list_user_tasks": true, "list_resources": true, "list_workflows": false,
			"list_organization_analytics_integrations": false,
		} {
			require.Contains(t, paged, name)
			require.Equal(t, limited, paged[name], name)
		}
	}
}
