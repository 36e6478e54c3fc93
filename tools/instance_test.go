package tools_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

func TestJoinInstances(t *testing.T) {
	whole := ours(t)
	reads, err := whole.Select(tools.Selection{ReadOnly: true})
	require.NoError(t, err)
	all, each, err := tools.JoinInstances([]string{"prod", "acme"}, []*tools.Catalog{reads, whole})
	require.NoError(t, err)
	require.Len(t, all.Tools, len(whole.Tools))
	require.Len(t, each[0].Tools, len(reads.Tools))
	for _, tool := range all.Tools {
		var schema struct {
			Properties map[string]struct{ Enum []string }
			Required   []string
		}
		require.NoError(t, json.Unmarshal([]byte(tool.Schema), &schema))
		want := []string{"prod", "acme"}
		if !tool.Hints.ReadOnly {
			want = want[1:]
		}
		require.Equal(t, want, schema.Properties[tools.ArgInstance].Enum, tool.Name)
		require.Equal(t, tools.ArgInstance, schema.Required[0])
		require.NotContains(t, string(whole.Find(tool.Name).Schema), `"instance":{"enum"`, "the catalogs themselves stay as they are")
	}
	b, err := tools.NewBinder(each[0].Find("list_users"))
	require.NoError(t, err)
	call, err := b.Bind([]byte(`{"instance":"prod","limit":3}`))
	require.NoError(t, err)
	require.Equal(t, "limit=3", call.Request.Query)
	require.JSONEq(t, `{"instance":"prod","limit":3,"next_token":"t"}`, string(call.NextArguments(tools.Cursor{Token: "t"})))
	_, err = b.Bind([]byte(`{"instance":"x"}`))
	require.ErrorContains(t, err, `instance: must be one of "prod", "acme", not "x"`)
}
