package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A dry run shows the request, and the current object beside the changed one.
func TestDryRun(t *testing.T) {
	t.Parallel()
	const reference = "${env:REHEARSED}"
	p := &userAnswers{answer: accept} // else what affects all is refused
	s := connectTo(t, modern, environment(t, wholeResults, "RETOOL_MCP_SECRET_ENV=REHEARSED", "REHEARSED=canary-4711"), p, "--sandbox")
	environments := read[[]environmentOf](s, "list_environments", nil)
	values := func(text string) []object { return []object{{"environment_id": environments[0].ID, "value": text}} }
	variable := object{"name": "NEW_KEY", "secret": true, "values": values("canary-4711")}
	const nothing = "No single call reads the current state, so there is nothing to compare."
	for name, c := range map[string]struct {
		tool      string
		arguments object
		says, not []string
	}{
		"a change": {
			"update_group",
			object{"groupId": "9", "operations": []object{{"op": "replace", "path": "/name", "value": "Ops → now"}, {"op": "remove", "path": "/members"}}},
			[]string{"The request would be:\nPATCH /groups/9\n{\"operations\":[", "Changes:\n- replace /name: \"Operations\" → \"Ops → now\"\n- remove /members: [{", "Current state:\n{\"id\":9,"},
			[]string{nothing},
		},
		"a field that is not there": {
			"update_group",
			object{"groupId": "9", "operations": []object{{"op": "add", "path": "/user_list_access", "value": true}}},
			[]string{"- add /user_list_access: true, as it is"},
			nil,
		},
		"a replacement": {
			"replace_group",
			object{"groupId": "9", "name": "Ops"},
			[]string{"PUT /groups/9\n{\"name\":\"Ops\"}", "- name: \"Operations\" → \"Ops\"", "- not in the request and possibly removed: members, ", "Current state:\n{\"id\":9,"},
			[]string{nothing, "removed: id", "created_at, updated_at", ", id"},
		},
		"a replacement of nothing": {
			"replace_group",
			object{"groupId": "9", "name": "Operations"},
			[]string{"possibly removed: members, "},
			[]string{"- name:"},
		},
		"a deletion": {
			"delete_folder",
			object{"folderId": "app_24"},
			[]string{"The request would be:\nDELETE /folders/app_24\n\nFolder: \"Finance\" (app_24)", "Current state:\n{\"id\":\"app_24\"", "The call would ask the user"},
			[]string{nothing, "Changes:"},
		},
		"a creation": {
			"create_group",
			object{"name": "New"},
			[]string{"The request would be:\nPOST /groups\n{\"name\":\"New\"}\n\nNot checked, the instance decides: whether it accepts the values, ", nothing},
			[]string{"Current state:", "Changes:", "would ask"},
		},
		"what is not there": {
			"update_group",
			object{"groupId": "4711", "operations": []object{{"op": "replace", "path": "/name", "value": "New"}}},
			[]string{"PATCH /groups/4711", "HTTP 404"},
			[]string{"Current state:"},
		},
		"a secret":    {"create_configuration_variable", variable, []string{`"value":"[redacted: value]"`}, nil},
		"a reference": {"create_configuration_variable", with(variable, "values", values(reference)), []string{`"value":"` + reference + `"`}, nil},
		"a secret deep within": {
			"create_resource",
			object{"type": "postgresql", "display_name": "New", "options": object{"host": "h", "port": 5432, "database_name": "d", "database_username": "u", "database_password": "canary-4711"}},
			[]string{`"database_password":"[redacted: database_password]"`, `"host":"h"`},
			nil,
		},
		"what all are hit by":      {"invalidate_organization_sessions", object{}, []string{"POST /organization/invalidate_sessions/\n", "Users of the organization: 250", nothing}, nil},
		"state of another object":  {"reset_user_2fa", object{"userId": jane}, []string{"with two-factor authentication", `"two_factor_auth_enabled":true`}, []string{nothing}},
		"a part of an object":      {"remove_group_member", object{"groupId": "9", "userId": jane}, []string{"User: \"jane@northwind.example\" (", "Current state, of get_group:\n{\"id\":\"" + jane}, []string{"priya.raman"}},
		"a part that is not there": {"remove_group_member", object{"groupId": "10", "userId": jane}, []string{"get_group shows no such one among the members now."}, []string{"Current state"}},
		"names of ids": {
			"create_role_grant",
			object{"role_id": auditor, "subject_type": "user", "subject_id": jane, "object_type": "app", "object_id": payroll},
			[]string{"Role: \"Auditor\" (", "Subject: user \"jane@northwind.example\" (", "Object: app \"Payroll\" ("},
			nil,
		},
		"an item of a list": {"delete_role", object{"roleId": auditor}, []string{"Role: \"Auditor\" (", "Grants of it: 3", "Current state:\n{\"id\":\"" + auditor}, []string{nothing}},
		"fields": {
			"update_user",
			object{"userId": jane, "fields": []string{"active", "nope"}, "operations": []object{{"op": "replace", "path": "/active", "value": false}}},
			[]string{"- replace /active: true → false", "Current state:\n{\"active\":true}\nThere is no field nope "},
			nil,
		},
		"a list that is long": {
			"delete_group",
			object{"groupId": "9"},
			[]string{"Current state:\n{\"id\":9,", `"members":36`, "In brief: lists are counts; left out: ", "get_group shows all"},
			[]string{"priya.raman", "Changes:"},
		},
		"fields of what is deleted": {
			"delete_group",
			object{"groupId": "9", "fields": []string{"members.email", "nope"}},
			[]string{"Current state:\n{\"members\":[{\"email\":\"jane@northwind.example\"}", "There is no field nope "},
			[]string{"In brief", `"id":9`},
		},
		"what is turned off": {"disable_user", object{"userId": jane}, []string{"Changes:\n- active: true → false\n"}, nil},
		"an item that is added": {
			"add_group_members",
			object{"groupId": "10", "members": []object{{"id": jane, "is_group_admin": true}}},
			[]string{"- members: 8 → 9 items; added \"jane@northwind.example\" {", "Current state, of get_group:\n[]\nIn brief: of 8 items those that the call names. get_group shows all."},
			[]string{"kwame"},
		},
		"an item that changes": {
			"add_group_members",
			object{"groupId": "9", "members": []object{{"id": jane, "is_group_admin": true}}},
			[]string{"- members: [\"jane@northwind.example\"].is_group_admin false → true", "Current state, of get_group:\n[{\"id\":\"" + jane + "\",\"email\""},
			[]string{"priya.raman", "removed"},
		},
		"an item that is as it is": {"add_group_members", object{"groupId": "9", "members": []object{{"id": jane, "is_group_admin": false}}}, nil, []string{"Changes:", "priya.raman"}},
		"an element of a manifest": {
			"replace_source_control_manifest_element",
			object{"manifestName": "production", "elementUuid": orders, "elementType": "PAGE", "release": "1.3.0", "commit_message": "Back"},
			[]string{"Changes:\n- release: \"1.3.1\" → \"1.3.0\"\n\n", "Current state, of get_source_control_manifest:\n{\"uuid\":\"" + orders + "\",\"release\":\"1.3.1\"}"},
			[]string{payroll},
		},
		"items of a list": {
			"replace_configuration_variable", destructiveCalls["replace_configuration_variable"],
			[]string{"- values: 3 → 2 items; removed \"development\" {\"environment_id\":\"" + development, "[\"production\"].value \"https://api.production.internal.northwind.example\" → \"https://api.production.elsewhere.example\""},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := s.succeed(c.tool, given(t, with(c.arguments, "dry_run", true)))
			require.True(t, strings.HasPrefix(text, "Dry run: nothing was changed. "), text)
			for _, says := range c.says {
				require.Contains(t, text, says)
			}
			for _, not := range append(c.not, "canary") {
				require.NotContains(t, text, not)
			}
		})
	}
	wrong := s.call("update_group", []byte(`{"groupId":"9","dry_run":true}`))
	require.True(t, wrong.isError, "arguments are validated")
	require.Contains(t, wrong.text, "operations")
	refused := s.call("list_groups", []byte(`{"dry_run":true}`))
	require.True(t, refused.isError, "a read has no dry run")
	require.Empty(t, s.stderr.String())
}

