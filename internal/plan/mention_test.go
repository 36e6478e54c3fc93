package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

func TestMentions(t *testing.T) {
	for args, mentioned := range map[string]bool{
		`{"groupId":"9"}`:                        true,
		`{"groupId":9}`:                          true,
		`{"members":[{"user":{"id":"user_1"}}]}`: true,
		`{"groupId":"90","name":"of 9"}`:         false,
		`{"9":true}`:                             false,
		`{"groupId":`:                            false,
	} {
		require.Equal(t, mentioned, plan.Mentions([]byte(args), []string{"9", "user_1"}), args)
	}
	require.False(t, plan.Mentions([]byte(`{"a":""}`), nil))
}

// Only the id of what a plan makes is new for certain.
func TestOnlyNew(t *testing.T) {
	for args, isNew := range map[string]bool{
		`{"a":1}`: true,
		`{"a":"` + plan.Marker("create_group#1", "id") + `"}`:                                                      true,
		`{"a":["x ` + plan.Marker("create_group#1", "id") + plan.Marker("create_folder#2", "id") + `"]}`:           true,
		`{"a":"` + plan.Marker("create_group#1", "id") + plan.Marker("create_folder#2", "parent_folder_id") + `"}`: false,
		`{"a":"` + plan.Marker("create_group#1", "") + `"}`:                                                        false,
		`{"a":"` + plan.Marker("create_group#1", "members[0].id") + `"}`:                                           false,
		`{"a":"` + plan.Marker("list_groups#1", "[0].id") + `"}`:                                                   false,
		`{"a":"` + plan.Marker("update_group#1", "id") + `"}`:                                                      false,
		`{"` + plan.Marker("create_group#1", "name") + `":1}`:                                                      false,
	} {
		require.Equal(t, isNew, plan.OnlyNew([]byte(args)), plan.Print(args))
	}
}
