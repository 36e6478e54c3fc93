package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	embeddedcatalog "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Every list of an emulated organization is searched by each of its fields, and says
// of a field that does not exist which ones do.
func TestWhereOnEveryList(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	lists := argumentsOfLists(s)
	searched := 0
	for _, tool := range embeddedcatalog.Catalog().Tools {
		if !s.takes(tool.Name, "where") {
			require.False(t, tool.Answer.List && tool.Hints.ReadOnly, "%s is a list without where", tool.Name)
			continue
		}
		arguments := with(lists[tool.Name], "format", asJSON)
		items := itemsOf(t, s, tool.Name, tool.Answer.Path, arguments)
		for field := range scalarsOf(items) {
			value, matching := items[0][field], 0
			for _, item := range items {
				if other, ok := item[field]; ok && fmt.Sprint(other) == fmt.Sprint(value) {
					matching++
				}
			}
			written, err := json.Marshal(value)
			require.NoError(t, err)
			text := s.succeed(tool.Name, given(t, with(arguments, "where", fmt.Sprintf("%s == %s", field, written))))
			require.Contains(t, text, fmt.Sprintf("%d of %d items match", matching, len(items)), "%s, %s", tool.Name, field)
			searched++
		}
		wrong := s.call(tool.Name, given(t, with(arguments, "where", "qqqqq == 1")))
		if len(items) > 0 || len(tool.Answer.Fields) > 0 {
			require.Contains(t, wrong.text, "There is no field qqqqq in the items of "+tool.Name+". Fields: ")
			require.True(t, wrong.isError, tool.Name)
		} else {
			require.Contains(t, wrong.text, "0 of 0 items match", tool.Name)
		}
	}
	require.Greater(t, searched, 150, "fields of lists")
}

// itemsOf reads a whole list.
func itemsOf(t testing.TB, s *session, tool, path string, arguments object) (items []object) {
	t.Helper()
	if s.takes(tool, "all_pages") {
		arguments = with(arguments, "all_pages", true)
	}
	text, _, _ := strings.Cut(s.succeed(tool, given(t, arguments)), "\n\n")
	var at any
	require.NoError(t, json.Unmarshal([]byte(text), &at))
	for step := range strings.SplitSeq(path, ".") {
		at = at.(object)[step]
	}
	for _, item := range at.([]any) {
		items = append(items, item.(object))
	}
	return items
}

// scalarsOf are the fields of the first item that hold a text, a number or a boolean.
func scalarsOf(items []object) object {
	fields := object{}
	for i := range items[:min(1, len(items))] {
		for name, value := range items[i] {
			switch value.(type) {
			case string, float64, bool:
				fields[name] = value
			}
		}
	}
	return fields
}

// argumentsOfLists are those that lists require, with ids of the organization.
func argumentsOfLists(s *session) map[string]object {
	library := itemsOf(s.t, s, "list_custom_component_libraries", "data", object{"format": asJSON})[0]["id"]
	revisions := object{"libraryId": library}
	revision := itemsOf(s.t, s, "list_custom_component_library_revisions", "data", with(revisions, "format", asJSON))[0]["id"]
	app := appNamed(s, "Refund Console").ID
	usage := object{"start_date": "2026-10-01"}
	return map[string]object{
		"list_custom_component_library_revisions":      revisions,
		"list_custom_component_library_revision_files": {"libraryId": library, "revisionId": revision},
		"list_role_grants_for_subject":                 {"subjectType": "group", "subjectId": "5"},
		"list_subject_access":                          {"subject": object{"type": "group", "id": 5}, "object_type": "app"},
		"list_source_control_releases":                 {"elementUuid": app, "elementType": "PAGE"},
		"get_source_control_release_app":               {"appUuid": app},
		"get_usage_app_summary":                        usage,
		"get_usage_user_summary":                       usage,
	}
}

func TestWhereOnTheCommandLine(t *testing.T) {
	t.Parallel()
	o := run(t, environment(t), "", "call", "--sandbox", "list_users", `where=active and not two_factor_auth_enabled and last_active < "2026-08-01"`, "fields=email")
	require.Zero(t, o.code, o.stderr)
	require.Regexp(t, `^# \d+ of 250 rows match; no more\n`, o.stdout)
	o = run(t, environment(t), "", "call", "--sandbox", "list_apps", "where=folder_name == 'Onboarding'", "resolve=true", "fields=folder_name")
	require.Zero(t, o.code, o.stderr)
	require.Regexp(t, `^# [1-9]\d* of 180 rows match; no more\n(#.*\n)*folder_name\nOnboarding\n`, o.stdout)
	o = run(t, environment(t), "", "call", "--sandbox", "list_users", "where=activ")
	require.NotZero(t, o.code)
	require.Contains(t, o.stdout+o.stderr, "Not sent: where: there is no field activ; did you mean active?")
}

func TestWhereOnOneOfSeveralInstances(t *testing.T) {
	t.Parallel()
	w := newInstancePair(t, "", "")
	s := connect(t, modern, environment(t, "RETOOL_MCP_CONFIG="+w.file))
	text := s.succeed("list_users", given(t, object{"instance": "east", "where": "id endsWith 'east'"}))
	require.Contains(t, text, "user_east")
	require.Contains(t, text, "Instance: east")
	require.Empty(t, w.west.take())
}
