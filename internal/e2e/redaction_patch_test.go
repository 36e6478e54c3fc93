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

// secretPointers are paths of a JSON Patch that name a secret, which nothing around the
// value does.
var secretPointers = []string{
	"/options/database_options/password", "options/database_options/password", "/options/database_options/PASSWORD", "/options/credentials/user", "/options/credentials/0/x",
	"/options/api_keys/-", "/options/a~1api~0token", "/options/authentication_options/headers/0/value", "/options/authentication_options/headers/0/1", "/options/database_options/connection_string",
	"#/options/password", "$.options.password", "https://acme.retool.com/options/password", "/options/pass%77ord", "/metadata/api_token",
}

// Whatever names the secret of an argument, no preview, error, log or record of the call
// shows it.
func TestSecretsNamedByPathsAppearNowhere(t *testing.T) {
	t.Parallel()
	audit := filepath.Join(t.TempDir(), "audit.log")
	k := openConversation(t, []string{"RETOOL_MCP_AUDIT_LOG=" + audit}, "--confirm=never")
	n := &canarySet{}
	patches, accepted := 0, 0
	// try makes a call in all ways that show its arguments; what is sent by it is none in an
	// answer that repeats it.
	try := func(tool, what string, arguments object, wrong ...object) {
		values := strings.Join(textsWith(throughJSON(t, arguments), head), " and ")
		require.NotEmpty(k.t, values)
		dry := k.call(tool, with(arguments, "dry_run", true), answeringJSON(t, object{"success": true, "data": object{"id": "1", "name": "N", "options": object{"password": "was"}}}))
		n.none(k.t, what+": the dry run", dry.all)
		n.none(k.t, what+": an error", k.call(tool, arguments, failing(http.StatusBadRequest, inJSON("cannot take "+values))).all)
		n.none(k.t, what+": a success that is none", k.call(tool, arguments, answeringJSON(t, object{"success": false, "message": "no " + values})).all)
		n.none(k.t, what+": a success", k.call(tool, arguments, answeringJSON(t, object{"success": true, "data": object{"id": "1"}})).all)
		for _, w := range wrong {
			h := k.call(tool, w, good)
			require.True(k.t, h.Result.IsError, h.text())
			n.none(k.t, what+": an argument error", h.all)
		}
		if !dry.Result.IsError {
			accepted++
			require.Contains(k.t, dry.text(), "[redacted: ", what)
		}
	}
	for _, d := range describedOperations(t) {
		properties, _ := d.body["properties"].(object)
		schema, _ := properties["operations"].(object)
		if !isPatch(schema) {
			continue
		}
		patches++
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			for _, pointer := range secretPointers {
				step := func(op string, members ...any) object {
					o := object{"op": op, "path": pointer}
					for i := 0; i < len(members); i += 2 {
						o[members[i].(string)] = members[i+1]
					}
					return o
				}
				for _, o := range []object{
					step("replace", "value", n.text(pointer)), step("add", "value", []any{n.text(pointer)}), step("test", "value", object{"deep": n.text(pointer)}),
					{"op": "move", "path": "/name", "from": pointer, "value": n.text(pointer)},
					{"op": "copy", "path": "/name", "from": pointer, "old": n.text(pointer)},
				} {
					arguments := with(d.requiredArguments(t), "operations", []object{o})
					misspelled := with(arguments, "operations", []object{with(o, "op", "overwrite")})
					within := with(arguments, "operations", []any{[]object{o}})
					unknown := with(arguments, "no_such_argument", o)
					try(d.tool, fmt.Sprint(d.tool, " ", o["op"], " ", pointer), arguments, misspelled, within, unknown)
				}
			}
		})
	}
	require.Equal(t, 9, patches)
	require.Greater(t, accepted, 60, "update_resource_configuration takes any path")

	k.t = t
	variable := func(secret any) object {
		return object{"name": "A", "secret": secret, "values": []object{{"environment_id": "01234567-89ab-4cde-8f01-000000000002", "value": n.text("a variable")}}}
	}
	for _, secret := range []any{true, "true"} {
		for _, c := range []struct {
			tool      string
			arguments object
		}{
			{"create_configuration_variable", variable(secret)},
			{"replace_configuration_variable", with(variable(secret), "id", "01234567-89ab-4cde-8f01-000000000001")},
		} {
			try(c.tool, c.tool, c.arguments, with(c.arguments, "no_such_argument", 1), with(c.arguments, "name", []string{"x"}))
		}
	}
	named := object{"userId": "user_1", "name": "api_token", "value": n.text("an attribute")}
	try("set_user_attribute", "an attribute that is named beside its value", named, with(named, "no_such_argument", 1))
	for _, pairs := range []any{
		[]object{{"key": "Authorization", "value": n.text("a pair")}},
		[]object{{"headerName": "X-Api-Key", "header_value": n.text("a pair")}},
		[][]string{{"Cookie", n.text("a pair")}},
		object{"X-Api-Key": n.text("a name")},
	} {
		try("create_resource", "headers", object{"type": "restapi", "display_name": "R", "options": object{"base_url": "https://h.example", "headers": pairs}})
	}
	require.Empty(t, anyCanary.FindString(k.stderr.String()), "the log")
	recorded, err := os.ReadFile(audit)
	require.NoError(t, err)
	n.none(t, "the audit log", string(recorded))
	require.Contains(t, string(recorded), `"value":"[redacted: password]"`)
}
