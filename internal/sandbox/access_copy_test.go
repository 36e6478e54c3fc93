package sandbox_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func copyBody(space string, ids map[string]any) request {
	body := map[string]any{
		"resource_ids": []string{}, "query_library_query_ids": []string{}, "app_ids": []string{}, "workflow_ids": []string{},
		"destination_space_id": space,
	}
	maps.Copy(body, ids)
	return request{}.with(body)
}

func (f firm) newSpace() (id string, space *api) {
	f.t.Helper()
	id = text(f.object("create_space", spaceBody("Acme", "acme.example.com", nil))["id"])
	return id, f.space(id)
}

func TestCopyToSpace(t *testing.T) {
	f := startFirm(t)
	id, acme := f.newSpace()
	before := f.items("list_apps", request{})
	out := f.call("copy_space_elements", copyBody(id, map[string]any{
		"app_ids": []string{f.payroll, f.archive}, "resource_ids": []string{f.staging, f.production},
		"workflow_ids": []string{f.nightly}, "query_library_query_ids": []string{f.query},
	}))
	require.Equal(t, http.StatusCreated, out.status)
	copies := out.body.(map[string]any)["data"].(map[string]any)

	apps := acme.items("list_apps", request{})
	require.Len(t, apps, 2)
	require.Equal(t, []any{apps[0]["id"], apps[1]["id"]}, copies["app_ids"], "in the order of the request")
	require.NotEqual(t, f.payroll, apps[0]["id"])
	require.Equal(t, "Payroll", apps[0]["name"])
	require.Equal(t, "app_1", apps[0]["folder_id"])
	require.Equal(t, "latest", apps[0]["release_version"])
	require.Equal(t, false, apps[0]["synced"])

	ledger := acme.object("get_resource", at("resourceId", "Ledger"))
	require.NotEqual(t, f.ledger, ledger["id"])
	require.Len(t, acme.items("list_resources", request{}), 1, "both configurations are of one resource")
	users := acme.items("list_apps", request{}.where("using_resource", text(ledger["id"])))
	require.Len(t, users, 1)
	require.Equal(t, "Payroll", users[0]["name"], "the copy uses the copy")

	addresses := map[any]any{}
	for i, configuration := range copies["resource_ids"].([]any) {
		c := acme.object("get_resource_configuration", at("configurationId", configuration.(string)))
		addresses[c["environment"].(map[string]any)["name"]] = c["options"].(map[string]any)["base_url"]
		require.NotEqual(t, []string{f.staging, f.production}[i], configuration)
	}
	require.Equal(t, map[any]any{"production": "https://production.firm.example", "staging": "https://staging.firm.example"}, addresses)

	workflow := acme.object("get_workflow", at("workflowId", copies["workflow_ids"].([]any)[0].(string)))
	require.Equal(t, "Nightly run", workflow["name"])
	require.Equal(t, false, workflow["is_enabled"])
	require.Nil(t, workflow["created_by"])
	require.NotEqual(t, f.query, copies["query_library_query_ids"].([]any)[0])
	require.Equal(t, before, f.items("list_apps", request{}), "what is copied stays as it was")
}

// A resource that is there already gets the configurations, and a configuration
// that is there is brought up to date.
func TestSecondCopyUpdates(t *testing.T) {
	f := startFirm(t)
	id, acme := f.newSpace()
	copied := func(ids ...string) []any {
		t.Helper()
		return f.object("copy_space_elements", copyBody(id, map[string]any{"resource_ids": ids}))["resource_ids"].([]any)
	}
	first := copied(f.production)
	require.Len(t, acme.items("list_resource_configurations", request{}), 1)
	whole := copied(f.ledger)
	require.Equal(t, acme.object("get_resource", at("resourceId", "Ledger"))["id"], whole[0], "a resource's id is answered by a resource's")
	require.Len(t, acme.items("list_resource_configurations", request{}), 2)

	changed := at("configurationId", first[0].(string)).patch("replace", "/options", map[string]any{"base_url": "https://changed.example"})
	acme.ok("update_resource_configuration", changed)
	require.Equal(t, first, copied(f.production, f.production)[:1])
	c := acme.object("get_resource_configuration", at("configurationId", first[0].(string)))
	require.Equal(t, "https://production.firm.example", c["options"].(map[string]any)["base_url"])
	require.Len(t, acme.items("list_resources", request{}), 1)

	f.ok("copy_space_elements", copyBody(id, map[string]any{"app_ids": []string{f.payroll, f.payroll}}))
	f.ok("copy_space_elements", copyBody(id, map[string]any{"app_ids": []string{f.payroll}}))
	apps := acme.items("list_apps", request{}.where("using_resource", text(whole[0])))
	require.Len(t, apps, 2, "one for each call, and they use the resource of that name")
}

// What belongs to an environment that the space has not goes to its default
// one, unless that has a configuration of its own.
func TestCopyOfAnotherEnvironment(t *testing.T) {
	f := startFirm(t)
	id, acme := f.newSpace()
	for _, e := range acme.items("list_environments", request{}) {
		if e["name"] == "staging" {
			acme.ok("delete_environment", at("environmentId", text(e["id"])))
		}
	}
	f.ok("copy_space_elements", copyBody(id, map[string]any{"resource_ids": []string{f.staging}}))
	only := func() map[string]any {
		t.Helper()
		all := acme.items("list_resource_configurations", request{})
		require.Len(t, all, 1)
		require.Equal(t, "production", all[0]["environment"].(map[string]any)["name"])
		return all[0]["options"].(map[string]any)
	}
	require.Equal(t, "https://staging.firm.example", only()["base_url"])
	f.ok("copy_space_elements", copyBody(id, map[string]any{"resource_ids": []string{f.production, f.staging}}))
	require.Equal(t, "https://production.firm.example", only()["base_url"])
}

func TestInvalidCopiesAreRefused(t *testing.T) {
	f := startFirm(t)
	id, acme := f.newSpace()
	acme.ok("create_resource", request{}.with(map[string]any{"type": "kafka", "display_name": "Ledger", "options": map[string]any{}}))
	before := f.state()
	const nothing = "00000000-0000-4000-8000-000000000000"
	for _, list := range []string{"resource_ids", "query_library_query_ids", "app_ids", "workflow_ids"} {
		good := []string{f.payroll}
		if list != "app_ids" {
			good = nil
		}
		f.fails(http.StatusNotFound, "copy_space_elements", copyBody(id, map[string]any{"app_ids": []string{f.payroll}, list: append(good, nothing)}))
	}
	f.fails(http.StatusNotFound, "copy_space_elements", copyBody("org_0", nil))
	for _, resource := range []string{f.ledger, f.staging} {
		f.fails(http.StatusConflict, "copy_space_elements", copyBody(id, map[string]any{"resource_ids": []string{resource}}))
	}
	require.Equal(t, before, f.state())
}
