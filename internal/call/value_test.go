package call_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/memory"
)

type valueCaller interface {
	CallValue(ctx context.Context, name string, arguments []byte) (call.Value, error)
}

// value calls a tool for its data.
func value(t testing.TB, r valueCaller, tool, arguments string) call.Value {
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

// noValue requires that a call gives none, and returns why.
func noValue(t testing.TB, r valueCaller, ctx context.Context, tool, arguments string) *call.CallError { //nolint:revive // t comes first in tests
	t.Helper()
	v, err := r.CallValue(ctx, tool, []byte(arguments))
	var failed *call.CallError
	require.ErrorAs(t, err, &failed, "%s %s", tool, v.JSON)
	require.Equal(t, tool, failed.Operation)
	return failed
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
	require.Len(t, u.take(), 3, "pages of 100")

	for arguments, n := range map[string]int{`{"limit":130}`: 130, `{"limit":130,"max_items":7}`: 7, `{"all_pages":true}`: len(all), `{"limit":100}`: 100, `{"limit":1000}`: len(all), `{"limit":"5"}`: 5, `{"max_items":"120"}`: 120, `{"limit":7.0,"max_items":5e0}`: 5} {
		some := value(t, r, "list_users", arguments)
		require.Equal(t, all[:n], decoded[[]object](t, some), arguments)
		require.Equal(t, len(all), some.Total)
		require.Equal(t, n < len(all), some.NextToken != "", arguments)
		require.Empty(t, some.Notes, "that it ends early is the script's to note")
	}
	u.take()
	few := value(t, r, "list_users", `{"limit":3}`)
	next := value(t, r, "list_users", `{"next_token":"`+few.NextToken+`"}`)
	require.Equal(t, all[3:103], decoded[[]object](t, next), "one page")
	require.Equal(t, all[103:], decoded[[]object](t, value(t, r, "list_users", `{"all_pages":true,"next_token":"`+next.NextToken+`"}`)))

	admins := value(t, r, "list_users", `{"where":"is_admin","fields":["email"],"limit":2}`)
	require.Len(t, decoded[[]map[string]string](t, admins), 2)
	require.Equal(t, len(decoded[[]object](t, value(t, r, "list_users", `{"where":"is_admin"}`))), value(t, r, "list_users", `{"where":"is_admin"}`).Total)
	require.Zero(t, admins.Total, "the API counts all, and nobody those that match")
	require.True(t, admins.Unread)
	inactive := value(t, r, "list_users", `{"where":"active == false"}`)
	require.Len(t, decoded[[]object](t, inactive), inactive.Total)
	require.False(t, inactive.Unread)
	require.Zero(t, value(t, r, "list_users", `{"where":"active == false","limit":3}`).Total)
	require.NotEmpty(t, decoded[[]object](t, value(t, r, "list_role_grants", `{"limit":1}`)), "a list without pages")
}

// An answer is opened as far as its envelope goes, and what it holds besides stays.
func TestValueOfAnAnswer(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	_, opened := decoded[object](t, value(t, r, "list_source_control_deployments", `{}`))["deployments"].([]any)
	require.True(t, opened)
	require.NotEmpty(t, decoded[[]object](t, value(t, r, "list_roles", `{}`)))
	require.Contains(t, decoded[object](t, value(t, r, "list_object_access", `{"objectType":"folder","objectId":"app_1"}`)), "group")
	user := value(t, r, "get_user", `{"userId":"ava.lindqvist@northwind.example"}`)
	require.Equal(t, "ava.lindqvist@northwind.example", decoded[object](t, user)["email"])
	require.Contains(t, user.Notes[0], "is user_")
	require.Contains(t, decoded[object](t, value(t, r, "get_folder", `{"folderId":"app_25","resolve":true}`)), "parent_folder_name")

	for body, want := range map[string]string{
		``:                                    `{}`,
		`{"success":true}`:                    `{}`,
		`{"success":true,"data":null}`:        `null`,
		`{"success":true,"data":"a text"}`:    `"a text"`,
		`{"data":{"name":"a\u200bb"}}`:        `{"name":"a\u200bb"}`,
		`{"data":{"password":"hunter2"}}`:     `{"password":"[redacted: password]"}`,
		`{"name":"x"}`:                        `{"name":"x"}`,
		`{"data":{"n":12345678901234567890}}`: `{"n":12345678901234567890}`,
		`{"data":{"url":"retool_token"}}`:     `{"url":"[access token]"}`,
		`{"success":true,"data":{"a":[]},"has_more":true,"next_token":"t1"}`: `{"a":[],"next_token":"t1"}`,
	} {
		r := serve(t, respond(http.StatusOK, body), "retool_token", call.Options{})
		made, err := r.ApplyStep(t.Context(), "create_group", []byte(`{"name":"x"}`), call.Permit{})
		require.NoError(t, err, body)
		require.Equal(t, want, string(made.JSON), body)
	}
}

func TestValuesForSeveralValuesOfAnArgument(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	one := func(kind string) []object {
		return decoded[[]object](t, value(t, r, "list_subject_access", `{"subject":{"type":"group","id":9},"object_type":"`+kind+`"}`))
	}
	apps, folders := one("app"), one("folder")
	both := value(t, r, "list_subject_access", `{"subject":{"type":"group","id":9},"object_type":["app","folder"]}`)
	items := decoded[[]object](t, both)
	require.Len(t, items, len(apps)+len(folders))
	require.Equal(t, "app", items[0]["object_type"])
	require.Equal(t, apps[0]["id"], items[0]["id"])
	require.Equal(t, "folder", items[len(items)-1]["object_type"])
	require.True(t, both.List)
	require.Len(t, items, both.Total)
	require.False(t, both.Unread)

	u.take()
	few := value(t, r, "list_subject_access", `{"subject":{"type":"group","id":9},"object_type":["app","folder"],"limit":1}`)
	require.Len(t, decoded[[]object](t, few), 1)
	require.True(t, few.Unread)
	require.Zero(t, few.Total, "nobody has counted the second list")
	require.Contains(t, few.Notes, "object_type folder: not read, since there are as many items as asked for already.")
	require.Len(t, u.take(), 1)
	require.Contains(t, noValue(t, r, t.Context(), "list_apps", `{"using_resource":["a","b"],"nosuch":1}`).Message, "using_resource a: Not sent")
}

func TestErrorsOfValuesCanBeCorrected(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	for _, c := range []struct {
		tool, arguments, says string
		status                int
	}{
		{"delete_group", `{"groupId":"Support"}`, "Not sent: delete_group writes. Only run_script does that", 0},
		{"get_user", `{"userIdd":"user_1"}`, "Not sent: the arguments do not fit get_user.", 0},
		{"get_user", `{"userId":"user_0"}`, "HTTP 404", 404},
		{"list_users", `{"limit":0}`, "Not sent: the arguments do not fit list_users.", 0},
		{"list_users", `{"where":"nosuch == 1"}`, "where: There is no field nosuch", 0},
		{"list_users", `{"fields":["nosuch"]}`, "There is no field nosuch", 0},
		{"list_users", `{"next_token":"nosuch"}`, "HTTP 400", 400},
	} {
		failed := noValue(t, r, t.Context(), c.tool, c.arguments)
		require.Contains(t, failed.Message, c.says)
		require.Equal(t, c.status, failed.Status, c.says)
	}
	require.Len(t, u.take(), 4)
	_, err := r.CallValue(t.Context(), "nosuch", nil)
	require.ErrorIs(t, err, call.ErrUnknownTool)
}

// A list that cannot be read to its end is no value: a script would take it for all.
func TestAListIsAllOrAnError(t *testing.T) {
	fails := serve(t, numbers{items: 500, before: func(w http.ResponseWriter, from int) bool {
		if from == 300 {
			w.WriteHeader(http.StatusForbidden)
		}
		return from == 300
	}}, "token", call.Options{})
	require.Equal(t, 403, noValue(t, fails, t.Context(), "list_users", `{}`).Status)

	repeats := serve(t, respond(200, `{"success":true,"data":[{"id":1}],"has_more":true,"next_token":"again"}`), "token", call.Options{})
	require.Contains(t, noValue(t, repeats, t.Context(), "list_users", `{}`).Message, "after 1 items Retool returned the same token again")

	large := serve(t, respond(200, `{"success":true,"data":[{"id":1,"name":"`+strings.Repeat("x", call.MaxValue)+`"}]}`), "token", call.Options{})
	require.Contains(t, noValue(t, large, t.Context(), "list_users", `{}`).Message, "more than 16 MiB")
	require.NotEmpty(t, value(t, large, "list_users", `{"fields":["id"]}`).JSON)

	endless := serve(t, numbers{items: 1 << 30}, "token", call.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := endless.CallValue(ctx, "list_users", nil)
	require.Error(t, err)
	require.Less(t, len(err.Error()), 1000)
}

// Of the pages that were read, a list holds their JSON and nothing else.
func TestLongListsTakeLittleMemory(t *testing.T) {
	const items = 30_000
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var before, atEnd int64
	r := serve(t, numbers{items: items, before: func(_ http.ResponseWriter, from int) bool {
		switch from {
		case 0:
			before = heap()
		case items - 100:
			atEnd = heap()
		}
		return false
	}}, "token", call.Options{Memory: memory.NewBudget()})
	v := value(t, r, "list_users", `{}`)
	require.Len(t, decoded[[]object](t, v), items)
	require.Less(t, atEnd-before, int64(4*len(v.JSON)+1<<20), "the JSON is %d bytes", len(v.JSON))
}

func TestStepsAreMadeWithoutAQuestion(t *testing.T) {
	log := openAudit(t)
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAlways, Audit: log.Log, SecretSink: secretSink(t, folderIn(t))})
	ctx := caller.With(t.Context(), caller.Caller{ID: "ada"})
	permit := call.Permit{Plan: "plan-1", Script: "hash-1", Confirmation: "confirmed"}
	made, err := r.ApplyStep(ctx, "create_group", []byte(`{"name":"Night shift"}`), permit)
	require.NoError(t, err)
	require.Equal(t, "Night shift", decoded[object](t, made)["name"])
	require.Contains(t, decoded[object](t, made), "members", "all of the answer")
	_, err = r.ApplyStep(ctx, "delete_group", []byte(`{"groupId":"Night shift"}`), permit)
	require.ErrorContains(t, err, "Not sent", "only a check takes names")
	gone, err := r.ApplyStep(ctx, "delete_group", checked(t, r, ctx, "delete_group", `{"groupId":"Night shift"}`).Arguments, permit)
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(gone.JSON))
	token, err := r.ApplyStep(ctx, "create_access_token", []byte(`{"label":"CI","scopes":["users:read"]}`), permit)
	require.NoError(t, err)
	require.Contains(t, token.Notes[0], "The access_token was saved to the file")
	require.NotContains(t, string(token.JSON), "retool_")
	u.take()
	_, err = r.ApplyStep(ctx, "create_group", []byte(`{"name":"x","dry_run":true}`), permit)
	require.ErrorContains(t, err, "Not sent: leave dry_run out")
	require.Empty(t, u.take())

	data, err := json.Marshal(log.lines(t))
	require.NoError(t, err)
	require.Equal(t, 6, bytes.Count(data, []byte(`"Plan":"plan-1","Script":"hash-1"`)), "%s", data)
	for _, line := range log.lines(t) {
		if line.Plan == "" {
			require.True(t, strings.HasPrefix(line.Operation, "GET "), "reads have none")
		} else {
			require.Equal(t, "confirmed", line.Confirmation)
		}
	}
	readOnly, _ := onSandbox(t, call.Options{ReadOnly: true})
	_, err = readOnly.ApplyStep(ctx, "create_group", []byte(`{"name":"x"}`), permit)
	require.ErrorContains(t, err, "this server is read-only")
}