// A dry run names secrets that would change, without their values.
func TestDryRunRedactsStoredSecrets(t *testing.T) {
	t.Parallel()
	const was, is = "canary-was-4711", "canary-is-4712"
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"1","name":"A","secret":true,"values":[{"environment_id":"01234567-89ab-4cde-8f01-000000000002","value":"`+was+`"}]}}`))
	s := connect(t, legacy, held(t, u))
	text := s.succeed("replace_configuration_variable", given(t, object{
		"id": "01234567-89ab-4cde-8f01-000000000001", "name": "B", "secret": true, "dry_run": true,
		"values": []object{{"environment_id": "01234567-89ab-4cde-8f01-000000000002", "value": is}},
	}))
	require.Contains(t, text, `- name: "A" → "B"`)
	require.NotContains(t, text, was)
	require.NotContains(t, text, is)
	require.Contains(t, text, ".value is replaced, by another value or the same: both are secret", "what looks the same need not be")
	for _, r := range u.take() {
		require.Equal(t, http.MethodGet, r.method)
	}
}

// idsOf finds an ID for each path parameter in the lists of the sandbox.
func idsOf(s *session, operations []servedOperation) map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	for i := range operations {
		list := &operations[i]
		if list.method != http.MethodGet || len(list.pathParameters) > 0 || !s.takes(list.tool, "format") {
			continue
		}
		a := s.call(list.tool, given(s.t, object{"limit": 1, "format": asJSON}))
		if a.isError { // it needs more arguments
			continue
		}
		l := readListing(s.t, list.tool, a.text)
		if len(l.items) == 0 {
			continue
		}
		item, ok := l.items[0].(object)
		if id := item["id"]; ok && id != nil {
			ids[list.path] = fmt.Sprint(id)
		}
	}
	return ids
}

// bound returns arguments with existing IDs, and the number of IDs that the
// lists lack.
func (o *servedOperation) bound(t testing.TB, ids map[string]string) (x exchange, lacks int) {
	t.Helper()
	sample := sampler{t: t}
	x = sample.exchangeFor(o.apiOperation)
	for _, p := range o.pathParameters {
		before, _, _ := strings.Cut(o.path, "/{"+p.name+"}")
		if id, ok := ids[before]; ok {
			x.arguments[p.name] = id
		} else {
			lacks++
		}
	}
	return x, lacks
}

// A dry run of every write leaves the organization unchanged.
func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	starts := onSandbox(t, "--sandbox-state", state)
	operations := operationsOfEmbedded(t)
	starts.succeed("create_group", []byte(`{"name":"So that there is a file"}`))
	starts.quit()
	before, err := os.ReadFile(state)
	require.NoError(t, err)

	s := connectTo(t, modern, append(keeping(t, wholeResults), "RETOOL_MCP_CONFIRM=auto"), &userAnswers{answer: accept}, "--sandbox", "--sandbox-state", state)
	ids := idsOf(s, operations)
	require.Greater(t, len(ids), 8)
	everythingThere := func() map[string]string {
		all := map[string]string{}
		for i := range operations {
			o := &operations[i]
			if o.method != http.MethodGet {
				continue
			}
			arguments, lacks := o.bound(t, ids)
			if lacks == 0 {
				all[o.tool] = s.call(o.tool, arguments.encoded(t)).text
			}
		}
		return all
	}
	was := everythingThere()
	require.Greater(t, len(was), 30)
	rehearsals, compared := 0, 0
	for i := range operations {
		o := &operations[i]
		if o.reads {
			continue
		}
		x, _ := o.bound(t, ids)
		x.arguments["dry_run"] = true
		a := s.call(o.tool, x.encoded(t))
		rehearsals++
		if a.isError { // its object is not there
			require.True(t, o.destroys, "%s: %s", o.tool, a.text)
			require.Regexp(t, "^Not sent: get_.* answers HTTP 40[04]", a.text)
			continue
		}
		require.Contains(t, a.text, "Dry run: nothing was changed.", o.tool)
		if strings.Contains(a.text, "\nCurrent state:\n") {
			compared++
		}
	}
	require.Equal(t, 88, rehearsals)
	require.Greater(t, compared, 10, "writes whose IDs exist")
	require.Equal(t, was, everythingThere())
	s.quit()
	after, err := os.ReadFile(state)
	require.NoError(t, err)
	require.JSONEq(t, string(before), string(after))
}
