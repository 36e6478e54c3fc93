package sandbox_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func postgres(password string) map[string]any {
	return map[string]any{"database_options": map[string]any{
		"host": "db1", "port": "5432", "name": "orders", "username": "app", "password": password,
	}}
}

// database makes a PostgreSQL resource and returns its id and that of its
// configuration.
func (a *api) database() (resource, configuration string) {
	a.t.Helper()
	body := map[string]any{"type": "postgresql", "display_name": "Lighthouse DB", "options": postgres("old-password")}
	resource = a.object("create_resource", request{}.with(body))["id"].(string)
	return resource, a.configuration(resource)
}

func (a *api) password(configuration string) any {
	a.t.Helper()
	options := a.object("get_resource_configuration", at("configurationId", configuration))["options"].(map[string]any)
	return options["database_options"].(map[string]any)["password"]
}

func TestPasswordIsRotatedInEveryEnvironment(t *testing.T) {
	a := start(t, sandbox.Options{})
	resource, _ := a.database()
	other := a.resource("Tide tables")
	preview := a.preview()
	created := a.object("create_resource_configuration", request{}.with(map[string]any{
		"resource_id": "Lighthouse DB", "environment_id": preview, "options": postgres("preview-password"),
	}))
	require.Equal(t, resource, created["resource"].(map[string]any)["id"])
	require.Equal(t, preview, created["environment"].(map[string]any)["id"])
	require.Equal(t, postgres("preview-password"), created["options"])

	mine := a.items("list_resource_configurations", request{}.where("resource_type", "postgresql", "resource_id", resource))
	require.Len(t, mine, 2)
	for i, c := range mine {
		password := "new-password-" + strconv.Itoa(i)
		a.ok("update_resource_configuration", at("configurationId", c["id"].(string)).patch("replace", "/options", postgres(password)))
		require.Equal(t, password, a.password(c["id"].(string)))
	}
	only := a.items("list_resource_configurations", request{}.where("resource_id", resource, "environment_id", preview))
	require.Len(t, only, 1)
	require.Equal(t, created["id"], only[0]["id"])
	require.Empty(t, a.items("list_resource_configurations", request{}.where("resource_id", other, "environment_id", preview)))
	require.Empty(t, a.items("list_resource_configurations", request{}.where("resource_id", resource, "resource_type", "mysql")))
}

func TestPatchAnswersFormerResource(t *testing.T) {
	a := start(t, sandbox.Options{})
	resource, configuration := a.database()
	created := a.object("get_resource", at("resourceId", resource))
	changed := a.object("update_resource_configuration", at("configurationId", configuration).patch("replace", "/options", postgres("new")))
	require.Equal(t, created, changed["resource"])
	require.Greater(t, changed["updated_at"], changed["created_at"])

	now := a.object("get_resource_configuration", at("configurationId", configuration))["resource"].(map[string]any)
	require.Equal(t, changed["updated_at"], now["updated_at"])
	require.Equal(t, now, a.object("get_resource", at("resourceId", resource)))
}

func TestPatchChangesOptions(t *testing.T) {
	a := start(t, sandbox.Options{})
	_, configuration := a.database()
	database := at("configurationId", configuration)
	changed := a.object("update_resource_configuration", database.patch("replace", "/options/database_options/password", "new"))
	require.Equal(t, postgres("new"), changed["options"])

	rest := at("configurationId", a.configuration(a.resource("Tide tables")))
	changed = a.object("update_resource_configuration", rest.patch("replace", "/options/headers/0/1", "k-200"))
	require.Equal(t, []any{[]any{"X-Key", "k-200"}}, changed["options"].(map[string]any)["headers"])

	before := a.state()
	for path, value := range map[string]any{
		"/options/database_options/no_such_field": "x",
		"/options/no_such_field":                  "x",
		"/options/database_options":               "db1",
		"/options":                                nil,
		"/environment_id":                         "x",
		"/resource/display_name":                  "x",
		"options":                                 postgres("x"),
	} {
		a.fails(http.StatusBadRequest, "update_resource_configuration", database.patch("replace", path, value))
	}
	a.fails(http.StatusBadRequest, "update_resource_configuration", rest.patch("replace", "/options/base_url", 7))
	a.fails(http.StatusBadRequest, "update_resource_configuration", rest.patch("replace", "/options/headers/1/1", "x"))
	a.fails(http.StatusBadRequest, "update_resource_configuration", database.patch("remove", "/options/database_options/password", nil))
	a.fails(http.StatusBadRequest, "update_resource_configuration", database.with(map[string]any{
		"operations": []any{map[string]any{"op": "replace", "path": "/options"}},
	}))
	require.Equal(t, before, a.state())
}

