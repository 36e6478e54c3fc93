package result_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

const people = `{"data":[
	{"id":1,"email":"a@x","a.b":{"c":1},"groups":[{"id":7,"name":"G"},{"id":8,"name":"H"}],"metadata":{"team":"T"}},
	{"id":2,"email":null,"groups":[],"metadata":null}],"has_more":false}`

func TestFieldsAreKeptInTheOrderOfTheCall(t *testing.T) {
	for _, x := range []struct{ fields, want string }{
		{`["email","id"]`, `[{"email":"a@x","id":1},{"email":null,"id":2}]`},
		{`["groups.name"]`, `[{"groups":[{"name":"G"},{"name":"H"}]},{"groups":[]}]`},
		{`["groups[].name","groups.id","id"]`, `[{"groups":[{"name":"G","id":7},{"name":"H","id":8}],"id":1},{"groups":[],"id":2}]`},
		{`["data[].id"]`, `[{"id":1},{"id":2}]`},
		{`["metadata.team"]`, `[{"metadata":{"team":"T"}},{"metadata":null}]`},
		{`["groups","groups.name"]`, `[{"groups":[{"id":7,"name":"G"},{"id":8,"name":"H"}]},{"groups":[]}]`},
		{`["\"a.b\".c"]`, `[{"a.b":{"c":1}},{}]`},
		{`["name"]`, `[{},{}]`}, // described, and not there
	} {
		r := result.Render(call(t, "list_users", `{"format":"json","fields":`+x.fields+`}`), answer(people), result.Options{})
		require.False(t, r.IsError, r.Text)
		require.JSONEq(t, `{"data":`+x.want+`,"has_more":false}`, beforeNotes(r.Text), x.fields)
	}
}

// beforeNotes is the JSON of a result.
func beforeNotes(text string) string { return cut(text, "\n\n") }

func TestUnknownFieldsListTheKnown(t *testing.T) {
	list := result.Render(call(t, "list_users", `{"fields":["emial","groups.nme","id"]}`), answer(people), result.Options{})
	require.True(t, list.IsError)
	require.Contains(t, list.Text, "no field emial (did you mean email?), groups.nme (did you mean groups.name?) in the items of list_users")
	require.Contains(t, list.Text, `Fields: id, email, "a.b", "a.b".c, groups, groups.id, groups.name, metadata, metadata.team, name`)

	inner := result.Render(call(t, "list_users", `{"fields":["groups.colour"]}`), answer(`{"data":[{"groups":[]}],"has_more":false}`), result.Options{})
	require.False(t, inner.IsError, "nobody has a group, so nobody knows what groups have")

	none := result.Render(call(t, "list_users", `{"fields":["x"]}`), answer(`{"data":[],"has_more":false}`), result.Options{})
	require.True(t, none.IsError, "the description knows the fields")
	open := result.Render(call(t, "list_groups", `{"fields":["x"]}`), answer(`{"data":[]}`), result.Options{})
	require.False(t, open.IsError, "nobody knows the fields")

	one := result.Render(call(t, "get_user", `{"userId":"u","fields":["nam"]}`), answer(`{"data":{"id":1,"name":"N"}}`), result.Options{})
	require.True(t, one.IsError)
	require.Contains(t, one.Text, "no field nam (did you mean name?) in the answer of get_user")
}

func TestFieldsOfOneObject(t *testing.T) {
	one := result.Render(call(t, "get_user", `{"userId":"u","fields":["id","data.age"]}`), answer(`{"data":{"id":1,"name":"N","age":7}}`), result.Options{})
	require.Equal(t, `{"data":{"id":1,"age":7}}`, one.Text)
	bare := result.Render(call(t, "get_user", `{"userId":"u","fields":["id"]}`), answer(`{"id":1,"name":"N"}`), result.Options{})
	require.Equal(t, `{"id":1}`, bare.Text)
}

// What a write did is told whatever its fields were.
func TestUnknownFieldIsNoErrorOfAWrite(t *testing.T) {
	r := result.Render(call(t, "replace_user", `{"userId":"u","fields":["id","nonsense"]}`), answer(`{"data":{"id":1,"age":7}}`), result.Options{})
	require.False(t, r.IsError)
	require.Contains(t, r.Text, `{"data":{"id":1}}`+"\n\nThere is no field nonsense")
}

func TestMaxItems(t *testing.T) {
	r := result.Render(call(t, "list_groups", `{"max_items":2,"format":"json"}`), answer(`{"data":[1,2,3]}`), result.Options{})
	require.Equal(t, `{"data":[1,2]}`+"\n\n"+`This page holds 2 of 3 items; there is more. Next page: call list_groups with {"max_items":2,"format":"json","next_token":"skip:2"}`, r.Text)
}