func TestValuesOfInstances(t *testing.T) {
	r, upstreams := instances(t)
	for i, name := range []string{"east", "west"} {
		require.JSONEq(t, `{"from":"`+name+`"}`, string(value(t, r, "get_group", `{"groupId":"9","instance":"`+name+`"}`).JSON))
		require.Equal(t, []string{"GET /groups/9"}, upstreams[i].take())
	}
	require.Contains(t, noValue(t, r, t.Context(), "get_group", `{"groupId":"9"}`).Message, "must be one of east, west")
	_, _, err := r.CheckStep(t.Context(), "create_group", []byte(`{"name":"x","instance":"east"}`))
	require.ErrorContains(t, err, "not available on the instance east")
	step, _, err := r.CheckStep(t.Context(), "create_group", []byte(`{"name":"x","instance":"west"}`))
	require.NoError(t, err)
	require.Equal(t, "Instance: west", step.Words.Objects[0])
	require.JSONEq(t, `{"instance":"west","name":"x"}`, string(step.Arguments))
	_, err = r.ApplyStep(t.Context(), "create_group", []byte(`{"name":"x","instance":"west"}`), call.Permit{})
	require.NoError(t, err)
	require.Empty(t, upstreams[0].take())
	_, err = r.CallValue(t.Context(), "no_such_tool", []byte(`{"instance":"west"}`))
	require.ErrorIs(t, err, call.ErrUnknownTool)
}

