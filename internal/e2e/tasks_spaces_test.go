package e2e_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Create a space for client Acme with our SSO and theme and copy these 10 apps
// with their resources."
//
// Acme Logistics has a space already; this one is for Acme Retail.
func TestTask11SpaceForAClient(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t)
	parent := h.connect("", sandboxToken, "--reveal-secrets") // to see that secrets were copied
	const domain = "acme-retail.northwind.example"
	options := object{"copy_sso_settings": true, "copy_branding_and_themes_settings": true, "create_admin_user": true}
	requireRefusal(parent, "create_space", object{"name": "Acme Retail", "domain": "acme.northwind.example", "options": options}, "409", "already exists")
	made := read[space](parent, "create_space", object{"name": "Acme Retail", "domain": domain, "options": options})
	require.Equal(t, domain, read[space](parent, "get_space", object{"spaceId": made.ID}).Domain)
	require.Contains(t, read[[]space](parent, "list_spaces", nil), space{made.ID, "Acme Retail", domain})

	// The apps, their resources, and the configurations of those.
	wanted := []string{
		"Orders", "Ticket Triage", "Pick List", "Company Directory", "Customer 360",
		"Feature Flags", "Demand Forecast", "在庫確認", `"Lifetime" Claims / Intake`, "Address Card",
	}
	originals := readAll[app](parent, "list_apps", nil)
	appIDs := each(wanted, func(name string) string {
		return sole(t, originals, func(a app) bool { return a.Name == name }).ID
	})
	uses, configurations := map[string][]string{}, []configuration{}
	for _, r := range readAll[resource](parent, "list_resources", nil) {
		used := only(readAll[app](parent, "list_apps", object{"using_resource": r.ID}), func(a app) bool { return slices.Contains(appIDs, a.ID) })
		if len(used) == 0 {
			continue
		}
		for _, a := range used {
			uses[a.Name] = append(uses[a.Name], r.Name)
		}
		for _, c := range readAll[configuration](parent, "list_resource_configurations", object{"resource_id": r.ID}) {
			if c.Environment.Name != "development" { // a new space has no other environment
				configurations = append(configurations, c)
			}
		}
	}
	require.Subset(t, uses["Orders"], []string{"Orders DB", "Payments API"})
	type elements struct {
		Resources []string `json:"resource_ids"`
		Queries   []string `json:"query_library_query_ids"`
		Apps      []string `json:"app_ids"`
		Workflows []string `json:"workflow_ids"`
	}
	copies := read[elements](parent, "copy_space_elements", object{
		"destination_space_id": made.ID, "app_ids": appIDs, "workflow_ids": []string{}, "query_library_query_ids": []string{},
		"resource_ids": each(configurations, func(c configuration) string { return c.ID }),
	})
	require.Len(t, copies.Apps, len(wanted))
	require.Len(t, copies.Resources, len(configurations))

	// On the host of the space they exist and refer to one another.
	child := h.connect(inSpace(domain), sandboxToken, "--reveal-secrets")
	arrived := readAll[app](child, "list_apps", nil)
	require.Equal(t, wanted, each(arrived, func(a app) string { return a.Name }))
	require.Equal(t, copies.Apps, each(arrived, func(a app) string { return a.ID }))
	usesThere := map[string][]string{}
	for _, r := range readAll[resource](child, "list_resources", nil) {
		for _, a := range readAll[app](child, "list_apps", object{"using_resource": r.ID}) {
			usesThere[a.Name] = append(usesThere[a.Name], r.Name)
		}
	}
	require.Len(t, usesThere, len(uses))
	for name := range uses {
		require.ElementsMatch(t, uses[name], usesThere[name], name)
	}
	for i, c := range configurations {
		there := read[configuration](child, "get_resource_configuration", object{"configurationId": copies.Resources[i]})
		require.Equal(t, c.Options, there.Options)
		require.Equal(t, c.Resource.Name+" in "+c.Environment.Name, there.Resource.Name+" in "+there.Environment.Name)
	}
	require.Len(t, readAll[configuration](child, "list_resource_configurations", nil), len(configurations))

	// It has our SSO and themes, and the caller as its administrator.
	sso, ours := read[object](child, "get_sso_config", nil), read[object](parent, "get_sso_config", nil)
	require.Equal(t, ours["oidc_client_id"], sso["oidc_client_id"])
	require.NotEmpty(t, sso["oidc_client_secret"])
	themes := read[[]object](child, "list_app_themes", nil)
	oursBefore := read[[]object](parent, "list_app_themes", nil)
	require.Equal(t, each(oursBefore, lookOf), each(themes, lookOf))
	require.Equal(t, []string{"ava.lindqvist@northwind.example"}, each(readAll[user](child, "list_users", nil), func(u user) string { return u.Email }))

	// Later changes stay in the space.
	themes[0]["theme"].(object)["primary"] = "#C0FFEE"
	read[object](child, "replace_app_theme", themes[0])
	staff := read[group](child, "create_group", object{"name": "Acme staff"})
	read[[]access](child, "grant_permissions", object{
		"subject": object{"type": "group", "id": staff.ID}, "object": object{"type": "app", "id": arrived[0].ID}, "access_level": "use",
	})
	require.Contains(t, accessTo(child, arrived[0].ID).Groups,
		accessEntry{Subject: ref{text(staff.ID), "group"}, Sources: accessSources{Direct: true}, Level: "use"})
	require.Contains(t, lookOf(read[object](child, "get_app_theme", object{"id": fmt.Sprint(themes[0]["id"])})), "#C0FFEE")
	require.Equal(t, oursBefore, read[[]object](parent, "list_app_themes", nil))
	require.Empty(t, read[[]group](parent, "list_groups", object{"name_contains": "Acme staff"}))
	require.Equal(t, originals, readAll[app](parent, "list_apps", nil))
	requireRefusal(parent, "get_app", object{"appId": arrived[0].ID}, "404")
}

