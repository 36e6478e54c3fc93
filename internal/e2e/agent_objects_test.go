package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// "Rotate the Postgres password in production and staging for every resource
// that points to host db1."
func rotatePasswords(t *testing.T, a *agent) {
	const host = rotatedHost
	fresh := rotatedPasswords
	text, _, _ := strings.Cut(a.call("list_resource_configurations", object{
		"where":  "resource.type == 'postgresql' and environment.name in ['production', 'staging'] and options.database_options.host == '" + host + "'",
		"fields": []string{"id", "environment.name", "options"}, "format": asJSON,
	}), "\n\n")
	var wanted []string
	for _, item := range listIn(t, decodeJSON(t, []byte(text))) {
		c := item.(object)
		options, environment := c["options"].(object), c["environment"].(object)["name"].(string)
		options["database_options"].(object)["password"] = fresh[environment]
		a.call("update_resource_configuration", object{"configurationId": c["id"], "operations": replace("/options", options)})
		wanted = append(wanted, c["id"].(string))
	}
	requireRotated(t, a.checker(""), wanted)
}

const rotatedHost = "db1.internal.northwind.example"

var rotatedPasswords = map[string]string{"production": "rotated-p", "staging": "rotated-s"}

// requireRotated checks that those configurations, and no others, have the new
// passwords.
func requireRotated(t *testing.T, s *session, wanted []string) {
	t.Helper()
	const host = rotatedHost
	fresh := rotatedPasswords
	require.Len(t, wanted, 8)
	for _, c := range readAll[configuration](s, "list_resource_configurations", nil) {
		database, _ := c.Options["database_options"].(object)
		if slices.Contains(wanted, c.ID) {
			require.Equal(t, fresh[c.Environment.Name], database["password"])
			require.Equal(t, host, database["host"])
		} else {
			require.NotContains(t, fmt.Sprint(database["password"]), "rotated")
			require.False(t, c.Resource.Type == "postgresql" && database["host"] == host && fresh[c.Environment.Name] != "", c.Resource.Name)
		}
	}
}

// "Create a staging environment and copy every production config variable into
// it with placeholder values." There is one of that name, so it becomes
// staging-eu. Writing a variable takes all of its values, and secret ones read
// back as a mask: the administrator gives them.
func copyVariables(t *testing.T, a *agent) {
	environments := a.rows("list_environments", object{"fields": []string{"id", "name"}})
	production := sole(t, environments, func(r row) bool { return r["name"] == "production" })["id"]
	made := a.get("create_environment", object{"name": "staging-eu", "color": "#AA5500"})["id"]
	text, _, _ := strings.Cut(a.call("list_configuration_variables", object{"where": "any(values, .environment_id == '" + production + "')", "format": asJSON}), "\n\n")
	variables := listIn(t, decodeJSON(t, []byte(text)))
	for _, item := range variables {
		v := item.(object)
		for _, at := range v["values"].([]any) {
			if value := at.(object); value["value"] == mask {
				value["value"] = "from the administrator"
			}
		}
		v["values"] = append(v["values"].([]any), object{"environment_id": made, "value": "CHANGE-ME"})
		for name, value := range v {
			if value == nil {
				delete(v, name)
			}
		}
		a.call("replace_configuration_variable", v)
	}
	sizes := map[any]int{}
	for _, v := range variables {
		sizes[v.(object)["id"]] = len(v.(object)["values"].([]any))
	}
	requireCopied(t, a.checker(""), production, fmt.Sprint(made), sizes)
}

// requireCopied checks that each variable of production has a value in the new
// environment, and as many as sizes says, by id.
func requireCopied(t *testing.T, s *session, production, made string, sizes map[any]int) {
	t.Helper()
	for _, v := range read[[]object](s, "list_configuration_variables", nil) {
		size, copied := sizes[v["id"]]
		if !copied {
			require.NotContains(t, fmt.Sprint(v["values"]), production)
			continue
		}
		require.Len(t, v["values"], size, v["name"])
		require.Contains(t, fmt.Sprint(v["values"]), made)
	}
}

// "Which apps were not opened in 6 months and which resources does nobody use?
// Propose deletions." Apps younger than that are not proposed.
func findUnused(t *testing.T, a *agent) {
	spaces := column(a.rows("list_spaces", object{"fields": []string{"id"}}), "id")
	us := sole(t, a.rows("list_usage_organizations", nil), func(r row) bool { return !slices.Contains(spaces, r["org_id"]) })["org_id"]
	opened := column(a.rows("get_usage_app_summary", object{
		"org_ids": us, "start_date": "2026-05-02", "end_date": "2026-11-02", "all_pages": true, "fields": []string{"app_name"},
	}), "app_name")
	old := a.rows("list_apps", object{"where": "created_at < '2026-05-02'", "fields": []string{"id", "name"}})
	proposed := only(old, func(r row) bool { return !slices.Contains(opened, r["name"]) })
	resources := a.rows("list_resources", object{"all_pages": true, "fields": []string{"id", "display_name"}})
	users := a.sections("list_apps", "using_resource", object{"using_resource": column(resources, "id"), "max_items": 1, "fields": []string{"id"}})
	unused := column(only(resources, func(r row) bool { return len(users[r["id"]]) == 0 }), "display_name")
	requireProposals(t, a.checker(""), column(proposed, "id"), column(proposed, "name"), opened, unused)
}

// requireProposals checks the answer to the last task: ids and names of apps, and
// names of resources.
func requireProposals(t *testing.T, s *session, ids, names, opened, unused []string) {
	t.Helper()
	require.ElementsMatch(t, []string{"Loyalty Points (old)", "Store Footfall", "Office Directory", "Session Cache", "Card Terminals"}, unused)
	require.Subset(t, names, []string{"Vendor Onboarding (legacy)", "Shop 1.0 Backoffice", "test", "test 2 DO NOT DELETE", "O'Brien's Audit Trail"})
	require.NotContains(t, names, "Payroll")
	for _, p := range readAll[app](s, "list_apps", nil) {
		expected := p.CreatedAt.Before(time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)) && !slices.Contains(opened, p.Name)
		require.Equal(t, expected, slices.Contains(ids, p.ID), p.Name)
	}
}
