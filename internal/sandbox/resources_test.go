package sandbox_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// names are the display names of a list of resources.
func names(items []map[string]any) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item["display_name"].(string)
	}
	return out
}

func TestNewResourceIsConfiguredForDefaultEnvironment(t *testing.T) {
	a := start(t, sandbox.Options{})
	r := a.object("create_resource", request{}.with(restResource("Tide tables")))
	require.Equal(t, "resource_1", r["folder_id"])
	require.Equal(t, r["created_at"], r["updated_at"])

	configurations := a.items("list_resource_configurations", request{}.where("resource_id", r["id"].(string)))
	require.Len(t, configurations, 1)
	c := configurations[0]
	require.Equal(t, r, c["resource"])
	require.Equal(t, true, c["environment"].(map[string]any)["default"])
	require.Equal(t, map[string]any{
		"base_url":               "https://tides.example",
		"headers":                []any{[]any{"X-Key", "k-100"}},
		"authentication_options": map[string]any{"authentication_type": "none"},
	}, c["options"], "what was written, in clear, and the server's default")

	require.Equal(t, c, a.object("get_resource_configuration", at("configurationId", c["id"].(string))))
}

func TestResourceFolderDefaultsToRoot(t *testing.T) {
	a := start(t, sandbox.Options{})
	body := restResource("Tide tables")
	body["folder_id"] = nil
	require.Equal(t, "resource_1", a.object("create_resource", request{}.with(body))["folder_id"])

	for _, folder := range []string{"resource_4711", "app_1"} {
		body := restResource("Elsewhere")
		body["folder_id"] = folder
		require.Contains(t, a.fails(http.StatusBadRequest, "create_resource", request{}.with(body)), folder)
	}
}

func TestResourceIsFoundByName(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.resource("Tide tables / north")
	require.Equal(t, id, a.object("get_resource", at("resourceId", "Tide tables / north"))["id"])
	require.Len(t, a.items("list_resource_configurations", request{}.where("resource_id", "Tide tables / north")), 1)
	require.Empty(t, a.items("list_resource_configurations", request{}.where("resource_id", "Tide tables / south")))

	a.ok("update_resource", at("resourceId", "Tide tables / north").patch("replace", "/display_name", "Tide forecast"))
	a.fails(http.StatusNotFound, "get_resource", at("resourceId", "Tide tables / north"))
	require.Equal(t, id, a.object("get_resource", at("resourceId", "Tide forecast"))["id"])
}

func TestResourceNamesAreUnique(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.resource("Tide tables")
	a.resource("Tide forecast")
	before := a.state()
	a.fails(http.StatusConflict, "create_resource", request{}.with(restResource("Tide tables")))
	a.fails(http.StatusConflict, "update_resource", at("resourceId", id).patch("replace", "/display_name", "Tide forecast"))
	require.Equal(t, before, a.state())
	a.ok("update_resource", at("resourceId", id).patch("replace", "/display_name", "Tide tables"))
}

func TestResourcePatch(t *testing.T) {
	a := start(t, sandbox.Options{})
	created := a.object("create_resource", request{}.with(restResource("Tide tables")))
	resource := at("resourceId", created["id"].(string))
	changed := a.object("update_resource", resource.patch("replace", "/display_name", "Tide forecast"))
	require.Equal(t, "Tide forecast", changed["display_name"])
	require.Equal(t, created["created_at"], changed["created_at"])
	require.Greater(t, changed["updated_at"], created["updated_at"])
	require.Equal(t, changed, a.object("get_resource", resource))

	before := a.state()
	for path, value := range map[string]any{
		"/display_name": "", "/folder_id": "resource_4711", "/type": "mysql", "/protected": true, "/options": map[string]any{}, "": map[string]any{},
	} {
		a.fails(http.StatusBadRequest, "update_resource", resource.patch("replace", path, value))
	}
	a.fails(http.StatusBadRequest, "update_resource", resource.patch("replace", "/display_name", nil))
	a.fails(http.StatusBadRequest, "update_resource", resource.patch("replace", "/display_name", 7))
	a.fails(http.StatusBadRequest, "update_resource", resource.with(map[string]any{
		"operations": []any{map[string]any{"op": "replace", "path": "/display_name"}},
	}))
	require.Equal(t, before, a.state())
}

func TestResourcesAreFiltered(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.resource("Zugspitze tides")
	a.resource("zugspitze cameras")
	kafka := map[string]any{"type": "kafka", "display_name": "ZUGSPITZE events", "options": map[string]any{}}
	a.ok("create_resource", request{}.with(kafka))
	list := func(pairs ...string) []string { return names(a.items("list_resources", request{}.where(pairs...))) }
	require.Equal(t, []string{"Zugspitze tides", "zugspitze cameras", "ZUGSPITZE events"}, list("name_contains", "zugSpitze"))
	require.Equal(t, []string{"ZUGSPITZE events"}, list("name_contains", "zug", "resource_type", "kafka"))
	require.Equal(t, []string{"Zugspitze tides", "zugspitze cameras"}, list("name_contains", "zug", "resource_type", "restapi"))
	require.Empty(t, list("name_contains", "zug", "resource_type", "mysql"))
}

