package toolgen_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const namesFile = "testdata/names.txt"

// Names are an interface: prompts, allow lists and audit logs hold them. The
// golden file pins those of every operation that Retool has ever had.
func TestNamesOfAllOperations(t *testing.T) {
	operations := allOperations(t)
	var lines []string
	seen := map[string]string{}
	for _, op := range operations {
		method, path, _ := strings.Cut(op, " ")
		name := toolgen.Name(method, path)
		require.Regexp(t, `^[a-z][a-z0-9_]{0,46}$`, name, op)
		require.NotContains(t, seen, name, "%s and %s", op, seen[name])
		seen[name] = op
		lines = append(lines, name+" "+op)
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(namesFile, []byte(got), 0o600))
	}
	want, err := os.ReadFile(namesFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "names changed: run the test with -update if that is meant")
}

// allOperations are those of the list of release 4.0.0, of the embedded document
// and of the real ones, parameters written {} since their names differ between
// releases.
func allOperations(t *testing.T) []string {
	parameter := regexp.MustCompile(`\{[^}]*\}|:[A-Za-z]+`)
	var all []string
	add := func(method, path string) {
		op := method + " " + path
		same := func(other string) bool {
			return parameter.ReplaceAllString(other, "{}") == parameter.ReplaceAllString(op, "{}")
		}
		if !slices.ContainsFunc(all, same) {
			all = append(all, op)
		}
	}
	for line := range strings.Lines(string(referencedata.Read(t, "operations-4.0.0.tsv"))) {
		op, _, _ := strings.Cut(line, "\t")
		method, path, _ := strings.Cut(op, " ")
		add(method, regexp.MustCompile(`:([A-Za-z]+)`).ReplaceAllString(path, "{$1}"))
	}
	for _, tool := range embedded.Catalog().Tools {
		add(tool.Method, tool.Path)
	}
	for _, document := range referencedata.Documents {
		doc, err := openapi.Read(openapi.Source{Data: referencedata.Read(t, document)})
		require.NoError(t, err)
		for _, op := range doc.Operations {
			add(op.Method, op.Path)
		}
	}
	return all
}

func TestSameOperationSameNameInEveryRelease(t *testing.T) {
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	names := map[string]string{}
	shared := 0
	for _, document := range referencedata.Documents {
		for _, tool := range realCatalog(t, document).Tools {
			key := tool.Method + " " + parameter.ReplaceAllString(tool.Path, "{}")
			if name, ok := names[key]; ok {
				require.Equal(t, name, tool.Name, key)
				shared++
			}
			names[key] = tool.Name
		}
	}
	require.Greater(t, shared, 130)
}

func TestNameRules(t *testing.T) {
	for _, c := range []struct{ rule, method, path, want string }{
		{"a plural noun is listed", "GET", "/users", "list_users"},
		{"one of them is got", "GET", "/users/{userId}", "get_user"},
		{"POST creates one", "POST", "/users", "create_user"},
		{"PATCH updates", "PATCH", "/users/{userId}", "update_user"},
		{"PUT replaces", "PUT", "/groups/{groupId}", "replace_group"},
		{"DELETE deletes", "DELETE", "/users/{userId}", "delete_user"},
		{"other methods name themselves", "HEAD", "/users/{userId}", "head_user"},
		{"a singular noun is got", "GET", "/organization/", "get_organization"},
		{"some plurals are one thing", "GET", "/source_control/settings", "get_source_control_settings"},
		{"nested nouns, all but the last in the singular", "GET", "/users/{id}/sessions", "list_user_sessions"},
		{"camel case is taken apart", "GET", "/userAttributes", "list_user_attributes"},
		{"a verb and its object, named once", "POST", "/apps/cloneApp", "clone_app"},
		{"a verb alone takes its context as written", "POST", "/permissions/grant", "grant_permissions"},
		{"a verb about one thing", "POST", "/users/{id}/logout", "logout_user"},
		{"a verb with an object of its own", "POST", "/spaces/copyElements", "copy_space_elements"},
		{"an id behind the verb", "PUT", "/users/reset2fa/{userId}", "reset_user_2fa"},
		{"a POST that deletes", "POST", "/manifests/{name}/delete", "delete_manifest"},
		{"a segment that only repeats the next is left out", "GET", "/role_permissions/roles", "list_roles"},
		{"a typed reference", "GET", "/role_grants/{subjectType}/{subjectId}", "list_role_grants_for_subject"},
		{"an element named by its parameter", "PUT", "/manifests/{name}/{elementUuid}", "replace_manifest_element"},
		{"api and version segments go", "GET", "/api/v2/users", "list_users"},
		{"-ies, -ches and -sses", "DELETE", "/libraries/{a}/branches/{b}/processes/{c}", "delete_library_branch_process"},
		{"nothing but parameters", "GET", "/{x}", "get_x"},
		{"nothing at all", "GET", "/", "get"},
	} {
		require.Equal(t, c.want, toolgen.Name(c.method, c.path), c.rule)
	}
}

func TestLongNamesAreCutToWholeWordsAndStayApart(t *testing.T) {
	a := toolgen.Name("GET", "/extraordinarily_long_collections/{id}/of_nested_collections/{id}/of_little_things")
	b := toolgen.Name("GET", "/exceptionally_long_collections/{id}/of_nested_collections/{id}/of_little_things")
	require.LessOrEqual(t, len(a), toolgen.MaxNameLength)
	require.Regexp(t, `^list_[a-z_]*of_little_things_[0-9a-f]{5}$`, a)
	require.NotEqual(t, a, b)
}

func TestPrefixAndCollisions(t *testing.T) {
	c := toolgen.WithPrefix(realCatalog(t, referencedata.Documents[0]), "acme_")
	for _, tool := range c.Tools {
		require.Regexp(t, `^acme_[a-z0-9_]{1,42}$`, tool.Name)
	}
	require.NotNil(t, c.Find("acme_list_users"))

	for _, wrong := range []string{"Acme", "1", "acme-", "a_prefix_that_is_too_long"} {
		require.Error(t, toolgen.CheckPrefix(wrong), wrong)
	}

	twins := catalogOf(t, `
  /users: {get: {responses: {}}}
  /users/: {get: {responses: {}}}`)
	require.Len(t, twins.Tools, 2)
	require.NotEqual(t, twins.Tools[0].Name, twins.Tools[1].Name)
	for _, tool := range twins.Tools {
		require.Regexp(t, `^list_users_[0-9a-f]{5}$`, tool.Name)
	}
}
