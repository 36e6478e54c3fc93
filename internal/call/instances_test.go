package call_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// instances returns two instances that respond with their names. The first does
// not serve create_group.
func instances(t *testing.T) (r *call.Instances, upstreams []*upstream) {
	t.Helper()
	without := *embedded.Catalog()
	without.Tools = nil
	for _, tool := range embedded.Catalog().Tools {
		if tool.Name != "create_group" {
			without.Tools = append(without.Tools, tool)
		}
	}
	names := []string{"east", "west"}
	_, catalogs, err := tools.JoinInstances(names, []*tools.Catalog{&without, embedded.Catalog()})
	require.NoError(t, err)
	var runners []*call.Runner
	for i, name := range names {
		u := &upstream{Handler: respond(200, `{"success":true,"data":{"from":"`+name+`"}}`)}
		o := serve(t, u, "retool_"+name, call.Options{Instance: name, Confirm: call.ConfirmAuto}).Options
		upstreams, runners = append(upstreams, u), append(runners, call.NewRunner(catalogs[i], o))
	}
	return call.NewInstances(names, runners), upstreams
}

func TestInstances(t *testing.T) {
	r, upstreams := instances(t)

	for i, name := range []string{"east", "west"} {
		outcome := run(t, r, "get_group", object{"groupId": "9", "instance": name})
		require.False(t, outcome.IsError, outcome.Text)
		require.Equal(t, `{"data":{"from":"`+name+`"}}`+"\n\nInstance: "+name, outcome.Text)
		require.Equal(t, []string{"GET /groups/9"}, upstreams[i].take())
	}
	const which = "instance names the instance of a call and must be one of east, west."
	for _, arguments := range []any{object{"groupId": "9"}, object{"groupId": "9", "instance": "north"}, object{"groupId": "9", "instance": 1}, object{"groupId": "9", "instance": ""}, []int{1}} {
		refused(t, run(t, r, "get_group", arguments), which)
	}
	refused(t, run(t, r, "create_group", object{"name": "New", "instance": "east"}), "create_group is not available on the instance east.")
	require.False(t, run(t, r, "create_group", object{"name": "New", "instance": "west"}).IsError)
	require.Equal(t, []string{"POST /groups"}, upstreams[1].take())

	_, err := r.CallTool(t.Context(), "no_such_tool", []byte(`{"instance":"west"}`))
	require.ErrorIs(t, err, call.ErrUnknownTool)
	require.EqualError(t, err, "instance west: unknown tool: no_such_tool")

	question := ask(t, r, "delete_group", object{"groupId": "9", "instance": "west"})
	require.Equal(t, "Instance west: Delete a group\nGroup: 9, from \"west\"\nThis cannot be undone; a new group has a new id and none of the access.", question.Text)
	require.Empty(t, upstreams[0].take())
}