func TestResourcesArePaged(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, name := range []string{"Peak 1", "Peak 2", "Peak 3", "Peak 4", "Peak 5"} {
		a.resource(name)
	}
	var seen []string
	for token, more := "", true; more; {
		query := []string{"name_contains", "peak", "limit", "2"}
		if token != "" {
			query = append(query, "next_token", token)
		}
		page := a.call("list_resources", request{}.where(query...)).body.(map[string]any)
		require.EqualValues(t, 5, page["total_count"])
		for _, item := range page["data"].([]any) {
			seen = append(seen, item.(map[string]any)["display_name"].(string))
		}
		token, _ = page["next_token"].(string)
		more = page["has_more"].(bool)
	}
	require.Equal(t, []string{"Peak 1", "Peak 2", "Peak 3", "Peak 4", "Peak 5"}, seen)
}

func TestDeletedResourceLeavesNoReferences(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.resource("Tide tables")
	configuration := a.configuration(id)
	a.ok("delete_resource", at("resourceId", id))
	a.fails(http.StatusNotFound, "get_resource", at("resourceId", id))
	a.fails(http.StatusNotFound, "get_resource", at("resourceId", "Tide tables"))
	a.fails(http.StatusNotFound, "delete_resource", at("resourceId", id))
	a.fails(http.StatusNotFound, "get_resource_configuration", at("configurationId", configuration))
	require.NotEqual(t, id, a.resource("Tide tables"), "the name is free again")
}

func TestOptionsMustFitType(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, c := range []struct {
		resourceType string
		options      map[string]any
		missing      string
	}{
		{"restapi", map[string]any{}, "options.base_url"},
		{"mysql", map[string]any{"base_url": "https://tides.example"}, "options.database_options"},
		{"mysql", map[string]any{"database_options": map[string]any{"connection_string": "mysql://db"}}, "options.database_options.host"},
		{"postgresql", map[string]any{}, "options.database_options"},
		{"snowflake", map[string]any{}, "options.account_identifier"},
		{"anthropic", map[string]any{}, "options.key_source"},
		{"awsBedrock", map[string]any{}, "options.region"},
		{"azureAI", map[string]any{"base_url": "https://ai.example", "api_key": "k"}, "options.deployment_names"},
		{"googleVertexAI", map[string]any{}, "options.project_id"},
	} {
		body := map[string]any{"type": c.resourceType, "display_name": "Unfit", "options": c.options}
		message := a.fails(http.StatusBadRequest, "create_resource", request{}.with(body))
		require.Equal(t, "Missing required body parameter: "+c.missing, message)
	}
	require.Empty(t, a.items("list_resources", request{}.where("name_contains", "unfit")))

	dsn := map[string]any{"database_options": map[string]any{"connection_string": "postgresql://app:pw@db1/orders"}}
	a.ok("create_resource", request{}.with(map[string]any{"type": "postgresql", "display_name": "Fit", "options": dsn}))
}

func TestProvidersOfAI(t *testing.T) {
	a := start(t, sandbox.Options{})
	own := func(more map[string]any) map[string]any {
		out := map[string]any{"base_url": "https://ai.example", "api_key": "k", "custom_headers": []any{[]any{"X-Team", "data"}}}
		maps.Copy(out, more)
		return out
	}
	for _, c := range []struct {
		resourceType string
		options      map[string]any
		adds         bool // key_source
	}{
		{"anthropic", own(map[string]any{"key_source": "byok"}), false},
		{"openAIProvider", map[string]any{"key_source": "retoolManaged"}, false},
		{"awsBedrock", map[string]any{"region": "eu-west-1", "auth_with_default_credential_provider_chain": true}, true},
		{"azureAI", own(map[string]any{"deployment_names": []any{"main"}, "api_version": "1"}), true},
		{"googleGemini", own(map[string]any{"web_grounding_enabled": true, "key_source": "byok"}), false},
		{"googleVertexAI", map[string]any{"project_id": "p", "location": "us", "service_account_key": "{}"}, true},
		{"customAIProvider", own(map[string]any{"compatible_schema": "cohere", "model_list": []any{"m"}}), true},
	} {
		body := map[string]any{"type": c.resourceType, "display_name": c.resourceType, "options": c.options}
		r := a.object("create_resource", request{}.with(body))
		stored := a.items("list_resource_configurations", request{}.where("resource_id", text(r["id"])))
		want := maps.Clone(c.options)
		if c.adds {
			want["key_source"] = "byok"
		}
		require.Equal(t, want, stored[0]["options"], c.resourceType)
	}
	a.fails(http.StatusBadRequest, "create_resource", request{}.with(map[string]any{
		"type": "anthropic", "display_name": "Two keys", "options": map[string]any{"key_source": "retoolManaged", "api_key": "k"},
	}))
}

func TestSignsInToRESTByNewerSchemes(t *testing.T) {
	a := start(t, sandbox.Options{})
	for name, fields := range map[string]map[string]any{
		"rawAuthorizationScheme": {"raw_authorization_scheme": "Token k"},
		"serviceAccount":         {"service_account_key": "{}", "service_account_scope": "s"},
		"session":                {"session_cookie_name": "c", "verify_session_url": "https://tides.example/me"},
	} {
		fields["authentication_type"] = name
		body := restResource(name)
		body["options"] = map[string]any{"base_url": "https://tides.example", "authentication_options": fields}
		a.ok("create_resource", request{}.with(body))
		delete(fields, "authentication_type")
		for field := range fields {
			delete(fields, field)
			break
		}
		fields["authentication_type"] = name
		body["display_name"] = name + " without a field"
		a.fails(http.StatusBadRequest, "create_resource", request{}.with(body))
	}
}
