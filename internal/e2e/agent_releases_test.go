package e2e_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Ship release 1.4.0 of the Orders app to production."
func shipRelease(t *testing.T, a *agent) {
	const version = "1.4.0"
	orders := a.one("list_apps", object{"name_contains": "Orders", "where": "name == 'Orders'", "fields": []string{"id", "name"}})["id"]
	element := object{"elementUuid": orders, "elementType": "PAGE"}
	versions := column(a.rows("list_source_control_releases", with(element, "fields", []string{"release_version"})), "release_version")
	if !slices.Contains(versions, version) {
		a.call("create_source_control_release", with(element, "release_version", version))
	}
	a.call("replace_source_control_manifest_element", with(with(element, "manifestName", "production"), "release", version))
	deployed := a.get("deploy_source_control", nil)
	for polls := 0; strings.HasPrefix(fmt.Sprint(deployed["status"]), "PENDING"); polls++ {
		require.Less(t, polls, 20)
		deployed = a.get("get_source_control_deployment", object{"id": deployed["id"], "fields": []string{"id", "status"}})
	}
	require.Equal(t, "SUCCESS", deployed["status"])

	require.Equal(t, version, read[app](a.checker(""), "get_app", object{"appId": orders}).Release)
}

// "Is commit abc123 safe to deploy? What failed in the last deployments?"
func isCommitSafe(t *testing.T, a *agent) {
	test := a.get("test_source_control_deploy", object{"deploy_params": object{"commit_sha": "abc123"}})
	require.Equal(t, false, test["success"])
	require.Contains(t, test["message"], "abc123")
	failed := a.rows("list_source_control_deployments", object{"where": "status != 'SUCCESS'", "fields": []string{"id", "status", "commit_sha"}})
	require.ElementsMatch(t, []string{"ERROR", "PARTIAL_SUCCESS"}, column(failed, "status"))
	for _, d := range failed {
		require.Equal(t, d["id"], a.get("get_source_control_deployment", object{"id": d["id"]})["id"])
	}
}

// "Create a space for client Acme with our SSO and theme and copy these 10 apps
// with their resources."
func makeSpace(t *testing.T, a *agent) {
	const domain = "acme-retail.northwind.example"
	wanted := acmeApps
	taken := a.rows("list_spaces", object{"fields": []string{"name", "domain"}})
	require.NotContains(t, column(taken, "domain"), domain)
	apps := column(a.rows("list_apps", object{"where": oneOf("name", wanted), "fields": []string{"id"}}), "id")
	require.Len(t, apps, len(wanted))
	resources := column(a.rows("list_resources", object{"all_pages": true, "fields": []string{"id"}}), "id")
	users := a.sections("list_apps", "using_resource", object{"using_resource": resources, "where": oneOf("id", apps), "fields": []string{"id"}})
	used := only(resources, func(id string) bool { return len(users[id]) > 0 })
	// A new space has no other environments than these two.
	configurations := column(a.rows("list_resource_configurations", object{
		"where": oneOf("resource.id", used) + " and environment.name != 'development'", "fields": []string{"id"},
	}), "id")
	space := a.get("create_space", object{"name": "Acme Retail", "domain": domain, "options": object{
		"copy_sso_settings": true, "copy_branding_and_themes_settings": true, "create_admin_user": true,
	}})
	a.call("copy_space_elements", object{
		"destination_space_id": space["id"], "app_ids": apps, "resource_ids": configurations, "workflow_ids": []string{}, "query_library_query_ids": []string{},
	})
	requireSpace(t, a, domain, len(configurations))
}

var acmeApps = []string{
	"Orders", "Ticket Triage", "Pick List", "Company Directory", "Customer 360",
	"Feature Flags", "Demand Forecast", "在庫確認", `"Lifetime" Claims / Intake`, "Address Card",
}

// requireSpace checks the space of the eleventh task.
func requireSpace(t *testing.T, a *agent, domain string, configurations int) {
	t.Helper()
	child, parent := a.checker(inSpace(domain)), a.checker("")
	require.ElementsMatch(t, acmeApps, each(readAll[app](child, "list_apps", nil), func(x app) string { return x.Name }))
	require.Len(t, readAll[configuration](child, "list_resource_configurations", nil), configurations)
	require.Equal(t, read[object](parent, "get_sso_config", nil)["oidc_client_id"], read[object](child, "get_sso_config", nil)["oidc_client_id"])
	require.Equal(t, each(read[[]object](parent, "list_app_themes", nil), lookOf), each(read[[]object](child, "list_app_themes", nil), lookOf))
	require.Contains(t, each(readAll[resource](child, "list_resources", nil), func(r resource) string { return r.Name }), "Orders DB")
}

// "Compare the configuration of space A with space B." Each has a host and a
// token of its own.
func compareSpaces(t *testing.T, a *agent) {
	spaces := column(a.rows("list_spaces", object{"fields": []string{"id"}}), "id")[:2]
	inventoryOf := func(space string) map[string]string {
		s, found := a.in(inSpace(space), sandboxToken), map[string]string{}
		for tool, fields := range map[string][]string{
			"list_groups":                  {"name", "universal_app_access", "universal_resource_access"},
			"list_environments":            {"name", "color", "default"},
			"list_configuration_variables": {"name", "secret", "default_value", "values.value"},
			"list_app_themes":              {"name", "theme"},
			"list_resources":               {"display_name", "type"},
			"list_apps":                    {"name", "description"},
		} {
			for _, r := range s.rows(tool, object{"all_pages": true, "fields": fields, "format": asTable}) {
				found[tool+" "+r[fields[0]]] = fmt.Sprint(r)
			}
		}
		for _, r := range s.rows("list_folders", object{"where": "not is_system_folder", "fields": []string{"name", "folder_type"}}) {
			found["folder "+r["folder_type"]+" "+r["name"]] = ""
		}
		for _, tool := range []string{"get_sso_config", "get_source_control_config", "get_source_control_settings"} {
			found[tool] = fmt.Sprint(s.get(tool, nil))
		}
		for _, r := range s.rows("list_resource_configurations", object{
			"all_pages": true, "fields": []string{"resource.display_name", "environment.name", "options"}, "format": asTable,
		}) {
			found["configuration "+r["resource.display_name"]+" in "+r["environment.name"]] = fmt.Sprint(r)
		}
		return found
	}
	first, second := inventoryOf(spaces[0]), inventoryOf(spaces[1])
	var differences []string
	for name, value := range first {
		if second[name] != value {
			differences = append(differences, name)
		}
	}
	requireDifferences(t, differences)
	require.False(t, reflect.DeepEqual(first, second))
}

// requireDifferences checks the answer to the twelfth task.
func requireDifferences(t *testing.T, differences []string) {
	t.Helper()
	require.Contains(t, differences, "get_sso_config")
	require.Contains(t, differences, "list_configuration_variables API_BASE_URL")
	require.Contains(t, differences, "configuration Orders DB in production")
	require.False(t, slices.ContainsFunc(differences, func(d string) bool {
		return strings.HasPrefix(d, "list_groups ") || strings.HasPrefix(d, "list_environments ") || strings.HasPrefix(d, "list_resources ")
	}), differences)
}
