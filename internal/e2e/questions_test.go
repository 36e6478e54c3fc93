package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
	catalog "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Objects of the sandbox.
const (
	jane        = "user_a7906d2aa65548afafdb7ad35ceb34e1"
	payroll     = "c373d850-c6ff-454b-a76e-3737cbd57c47"
	orders      = "d1cec16e-cf2d-44d2-80a7-3beb9e858da0"
	ordersDB    = "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"
	production  = "10f5ee56-86a5-45c4-acec-7d07adc3ce9d"
	staging     = "32670b18-7c33-4191-a5ce-6e74dc6a81b1"
	development = "53fae540-b318-4d1f-b791-230126f9ec3a"
	auditor     = "a1da25c9-9b94-4249-9b53-eee9fc7aea00"
)

// destructiveCalls are calls of all destructive tools.
var destructiveCalls = map[string]object{
	"cancel_user_task":                 {"taskId": "c44b0ed2-39f4-49da-9be8-4c5a6f4d6539", "email": "jane@northwind.example"},
	"clear_user_attribute":             {"userId": jane, "attributeName": "department"},
	"clear_user_invite_attribute":      {"userInviteId": "2", "attributeName": "department"},
	"create_sso_config":                {"data": object{"config_type": "google", "google_client_id": "4711", "google_client_secret": "canary-4711"}},
	"delete_app":                       {"appId": payroll},
	"delete_app_theme":                 {"id": "2"},
	"delete_configuration_variable":    {"id": "874fc41c-67de-445b-bd13-2ccea83eb0ab"},
	"delete_environment":               {"environmentId": staging},
	"delete_folder":                    {"folderId": "app_24", "recursive": true},
	"delete_group":                     {"groupId": "9"},
	"delete_observability_config":      {"configId": "9176f691-40d5-4b14-8011-fb6f90f1de35"},
	"delete_resource":                  {"resourceId": ordersDB, "deleteUnderlyingDB": true},
	"delete_resource_configuration":    {"configurationId": "929f0450-5e95-43e8-ad36-356386e4c499"},
	"delete_role":                      {"roleId": auditor},
	"delete_role_grant":                {"roleGrantId": "1146bd6d-9a80-4d3d-bb6f-74d1b06d5dad"},
	"delete_source_control_config":     {},
	"delete_space":                     {"spaceId": "org_68f895d74018417492c2beb25d00f957"},
	"delete_sso_config":                {},
	"delete_user_attribute":            {"id": "6b149c9d-9c83-44c4-9bb7-3d87dd5a5ea6", "update_existing_users": "true"},
	"delete_user_invite":               {"userInviteId": "2"},
	"delete_workflow":                  {"workflowId": "3b5ec9e0-f5bb-4da8-b65c-d6149937108d"},
	"disable_user":                     {"userId": jane},
	"invalidate_organization_sessions": {},
	"logout_user":                      {"userId": jane, "sso_logout": true},
	"remove_group_member":              {"groupId": "9", "userId": jane},
	"remove_group_user_invite":         {"groupId": "10", "userInviteId": "4"},
	"remove_role_from_subject":         {"role_id": auditor, "subject_type": "user", "subject_id": jane, "object_type": "folder", "object_id": "app_24"},
	"replace_app_theme": {
		"id": 2, "legacy_id": 2, "name": "Northwind night", "theme": object{"mode": "dark", "primary": "#000000"},
		"created_at": "2025-01-25T02:13:57.535Z", "updated_at": "2025-01-25T02:13:57.535Z",
	},
	"replace_configuration_variable": {
		"id": "76e72852-1e8f-42a9-9bb4-b9c7e16278d2", "name": "API_BASE_URL", "secret": false,
		"values": []object{{"environment_id": production, "value": "https://api.production.elsewhere.example"}, {"environment_id": staging, "value": "https://api.staging.internal.northwind.example"}},
	},
	"replace_group":                               {"groupId": "9", "name": "Operations", "universal_app_access": "own", "members": []object{{"id": jane, "is_group_admin": true}}},
	"replace_observability_config":                {"configId": "9176f691-40d5-4b14-8011-fb6f90f1de35", "enabled": false, "config": object{"provider": "Sentry", "dsn": "https://canary-4711@sentry.example/1"}},
	"replace_organization_ai_settings":            {"retoolAI": false, "retoolAIActions": true, "retoolVector": true, "retoolAskAI": true},
	"replace_organization_code_executor_settings": {"memoryLimitMbs": nil, "maxConcurrentProcesses": 2, "circuitBreakerEnabled": true},
	"replace_source_control_config": {"config": object{
		"config": object{"type": "Personal", "personal_access_token": "canary-4711", "url": "https://git.example", "enterprise_api_url": "https://git.example/api"},
		"org":    "northwind-outfitters", "repo": "retool-new", "default_branch": "main", "provider": "GitHub",
	}},
	"replace_source_control_settings": {"settings": object{"version_control_locked": true, "auto_branch_naming_enabled": true}},
	"replace_space":                   {"spaceId": "org_68f895d74018417492c2beb25d00f957", "name": "Acme Logistics", "domain": "acme2.northwind.example"},
	"reset_source_control_branches":   {"branch_name": "feature/returns"},
	"reset_user_2fa":                  {"userId": jane},
	"revoke_permissions":              {"subject": object{"type": "group", "id": 9}, "object": object{"type": "app", "id": orders}},
}

// TestGoldenQuestions shows in a review what people are asked. Both eras ask the
// same, and what nobody confirms changes nothing.
func TestGoldenQuestions(t *testing.T) {
	t.Parallel()
	destructive := map[string]bool{}
	for _, tool := range catalog.Catalog().Tools {
		if tool.Hints.Destructive {
			destructive[tool.Name] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(destructive)), slices.Sorted(maps.Keys(destructiveCalls)))

	asked := map[string]string{}
	for _, era := range []string{legacy, modern} {
		p := &userAnswers{answer: func(string) mcp.ElicitationResponse {
			return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionDecline}
		}}
		s := connectTo(t, era, environment(t), p, "--sandbox")
		for _, tool := range slices.Sorted(maps.Keys(destructiveCalls)) {
			a := s.call(tool, given(t, destructiveCalls[tool]))
			require.Contains(t, a.text, "Not sent: the user declined "+tool)
			questions := p.take()
			require.Len(t, questions, 1, "%s %s", tool, a.text)
			q := questions[0]
			require.LessOrEqual(t, utf8.RuneCountInString(q), 600, tool)
			require.NotContains(t, q, "canary", tool)
			require.False(t, clean.HasInvisible(q), tool)
			if era == legacy {
				asked[tool] = q
			}
			require.Equal(t, asked[tool], q, "%s asks the same in both eras", tool)
		}
	}
	var golden strings.Builder
	for _, tool := range slices.Sorted(maps.Keys(asked)) {
		golden.WriteString("== " + tool + " " + string(given(t, destructiveCalls[tool])) + "\n" + asked[tool] + "\n\n")
	}
	name := filepath.Join("testdata", "questions.txt")
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(golden.String()), 0o600))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), golden.String(), "what people are asked has changed: if that is meant, run this test with -update")
}
