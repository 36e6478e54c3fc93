package call_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

// value calls a tool for its data.
func value(t testing.TB, r *call.Runner, tool, arguments string) call.Value {
	t.Helper()
	v, err := r.CallValue(t.Context(), tool, []byte(arguments))
	require.NoError(t, err)
	require.True(t, json.Valid(v.JSON), "%s", v.JSON)
	return v
}

func decoded[T any](t testing.TB, v call.Value) (out T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(v.JSON, &out), "%s", v.JSON)
	return out
}

func TestValueOfAListIsAllItsItems(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	v := value(t, r, "list_users", `{}`)
	all := decoded[[]object](t, v)
	require.Len(t, all, v.Total)
	require.True(t, v.List)
	require.Empty(t, v.NextToken)
	require.Empty(t, v.Notes)
	require.False(t, v.Date.IsZero())
	require.Greater(t, len(u.take()), 1, "several pages")

	few := value(t, r, "list_users", `{"limit": 3}`)
	require.Len(t, decoded[[]object](t, few), 3)
	require.NotEmpty(t, few.NextToken)
	require.Len(t, few.Notes, 1, "there is more")
	require.Len(t, u.take(), 1)
	next := value(t, r, "list_users", `{"next_token": "`+few.NextToken+`"}`)
	require.Equal(t, all[3], decoded[[]object](t, next)[0])
	require.Len(t, u.take(), 1)

	many := value(t, r, "list_users", `{"limit": 130, "fields": ["id"]}`)
	require.Len(t, decoded[[]object](t, many), min(130, len(all)))
	one := value(t, r, "get_user", `{"userId":"`+all[0]["id"].(string)+`"}`)
	require.False(t, one.List)
	require.Equal(t, all[0]["email"], decoded[object](t, one)["email"])
}

// An answer is opened as far as its envelope goes, and what it holds besides stays.
func TestValueOfAnAnswer(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	_, opened := decoded[object](t, value(t, r, "list_source_control_deployments", `{}`))["deployments"].([]any)
	require.True(t, opened)
	require.NotEmpty(t, decoded[[]object](t, value(t, r, "list_roles", `{}`)))
	require.Contains(t, decoded[object](t, value(t, r, "list_object_access", `{"objectType":"folder","objectId":"app_1"}`)), "group")
}

func TestStepsAreMadeWithoutAQuestion(t *testing.T) {
	r, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
	made, err := r.ApplyStep(t.Context(), "create_group", []byte(`{"name":"Night shift"}`), call.Permit{Plan: "p", Script: "s", Confirmation: "confirmed"})
	require.NoError(t, err)
	require.Equal(t, "Night shift", decoded[object](t, made)["name"])
	require.Contains(t, decoded[object](t, made), "members", "all of the answer")
	gone, err := r.ApplyStep(t.Context(), "delete_group", []byte(`{"groupId":"Night shift"}`), call.Permit{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(gone.JSON))
}

func TestErrorsOfValuesCanBeCorrected(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	for _, c := range []struct{ tool, arguments, says string }{
		{"delete_group", `{"groupId":"Support"}`, "Not sent: delete_group writes."},
		{"get_user", `{"userIdd":"user_1"}`, "Not sent: the arguments do not fit get_user."},
		{"get_user", `{"userId":"user_0"}`, "HTTP 404"},
		{"list_users", `{"limit":0}`, "Not sent: the arguments do not fit list_users."},
		{"list_users", `{"where":"nosuch == 1"}`, "where: There is no field nosuch"},
		{"list_apps", `{"using_resource":["a","b"],"nosuch":1}`, "using_resource a: Not sent"},
	} {
		_, err := r.CallValue(t.Context(), c.tool, []byte(c.arguments))
		var failed *call.CallError
		require.ErrorAs(t, err, &failed, c.tool)
		require.Equal(t, c.tool, failed.Operation)
		require.Contains(t, failed.Message, c.says)
	}
	require.Len(t, u.take(), 2, "the user, and the users for the condition")
}
