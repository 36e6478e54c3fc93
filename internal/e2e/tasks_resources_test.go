package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mask stands in answers for what cannot be read back.
const mask = "---encrypted-on-server---"

// "Rotate the Postgres password in production and staging for every resource
// that points to host db1."
//
// There are also db10, a replica that is named in a connection string, and other
// kinds of databases. The server shows secrets, or the agent could not tell what
// has become of them.
func TestTask07RotatePasswords(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state, "--reveal-secrets")
	const host = "db1.internal.northwind.example"
	fresh := map[string]string{"production": "rotated-p 9\"ü", "staging": "rotated-s"}
	before := snapshotOf(readAll[object](s, "list_resource_configurations", nil))

	wanted, resources := []string{}, map[string]int{}
	var ids []string
	environments := read[[]environmentOf](s, "list_environments", nil)
	for _, r := range readAll[resource](s, "list_resources", object{"resource_type": "postgresql"}) {
		for _, e := range only(environments, func(e environmentOf) bool { return fresh[e.Name] != "" }) {
			for _, c := range readAll[configuration](s, "list_resource_configurations", object{"resource_id": r.ID, "environment_id": e.ID}) {
				database := c.Options["database_options"].(object)
				if database["host"] != host && !strings.Contains(textAt(database, "connection_string"), "@"+host) {
					continue
				}
				require.NotContains(t, jsonOf(t, c.Options), mask)
				database["password"] = fresh[e.Name]
				changed := read[configuration](s, "update_resource_configuration", object{"configurationId": c.ID, "operations": replace("/options", c.Options)})
				require.Equal(t, c.Options, changed.Options)
				ids, wanted = append(ids, c.ID), append(wanted, c.ID+" options", c.ID+" updated_at")
				resources[r.Name]++
			}
		}
	}
	require.Equal(t, map[string]int{"Orders DB": 2, "Inventory DB": 2, "Returns DB": 2, "Loyalty DB": 2}, resources)

	// All of them have it and no other has; everything else is unchanged.
	verify := func(s *session) {
		after := snapshotOf(readAll[object](s, "list_resource_configurations", nil))
		for id := range after {
			delete(after[id], "resource") // its date changes too
			delete(before[id], "resource")
		}
		require.ElementsMatch(t, wanted, changes(before, after))
		for _, id := range ids {
			c := read[configuration](s, "get_resource_configuration", object{"configurationId": id})
			database, had := c.Options["database_options"].(object), before[id]["options"].(object)["database_options"].(object)
			require.Equal(t, fresh[c.Environment.Name], database["password"])
			require.Equal(t, []string{"options password"}, changes(snapshot{"options": had}, snapshot{"options": database}))
		}
	}
	verify(s)
	requireRefusal(s, "update_resource_configuration", object{"configurationId": ids[0], "operations": replace("/options", object{"password": "alone"})}, "400", "database_options")
	verify(s)
	s.quit()
	verify(onSandbox(t, "--sandbox-state", state, "--reveal-secrets"))

	// Other servers redact passwords, and the redaction marker cannot be stored.
	s = onSandbox(t, "--sandbox-state", state)
	c := read[configuration](s, "get_resource_configuration", object{"configurationId": ids[0]})
	require.Equal(t, "[redacted: password]", c.Options["database_options"].(object)["password"])
	requireRefusal(s, "update_resource_configuration", object{"configurationId": ids[0], "operations": replace("/options", c.Options)},
		"Not sent: ", "operations[0].value.database_options.password: holds a redaction marker")
	s.quit()
	verify(onSandbox(t, "--sandbox-state", state, "--reveal-secrets"))
}

// textAt is a member that may not be there.
func textAt(o object, name string) string {
	value, _ := o[name].(string)
	return value
}

// "Create a staging environment and copy every production config variable into
// it with placeholder values."
//
// There is one of that name already. Secrets read back as a mask, and to replace
// a variable takes all of its values, so the administrator is asked for those.
func TestTask08EnvironmentWithVariables(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "organization.json")
	s := onSandbox(t, "--sandbox-state", state)
	requireRefusal(s, "create_environment", object{"name": "staging", "color": "#AA5500"}, "409", `\"staging\" already exists`)
	made := read[environmentOf](s, "create_environment", object{"name": "staging-eu", "color": "#AA5500"})

	type value struct {
		Environment string `json:"environment_id"`
		Value       string `json:"value"`
	}
	type variable struct {
		ID          string  `json:"id"`
		Name        string  `json:"name"`
		Description *string `json:"description,omitempty"`
		Secret      bool    `json:"secret"`
		Values      []value `json:"values"`
		Default     *string `json:"default_value"`
	}
	production := sole(t, read[[]environmentOf](s, "list_environments", nil), func(e environmentOf) bool { return e.Name == "production" })
	ask := func(name, environment string) string {
		return "from the administrator: " + name + " in " + environment[:8]
	}
	before := map[string]variable{}
	secrets := 0
	for _, v := range read[[]variable](s, "list_configuration_variables", nil) {
		before[v.Name] = v
		if !slices.ContainsFunc(v.Values, func(at value) bool { return at.Environment == production.ID }) {
			continue
		}
		values := slices.Clone(v.Values)
		for i := range values {
			if v.Secret {
				require.Equal(t, mask, values[i].Value)
				values[i].Value = ask(v.Name, values[i].Environment)
				secrets++
			}
		}
		values = append(values, value{made.ID, "CHANGE-ME-" + v.Name})
		arguments := object{"id": v.ID, "name": v.Name, "secret": v.Secret, "values": values}
		if v.Description != nil {
			arguments["description"] = *v.Description
		}
		if v.Default != nil {
			require.False(t, v.Secret)
			arguments["default_value"] = *v.Default
		}
		require.NotContains(t, jsonOf(t, arguments), mask)
		read[variable](s, "replace_configuration_variable", arguments)
	}
	require.Len(t, before, 20)
	require.Greater(t, secrets, 3)

	// The tools show one value more, and everything else unchanged.
	for _, v := range read[[]variable](s, "list_configuration_variables", nil) {
		was := before[v.Name]
		added := value{made.ID, "CHANGE-ME-" + v.Name}
		if v.Secret {
			added.Value = mask
		}
		was.Values = append(was.Values, added)
		require.Equal(t, was, v)
	}
	// The state has no redaction marker in place of a secret.
	s.quit()
	for _, row := range stateOf(t, state)["variables"].(object)["rows"].([]any) {
		var v variable
		require.NoError(t, json.Unmarshal([]byte(jsonOf(t, row.(object)["item"])), &v))
		require.Contains(t, v.Values, value{made.ID, "CHANGE-ME-" + v.Name})
		for _, at := range v.Values {
			require.NotEqual(t, mask, at.Value)
			if v.Secret && at.Environment != made.ID {
				require.Equal(t, ask(v.Name, at.Environment), at.Value)
			}
		}
	}
	data, err := os.ReadFile(state)
	require.NoError(t, err)
	require.NotContains(t, string(data), mask)
}
