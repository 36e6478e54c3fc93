package toolgen_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
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
		{"DELETE deletes", "DELETE", "/users/{userId}", "disable_user"},
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

// namesIn lists the names of a catalog's tools, which are distinct and within the
// law, whatever the prefix.
func namesIn(t *testing.T, c *tools.Catalog) (names []string) {
	t.Helper()
	for _, prefix := range []string{"", "a_", "sixteen_letters_"} {
		seen := map[string]bool{}
		for _, tool := range toolgen.WithPrefix(c, prefix).Tools {
			require.Regexp(t, `^[a-z][a-z0-9_]{0,46}$`, tool.Name, tool.Path)
			require.False(t, seen[tool.Name], "%s twice", tool.Name)
			seen[tool.Name] = true
		}
	}
	for _, tool := range c.Tools {
		names = append(names, tool.Name)
	}
	return names
}

func TestPathsThatDifferInAParameterAreToldApartByIt(t *testing.T) {
	const long = "extraordinarily_long_name_of_a_parameter_that_says_what_it_is_"
	for name, row := range map[string]struct {
		paths []string
		want  []string // a pattern for each
	}{
		"by their names":                  {[]string{"/users/{id}", "/users/{email}"}, []string{"get_user_by_id", "get_user_by_email"}},
		"three of them":                   {[]string{"/users/{id}", "/users/{email}", "/users/{name}"}, []string{"get_user_by_id", "get_user_by_email", "get_user_by_name"}},
		"in camel case":                   {[]string{"/users/{userId}", "/users/{userName}"}, []string{"get_user_by_user_id", "get_user_by_user_name"}},
		"two parameters":                  {[]string{"/a/{x}/b/{y}", "/a/{x}/b/{z}"}, []string{"get_a_b_by_x_y", "get_a_b_by_x_z"}},
		"within a segment":                {[]string{"/f/{a}.{b}", "/f/{a}.{c}"}, []string{"get_f_by_a_b", "get_f_by_a_c"}},
		"colon style":                     {[]string{"/users/:id", "/users/{email}"}, []string{"get_user_by_id", "get_user_by_email"}},
		"the same words":                  {[]string{"/users/{userId}", "/users/{user_id}"}, []string{"get_user_[0-9a-f]{5}", "get_user_[0-9a-f]{5}"}},
		"two of three with the same":      {[]string{"/users/{userId}", "/users/{user_id}", "/users/{key}"}, []string{"get_user_[0-9a-f]{5}", "get_user_[0-9a-f]{5}", "get_user_by_key"}},
		"no words at all":                 {[]string{"/users/{ü}", "/users/{ö}"}, []string{"get_user_[0-9a-f]{5}", "get_user_[0-9a-f]{5}"}},
		"one without words":               {[]string{"/users/{ü}", "/users/{id}"}, []string{"get_user_[0-9a-f]{5}", "get_user_by_id"}},
		"a path that is called like it":   {[]string{"/users/{id}", "/users/{email}", "/user_by_id"}, []string{"get_user_[0-9a-f]{5}", "get_user_by_email", "get_user_by_id_[0-9a-f]{5}"}},
		"names that are too long":         {[]string{"/users/{" + long + "a}", "/users/{" + long + "b}"}, []string{"get_.*_it_is_a_[0-9a-f]{5}", "get_.*_it_is_b_[0-9a-f]{5}"}},
		"names that are cut to the same":  {[]string{"/" + long + "/{a}", "/" + long + "/{b}"}, []string{"get_.*_by_a_[0-9a-f]{5}", "get_.*_by_b_[0-9a-f]{5}"}},
		"as the hash of another":          {[]string{"/users", "/users/", "/users_" + "00000"}, []string{"list_users_[0-9a-f]{5}", "list_users_[0-9a-f]{5}", "get_users_00000"}},
		"one and a path with a fixed end": {[]string{"/users/{id}", "/users/me"}, []string{"get_user", "get_user_me"}},
	} {
		t.Run(name, func(t *testing.T) {
			document := func(paths []string) *tools.Catalog {
				var lines strings.Builder
				for _, path := range paths {
					lines.WriteString("  " + strconv.Quote(path) + ": {get: {responses: {}}, delete: {responses: {}}}\n")
				}
				return catalogOf(t, lines.String())
			}
			c := document(row.paths)
			require.Len(t, c.Tools, 2*len(row.paths))
			reads := slices.DeleteFunc(namesIn(t, c), func(name string) bool { return strings.HasPrefix(name, "delete_") })
			for _, want := range row.want {
				i := slices.IndexFunc(reads, regexp.MustCompile("^"+want+"$").MatchString)
				require.GreaterOrEqual(t, i, 0, "%s in %v", want, reads)
				reads = slices.Delete(reads, i, i+1)
			}
			slices.Reverse(row.paths)
			require.Equal(t, namesIn(t, c), namesIn(t, document(row.paths)), "the order of the document is irrelevant")
		})
	}
}

// A thousand operations of one name, and documents of all releases.
func TestNamesAreDistinctInEveryDocument(t *testing.T) {
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, "  /users/{%s}: {get: {responses: {}}}\n", strings.Repeat("_", i+1))
	}
	require.Len(t, namesIn(t, catalogOf(t, many.String())), 1000)
	small, err := os.ReadFile("../e2e/testdata/small.yaml")
	require.NoError(t, err)
	namesIn(t, toolgentest.FromText(t, small))
	for _, document := range referencedata.Documents {
		namesIn(t, realCatalog(t, document))
	}
}

// Under another name, an operation of ours would escape the list of those that an
// operator excludes.
func TestOurOperationsAreServedOnce(t *testing.T) {
	doc, err := openapi.Read(openapi.Source{Data: []byte(`{"openapi":"3.0.0","paths":{
		"/users/{userId}":{"delete":{}},"/users/{email}":{"delete":{},"get":{}},"/users/:x":{"delete":{}},"/other/{a}":{"get":{}},"/other/{b}":{"get":{}}}}`)})
	require.NoError(t, err)
	c, err := toolgen.New(doc, embedded.Catalog())
	require.NoError(t, err)
	names := make([]string, len(c.Tools))
	for i := range c.Tools {
		names[i] = c.Tools[i].Name
	}
	require.Equal(t, []string{"disable_user", "get_other_by_a", "get_other_by_b", "get_user"}, names)
	require.Equal(t, []tools.Problem{
		{Operation: "DELETE /users/{email}", Reason: "the same operation as DELETE /users/{userId}"},
		{Operation: "DELETE /users/{x}", Reason: "the same operation as DELETE /users/{userId}"},
	}, c.Problems)
}
