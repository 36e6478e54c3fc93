package schemas_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A fact that changes which call is right, or what an answer means, stands in the
// published tool; all else is one call away. These are the facts that were once
// missing there and led to a wrong call or a wrong answer.
var decidingFacts = map[string][]string{
	// Left out, the default seat is bought.
	"create_user": {"without seat_type", "seat_type", "internalUser", "since 4.0"},
	"update_user": {"/active", "/user_type", "/seat_type"},
	// Members without a sign of being disabled counted as people with access.
	"list_groups":           {"disabled users", "since 4.74"},
	"get_group":             {"excludeDisabledUsers"},
	"add_group_members":     {"of existing members"},
	"list_user_invites":     {"used and expired"},
	"create_access_token":   {"unknown scopes are dropped", "no call revokes it"},
	"list_object_access":    {"leaves out disabled users", "92 for app_92"},
	"list_subject_access":   {"else only what is granted directly", "type: 'group'", "type: 'user'"},
	"grant_permissions":     {"replaces the old level", "no subfolders", "appId"},
	"revoke_permissions":    {"its items", "no subfolders", "other access stays"},
	"replace_group":         {"members and levels left out"},
	"update_access_request": {"no reason"},
	"create_user_invite":    {"may not be mailed", "invite_link"},
	"logout_user":           {"sso_logout_url"},
	"update_user_attribute": {"users' values"},
	// Subjects and objects of roles are free text in the documents.
	"create_role":              {"as in list_roles"},
	"update_role":              {"complete list"},
	"create_role_grant":        {"group or user", "for one object only"},
	"remove_role_from_subject": {"group or user", "the grant without one is removed too"},
	// Without an end_date, "unused for six months" looked at 30 days.
	"get_usage":              {"start + 30 days, at most yesterday", "with other spaces"},
	"get_usage_app_summary":  {"start + 30 days, at most yesterday", "with other spaces", "unopened apps may be missing", "names without ids"},
	"get_usage_app_details":  {"start + 30 days, at most yesterday", "with other spaces"},
	"get_usage_user_summary": {"start + 30 days, at most yesterday", "with other spaces", "without activity may be missing"},
	"get_usage_user_details": {"start + 30 days, at most yesterday", "with other spaces"},
	"create_space":           {"empty domain", "its own host and tokens", "copy_sso_settings", "copy_branding_and_themes_settings"},
	"list_spaces":            {"its own host and tokens"},
	"copy_space_elements":    {"of resource configurations"},
	"get_sso_config":         {"environment variables"},
	"create_sso_config":      {"lock out", "mask"},
	"list_app_themes":        {"classic apps"},
	"create_app_theme":       {"classic apps"},
	"replace_app_theme":      {"or create", "classic apps"},

	"list_custom_component_libraries": {"classic apps"},
	"create_custom_component_library": {"classic apps"},
	"list_observability_configs":      {"404"},
	"test_observability_provider":     {"data.success"},
	"submit_user_task":                {"who completes it"},
	"list_user_tasks":                 {"user ids"},
	// A filter that a release ignores was believed.
	"list_apps":      {"resource uuid; since 3.387", "since 3.387"},
	"list_resources": {"technical name, not display_name; since 3.387"},
	"list_workflows": {"legacy_id", "since 4.74"},
	"get_workflow":   {"legacy_id"},
	// An app folder was created below the folder of drafts.
	"list_folders":  {"two top folders, root and personalRoot", "since 4.74"},
	"create_folder": {"id of the folder root"},
	"delete_folder": {"app folders only"},
	// Hosts and logins are not part of a resource.
	"create_resource":              {"postgresql", "customAIProvider"},
	"get_resource":                 {"without its settings"},
	"list_resource_configurations": {"host, database, login"},
	"update_resource":              {"update_resource_configuration"},

	"update_resource_configuration":  {"never send a mask back"},
	"create_configuration_variable":  {"for environments without a value", "since 3.387", "masked"},
	"replace_configuration_variable": {"all its values", "never send a mask back"},
	"get_workflow_run":               {"list_user_tasks"},
	"update_workflow":                {"null for the organization's default", "256", "32768"},
	// A pushed branch was taken for a finished change.
	"create_source_control_release":           {"pushes a Git branch", "merged", "as 1.4.0", "PAGE is an app"},
	"replace_source_control_manifest":         {"all entries", "pushes a Git branch", "merged and deployed"},
	"replace_source_control_manifest_element": {"pushes a Git branch", "merged and deployed", "1.4.0 or latest", "PAGE is an app"},
	"delete_source_control_manifest":          {"pushes a Git branch", "merged and deployed"},
	"delete_source_control_manifest_element":  {"pushes a Git branch", "merged and deployed"},
	"create_source_control_branch":            {"Retool branch", "classic apps", "with element_id", "others see it"},
	"reset_source_control_branches":           {"local changes are lost", "only apps are reloaded", "default branch_name"},
	"deploy_source_control":                   {"classic apps", "get_source_control_deployment"},
	"test_source_control_connection":          {"data.success"},
	"test_source_control_deploy":              {"data.success"},
	"replace_source_control_settings":         {"every setting"},
}

func TestDecidingFactsAreInTheList(t *testing.T) {
	ours := ourRelease(t)
	for name, facts := range decidingFacts {
		tool := ours.catalog.Find(name)
		require.NotNil(t, tool, name)
		for _, fact := range facts {
			if published := tool.Description + "\n" + string(tool.Schema); !strings.Contains(published, fact) {
				t.Errorf("%s: %q is not in the published tool: %s", name, fact, published)
			}
		}
	}
}