func TestInvalidOperationRefusesWholePatch(t *testing.T) {
	a := start(t, sandbox.Options{})
	_, configuration := a.database()
	a.fails(http.StatusBadRequest, "update_resource_configuration", at("configurationId", configuration).with(map[string]any{
		"operations": []any{
			map[string]any{"op": "replace", "path": "/options/database_options/password", "value": "new"},
			map[string]any{"op": "replace", "path": "/options/database_options/nothing", "value": "new"},
		},
	}))
	require.Equal(t, "old-password", a.password(configuration))
}

func TestMaskSentBackReplacesPassword(t *testing.T) {
	a := start(t, sandbox.Options{})
	_, configuration := a.database()
	const mask = "---encrypted-on-server---"
	a.ok("update_resource_configuration", at("configurationId", configuration).patch("replace", "/options", postgres(mask)))
	require.Equal(t, mask, a.password(configuration))
}

func TestNewBaseURLGetsDefaultAuthentication(t *testing.T) {
	a := start(t, sandbox.Options{})
	configuration := at("configurationId", a.configuration(a.resource("Tide tables")))
	changed := a.object("update_resource_configuration",
		configuration.patch("replace", "/options", map[string]any{"base_url": "https://b.example"}))
	require.Equal(t, map[string]any{
		"base_url": "https://b.example", "authentication_options": map[string]any{"authentication_type": "none"},
	}, changed["options"])

	basic := map[string]any{"authentication_type": "basic", "basic_username": "u", "basic_password": "p"}
	changed = a.object("update_resource_configuration",
		configuration.patch("replace", "/options", map[string]any{"base_url": "https://b.example", "authentication_options": basic}))
	require.Equal(t, basic, changed["options"].(map[string]any)["authentication_options"])
}

func TestConfigurationIsUniquePerEnvironment(t *testing.T) {
	a := start(t, sandbox.Options{})
	resource, configuration := a.database()
	body := map[string]any{"resource_id": resource, "environment_id": a.defaultEnvironment(), "options": postgres("second")}
	a.fails(http.StatusConflict, "create_resource_configuration", request{}.with(body))

	a.ok("delete_resource_configuration", at("configurationId", configuration))
	a.fails(http.StatusNotFound, "delete_resource_configuration", at("configurationId", configuration))
	require.Empty(t, a.items("list_resource_configurations", request{}.where("resource_id", resource)))
	a.ok("get_resource", at("resourceId", resource))
	a.ok("create_resource_configuration", request{}.with(body))
}

func TestConfigurationNeedsExistingObjects(t *testing.T) {
	a := start(t, sandbox.Options{})
	resource, _ := a.database()
	preview := a.preview()
	const nothing = "00000000-0000-4000-8000-000000000000"
	create := func(resource, environment string, options map[string]any) string {
		return a.fails(http.StatusBadRequest, "create_resource_configuration", request{}.with(map[string]any{
			"resource_id": resource, "environment_id": environment, "options": options,
		}))
	}
	before := a.state()
	require.Equal(t, `Resource with id "`+nothing+`" does not exist`, create(nothing, preview, postgres("x")))
	require.Equal(t, `Environment with id "`+nothing+`" does not exist`, create(resource, nothing, postgres("x")))
	require.Equal(t, "Missing required body parameter: options.database_options", create(resource, preview, restOptions()))
	require.Equal(t, before, a.state())
}