func lookOf(theme object) string { return fmt.Sprint(theme["name"], theme["theme"]) }

// "Compare the configuration of space A with space B."
//
// Each has a token of its own, which opens nothing else, and which only a file
// shows. Who compares has to see secrets.
func TestTask12CompareSpaces(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t)
	spaces := read[[]space](h.connect("", sandboxToken), "list_spaces", nil)
	admins, tokens := [2]*session{}, [2]string{}
	readers := [2]*session{}
	for i := range 2 {
		admins[i] = h.connect(inSpace(spaces[i].ID), sandboxToken, "--secret-dir", t.TempDir())
		made := admins[i].succeed("create_access_token", given(t, object{"label": "comparison", "scopes": []string{
			"groups:read", "folders:read", "environments:read", "config_vars:read", "app_themes:read",
			"spaces:read", "source_control:read", "resources:read", "apps:read",
		}}))
		tokens[i] = kept(t, made)
		require.NotContains(t, made, tokens[i])
		readers[i] = h.connect(inSpace(spaces[i].ID), tokens[i], "--reveal-secrets")
		requireRefusal(readers[i], "create_group", object{"name": "No"}, "403", "groups:write")
	}
	for _, path := range []string{"", inSpace(spaces[1].ID)} {
		requireRefusal(h.connect(path, tokens[0]), "list_groups", nil, "401")
	}

	before := [2]map[string]any{inventory(readers[0]), inventory(readers[1])}
	require.Empty(t, compare(before[0], inventory(readers[0])))
	differences := compare(before[0], before[1])
	require.Subset(t, differences, []string{"settings of single sign-on: differ", "variable API_BASE_URL: differ", "configuration Orders DB in production: differ"})
	for _, alike := range []string{"group ", "environment ", "theme ", "resource ", "settings of the repository"} {
		require.Empty(t, only(differences, func(d string) bool { return strings.HasPrefix(d, alike) }))
	}

	// A change in A is the only difference to before.
	build := func(s *session) {
		made := read[environmentOf](s, "create_environment", object{"name": "qa", "color": "#123456"})
		read[object](s, "create_configuration_variable", object{
			"name": "QA_URL", "secret": false, "values": []object{{"environment_id": made.ID, "value": "https://qa.example"}},
		})
		read[object](s, "create_group", object{"name": "Testers", "universal_app_access": "use"})
		read[object](s, "create_folder", object{"name": "Trials", "folder_type": "app"})
		read[object](s, "create_resource", object{"type": "restapi", "display_name": "QA API", "options": object{"base_url": "https://qa.example"}})
		read[object](s, "replace_source_control_settings", object{"settings": object{"version_control_locked": true}})
	}
	build(admins[0])
	built := []string{
		"environment qa: only in A", "variable QA_URL: only in A", "group Testers: only in A", "folder app/root/Trials: only in A",
		"resource QA API: only in A", "configuration QA API in production: only in A", "settings of source control: differ",
	}
	require.ElementsMatch(t, built, compare(inventory(readers[0]), before[0]))
	require.ElementsMatch(t, slices.Concat(differences, built), compare(inventory(readers[0]), inventory(readers[1])))
	build(admins[1])
	require.ElementsMatch(t, differences, compare(inventory(readers[0]), inventory(readers[1])), "both have it now")
}

