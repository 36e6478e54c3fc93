package sandbox_test

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

// Requests that tests of people have in common.

func userBody(email string) request {
	return request{}.with(map[string]any{"email": email, "first_name": "Tove-Lin", "last_name": "Sandqvist"})
}

func groupBody(name string) request { return request{}.with(map[string]any{"name": name}) }

func inviteBody(email string, groups ...int) request {
	return request{}.with(map[string]any{"email": email, "defaultGroupIds": append([]int{}, groups...)})
}

func attributeBody(name, dataType string) request {
	return request{}.with(map[string]any{"name": name, "label": "Label of " + name, "dataType": dataType})
}

func tokenBody(scopes ...string) request {
	return request{}.with(map[string]any{"label": "Nightly export", "scopes": append([]string{}, scopes...)})
}

func memberBody(user string, groupAdmin bool) map[string]any {
	return map[string]any{"id": user, "is_group_admin": groupAdmin}
}

// newcomer, nightShift and define make one and return its id.

func (a *api) newcomer() string {
	a.t.Helper()
	return text(a.object("create_user", userBody("tove-lin@newcomers.example"))["id"])
}

func (a *api) nightShift() string {
	a.t.Helper()
	return text(a.object("create_group", groupBody("Night shift"))["id"])
}

func (a *api) define(name, dataType string) string {
	a.t.Helper()
	return text(a.object("create_user_attribute", attributeBody(name, dataType))["id"])
}

// pendingAccessRequest returns the id of a pending access request.
func (a *api) pendingAccessRequest() string {
	a.t.Helper()
	list := a.items("list_access_requests", request{}.where("status", "PENDING"))
	require.NotEmpty(a.t, list, "there is no pending access request")
	return text(list[0]["id"])
}

// tableRows is a table of the organization, with what no operation answers.
func (a *api) tableRows(table string) []map[string]any {
	a.t.Helper()
	data, err := a.box.MarshalJSON()
	require.NoError(a.t, err)
	var state map[string]json.RawMessage
	require.NoError(a.t, json.Unmarshal(data, &state))
	var content struct {
		Rows []struct {
			Item map[string]any `json:"item"`
		} `json:"rows"`
	}
	require.NoError(a.t, json.Unmarshal(state[table], &content))
	out := make([]map[string]any, len(content.Rows))
	for i, row := range content.Rows {
		out[i] = row.Item
	}
	return out
}

// withoutEffect runs what must not change anything.
func (a *api) withoutEffect(what func()) {
	a.t.Helper()
	before := a.state()
	what()
	require.Equal(a.t, before, a.state(), "a call that failed has changed something")
}

// column is one field of each item.
func column(items []map[string]any, field string) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item[field]
	}
	return out
}

// listIn is a list within an answer.
func listIn(list any) []map[string]any {
	items, _ := list.([]any)
	out := make([]map[string]any, len(items))
	for i, item := range items {
		out[i], _ = item.(map[string]any)
	}
	return out
}
