package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestEnvironmentIsCreatedAndChanged(t *testing.T) {
	a := start(t, sandbox.Options{})
	created := a.object("create_environment", request{}.with(map[string]any{"name": "Preview", "color": "#FF5733"}))
	require.Nil(t, created["description"])
	require.Equal(t, false, created["default"])

	environment := at("environmentId", created["id"].(string))
	changed := a.object("update_environment", environment.with(map[string]any{"operations": []any{
		map[string]any{"op": "replace", "path": "/name", "value": "Review"},
		map[string]any{"op": "replace", "path": "/description", "value": "For reviews"},
		map[string]any{"op": "replace", "path": "/color", "value": "#00ff00"},
	}}))
	require.Equal(t, []any{"Review", "For reviews", "#00ff00"}, []any{changed["name"], changed["description"], changed["color"]})
	require.Greater(t, changed["updated_at"], changed["created_at"])
	require.Equal(t, changed, a.object("get_environment", environment))
	require.Contains(t, a.items("list_environments", request{}), changed)

	require.Nil(t, a.object("update_environment", environment.patch("replace", "/description", nil))["description"])
}

func TestInvalidEnvironmentsAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	environment := at("environmentId", a.preview())
	before := a.state()
	a.fails(http.StatusConflict, "create_environment", request{}.with(map[string]any{"name": "production", "color": "#FF5733"}))
	a.fails(http.StatusConflict, "update_environment", environment.patch("replace", "/name", "production"))
	for path, value := range map[string]any{"/name": "", "/color": "red", "/default": true, "/id": "x", "/description": 7} {
		a.fails(http.StatusBadRequest, "update_environment", environment.patch("replace", path, value))
	}
	require.Equal(t, before, a.state())
	a.ok("update_environment", environment.patch("replace", "/name", "Preview"))
}

func TestDefaultEnvironmentStays(t *testing.T) {
	a := start(t, sandbox.Options{})
	message := a.fails(http.StatusBadRequest, "delete_environment", at("environmentId", a.defaultEnvironment()))
	require.Equal(t, "The default environment cannot be deleted", message)
}

func TestDeletedEnvironmentRemovesItsValues(t *testing.T) {
	a := start(t, sandbox.Options{})
	preview, production := a.preview(), a.defaultEnvironment()
	resource, kept := a.database()
	gone := a.object("create_resource_configuration", request{}.with(map[string]any{
		"resource_id": resource, "environment_id": preview, "options": postgres("x"),
	}))["id"].(string)
	body := variable("ORDERS_URL", false, production, "https://orders.example")
	body["values"] = append(body["values"].([]any), map[string]any{"environment_id": preview, "value": "https://preview.example"})
	id := a.object("create_configuration_variable", request{}.with(body))["id"].(string)

	a.ok("delete_environment", at("environmentId", preview))
	a.fails(http.StatusNotFound, "get_environment", at("environmentId", preview))
	a.fails(http.StatusNotFound, "delete_environment", at("environmentId", preview))
	a.fails(http.StatusNotFound, "get_resource_configuration", at("configurationId", gone))
	a.ok("get_resource_configuration", at("configurationId", kept))
	require.Equal(t, []any{map[string]any{"environment_id": production, "value": "https://orders.example"}},
		a.object("get_configuration_variable", at("id", id))["values"])
	a.preview() // the name is free again
}

func TestSecretsCannotBeReadAgain(t *testing.T) {
	a := start(t, sandbox.Options{})
	production := a.defaultEnvironment()
	const mask = "---encrypted-on-server---"
	body := variable("ORDERS_KEY", true, production, "hush-1")
	body["default_value"], body["description"] = "hush-2", "The key of Orders"
	created := a.call("create_configuration_variable", request{}.with(body))
	require.NotContains(t, string(created.raw), "hush")
	data := created.body.(map[string]any)["data"].(map[string]any)
	require.Equal(t, []any{map[string]any{"environment_id": production, "value": mask}}, data["values"])
	require.Equal(t, mask, data["default_value"])
	require.Equal(t, "The key of Orders", data["description"])

	id := data["id"].(string)
	require.Equal(t, data, a.object("get_configuration_variable", at("id", id)))
	require.Contains(t, a.items("list_configuration_variables", request{}), data)
	require.Contains(t, stored(a), "hush-1", "the secret itself is kept")

	masked := variable("ORDERS_KEY", false, production, mask)
	shown := a.object("replace_configuration_variable", at("id", id).with(masked))
	require.Equal(t, []any{map[string]any{"environment_id": production, "value": mask}}, shown["values"],
		"a variable that is secret no more does not give away what it held")
	require.NotContains(t, stored(a), "hush", "the mask has taken the secret's place")
}

// stored is the whole organization with its secrets.
func stored(a *api) string {
	data, err := a.box.MarshalJSON()
	require.NoError(a.t, err)
	return string(data)
}

func TestVariableIsReplacedAsAWhole(t *testing.T) {
	a := start(t, sandbox.Options{})
	production, preview := a.defaultEnvironment(), a.preview()
	body := variable("ORDERS_URL", false, production, "https://orders.example")
	body["default_value"], body["description"] = "https://else.example", "Where Orders is"
	created := a.object("create_configuration_variable", request{}.with(body))
	id := created["id"].(string)
	require.Equal(t, "https://else.example", created["default_value"])

	replaced := a.object("replace_configuration_variable", at("id", id).with(variable("ORDERS", false, preview, "https://p.example")))
	require.Equal(t, map[string]any{
		"id": id, "name": "ORDERS", "secret": false, "default_value": nil,
		"values": []any{map[string]any{"environment_id": preview, "value": "https://p.example"}},
	}, replaced)
	require.Equal(t, replaced, a.object("get_configuration_variable", at("id", id)))

	a.ok("delete_configuration_variable", at("id", id))
	a.fails(http.StatusNotFound, "delete_configuration_variable", at("id", id))
	a.fails(http.StatusNotFound, "replace_configuration_variable", at("id", id).with(variable("ORDERS", false, preview, "x")))
}

func TestInvalidVariablesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	production := a.defaultEnvironment()
	a.variable(true)
	id := a.object("create_configuration_variable", request{}.with(variable("ORDERS_URL", false, production, "x")))["id"].(string)
	before := a.state()
	for _, c := range []struct {
		status int
		body   map[string]any
		says   string
	}{
		{http.StatusConflict, variable("PREVIEW_KEY", false, production, "x"), `Configuration variable with name "PREVIEW_KEY" already exists`},
		{
			http.StatusBadRequest, variable("OTHER", false, "invalid-environment-id", "x"),
			`Environment with id "invalid-environment-id" does not exist`,
		},
		{http.StatusBadRequest, variable("", false, production, "x"), "Value too short for body parameter: name"},
		{
			http.StatusBadRequest,
			map[string]any{"name": "OTHER", "secret": true, "values": []any{
				map[string]any{"environment_id": production, "value": "x"}, map[string]any{"environment_id": production, "value": "y"},
			}},
			`Environment with id "` + production + `" has more than one value`,
		},
	} {
		require.Equal(t, c.says, a.fails(c.status, "create_configuration_variable", request{}.with(c.body)))
		require.Equal(t, c.says, a.fails(c.status, "replace_configuration_variable", at("id", id).with(c.body)))
	}
	require.Equal(t, before, a.state())
	a.ok("replace_configuration_variable", at("id", id).with(variable("ORDERS_URL", false, production, "y")))
}