// inFile matches the file of a one-time secret in a result.
var inFile = regexp.MustCompile(`was saved to the file (\S+) on the server`)

// kept returns the one-time secret of a result.
func kept(t testing.TB, text string) string {
	t.Helper()
	place := inFile.FindStringSubmatch(text)
	require.NotNil(t, place, text)
	data, err := os.ReadFile(place[1])
	require.NoError(t, err)
	require.NotEmpty(t, data)
	return strings.TrimSpace(string(data))
}

// inventory is the configuration of a space by names, since IDs and dates
// differ between spaces.
func inventory(s *session) map[string]any {
	s.t.Helper()
	found := map[string]any{}
	put := func(kind, name string, value object) {
		for _, own := range []string{"id", "legacy_id", "created_at", "updated_at", "members", "user_invites", "landing_page_app_id"} {
			delete(value, own)
		}
		require.NotContains(s.t, found, kind+" "+name)
		found[kind+" "+name] = value
	}
	for _, g := range read[[]object](s, "list_groups", nil) {
		put("group", g["name"].(string), g)
	}
	paths, folders := map[string]string{}, snapshotOf(read[[]object](s, "list_folders", nil))
	for id, f := range folders {
		paths[id] = f["name"].(string)
		for at := f; at["parent_folder_id"] != nil; {
			at = folders[at["parent_folder_id"].(string)]
			paths[id] = at["name"].(string) + "/" + paths[id]
		}
		paths[id] = f["folder_type"].(string) + "/" + paths[id]
	}
	for id := range folders {
		put("folder", paths[id], object{})
	}
	environments := map[string]string{}
	for _, e := range read[[]object](s, "list_environments", nil) {
		environments[e["id"].(string)] = e["name"].(string)
		put("environment", e["name"].(string), e)
	}
	for _, v := range read[[]object](s, "list_configuration_variables", nil) {
		values := object{}
		for _, at := range v["values"].([]any) {
			values[environments[at.(object)["environment_id"].(string)]] = at.(object)["value"]
		}
		v["values"] = values
		put("variable", v["name"].(string), v)
	}
	for _, theme := range read[[]object](s, "list_app_themes", nil) {
		put("theme", theme["name"].(string), theme)
	}
	put("settings of", "single sign-on", read[object](s, "get_sso_config", nil))
	put("settings of", "the repository", read[object](s, "get_source_control_config", nil))
	put("settings of", "source control", read[object](s, "get_source_control_settings", nil))
	for _, r := range readAll[resource](s, "list_resources", nil) {
		put("resource", r.Name, object{"type": r.Type})
	}
	for _, c := range readAll[configuration](s, "list_resource_configurations", nil) {
		put("configuration", c.Resource.Name+" in "+c.Environment.Name, c.Options)
	}
	for _, a := range readAll[app](s, "list_apps", nil) {
		put("app", paths[a.Folder]+"/"+a.Name, object{"description": a.Description})
	}
	return found
}

// compare returns the differences of two inventories, A and B.
func compare(a, b map[string]any) (differences []string) {
	for name, value := range a {
		other, ok := b[name]
		switch {
		case !ok:
			differences = append(differences, name+": only in A")
		case !reflect.DeepEqual(value, other):
			differences = append(differences, name+": differ")
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			differences = append(differences, name+": only in B")
		}
	}
	slices.Sort(differences)
	return differences
}