// What an older release does not do with a list is done here, and noted.
func TestValuesOfOlderInstances(t *testing.T) {
	names := func(v call.Value) (out []string) {
		for _, app := range decoded[[]object](t, v) {
			out = append(out, app["name"].(string))
		}
		return out
	}
	r, _ := onSandbox(t, call.Options{})
	want := value(t, r, "list_apps", `{"name_contains":"pay"}`)
	require.NotEmpty(t, names(want))
	got := value(t, onOlder(t, &older{ignores: []string{"name_contains"}}, call.Options{}), "list_apps", `{"name_contains":"pay"}`)
	require.Equal(t, names(want), names(got))
	require.Equal(t, []string{"This instance ignores name_contains: items that do not fit it were left out here."}, got.Notes)
	require.Empty(t, got.NextToken)

	whole := onOlder(t, &older{Handler: unpaged(1234), refuses: []string{"limit"}}, call.Options{})
	all := value(t, whole, "list_users", `{}`)
	require.Len(t, decoded[[]object](t, all), 1234)
	require.Equal(t, []string{"This instance does not know limit (HTTP 400): all items were requested at once."}, all.Notes)
	some := value(t, whole, "list_users", `{"limit":10}`)
	require.Len(t, decoded[[]object](t, some), 10)
	require.Equal(t, "skip:10", some.NextToken)
	require.InDelta(t, 10, decoded[[]object](t, value(t, whole, "list_users", `{"next_token":"skip:10"}`))[0]["id"], 0)

	tokens := onOlder(t, &older{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("limit") {
			numbers{items: 250}.ServeHTTP(w, r)
			return
		}
		unpaged(250).ServeHTTP(w, r)
	}), refuses: []string{"next_token"}}, call.Options{})
	items := decoded[[]object](t, value(t, tokens, "list_users", `{}`))
	require.Len(t, items, 250)
	require.InDelta(t, 249, items[249]["id"], 0)
}
