package sandbox_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func TestOrganizationSettingsChangeOneByOne(t *testing.T) {
	a := startSmall(t, nil)
	want := a.object("get_organization", request{})
	require.Equal(t, theSmallOrg, want["id"])
	for path, value := range map[string]any{
		"two_factor_auth_type":               "fido2",
		"two_factor_auth_required":           true,
		"workflow_run_retention_period_mins": 525_600.0,
		"javascript_links":                   []any{"https://small.example/lib.js"},
		"preloaded_css":                      "body { color: green }",
		"cache_queries_per_user":             true,
		"hide_environment_toggle":            true,
	} {
		require.NotEqual(t, value, want[path])
		want[path] = value
		require.Equal(t, want, a.object("update_organization", request{}.patch("replace", "/"+path, value)))
	}
	for _, path := range []string{"two_factor_auth_type", "preloaded_css", "cache_queries_per_user"} {
		want[path] = nil
		a.ok("update_organization", request{}.patch("replace", "/"+path, nil))
	}
	require.Equal(t, want, a.object("get_organization", request{}))
}

func TestInvalidOrganizationSettingsAreRefused(t *testing.T) {
	a := startSmall(t, nil)
	changesNothing(a, func() {
		for _, bad := range []struct {
			path  string
			value any
		}{
			{"/two_factor_auth_type", "sms"},
			{"/two_factor_auth_required", "yes"},
			{"/two_factor_auth_required", nil},
			{"/workflow_run_retention_period_mins", -1},
			{"/workflow_run_retention_period_mins", 525_601},
			{"/workflow_run_retention_period_mins", 1.5},
			{"/javascript_links", nil},
			{"/javascript_links", []any{7}},
			{"/javascript_links/0", "https://small.example/lib.js"},
			{"/id", "org_1"},
			{"/no_such_setting", true},
			{"hide_environment_toggle", true},
			{"", map[string]any{}},
		} {
			a.fails(http.StatusBadRequest, "update_organization", request{}.patch("replace", bad.path, bad.value))
		}
		a.fails(http.StatusBadRequest, "update_organization", request{}.patch("add", "/hide_environment_toggle", true))
		good := map[string]any{"op": "replace", "path": "/hide_environment_toggle", "value": true}
		for _, bad := range []map[string]any{
			{"op": "replace", "path": "/hide_environment_toggle"},
			{"op": "replace", "path": "/preloaded_css"},
			{"op": "replace", "path": "/id", "value": "org_1"},
		} {
			a.fails(http.StatusBadRequest, "update_organization", request{}.with(map[string]any{"operations": []any{good, bad}}))
		}
	})
}

func TestInvalidateSessionsEndsAllSessions(t *testing.T) {
	a := startSmall(t, nil)
	require.Equal(t, []int{2, 2}, sessions(a))
	a.ok("invalidate_organization_sessions", request{})
	require.Equal(t, []int{0, 0}, sessions(a))
}

func sessions(a *api) []int {
	var out []int
	for u := range stateOf(a).Users.All() {
		out = append(out, u.Sessions)
	}
	return out
}

func TestAISettingsAreReplacedTogether(t *testing.T) {
	a := startSmall(t, nil)
	want := map[string]any{"retoolAI": false, "retoolAIActions": true, "retoolVector": true, "retoolAskAI": false}
	require.NotEqual(t, want, a.object("get_organization_ai_settings", request{}))
	require.Equal(t, want, a.object("replace_organization_ai_settings", request{}.with(want)))
	require.Equal(t, want, a.object("get_organization_ai_settings", request{}))
	changesNothing(a, func() {
		part := maps.Clone(want)
		delete(part, "retoolVector")
		a.fails(http.StatusBadRequest, "replace_organization_ai_settings", request{}.with(part))
	})
}

func TestCodeExecutorLimits(t *testing.T) {
	a := startSmall(t, nil)
	limits := func(memory, processes any) map[string]any {
		return map[string]any{"memoryLimitMbs": memory, "maxConcurrentProcesses": processes, "circuitBreakerEnabled": false}
	}
	set := func(l map[string]any) request { return request{}.with(l) }
	require.Equal(t, limits(256.0, 500.0), a.object("replace_organization_code_executor_settings", set(limits(256, 500))))
	require.Equal(t, limits(nil, nil), a.object("replace_organization_code_executor_settings", set(limits(nil, nil))))
	require.Equal(t, limits(nil, nil), a.object("get_organization_code_executor_settings", request{}))
	changesNothing(a, func() {
		for _, bad := range []map[string]any{limits(255, 1), limits(32_769, 1), limits(256, 0), limits(256, 501), limits(256.5, 1)} {
			a.fails(http.StatusBadRequest, "replace_organization_code_executor_settings", set(bad))
		}
	})
}

func TestCodeExecutorLimitsNeedAdmin(t *testing.T) {
	a := startSmall(t, func(o *model.Org) {
		o.AccessTokens.Put(&model.AccessToken{Secret: "retool_of_ben", AccessTokenView: model.AccessTokenView{
			ID: unknownID, OwnerLegacyID: 2, Scopes: []string{"organization:write"},
		}})
	})
	a.token = "retool_of_ben"
	changesNothing(a, func() {
		a.fails(http.StatusForbidden, "list_organization_analytics_integrations", request{})
		a.fails(http.StatusForbidden, "get_organization_code_executor_settings", request{})
		a.fails(http.StatusForbidden, "replace_organization_code_executor_settings",
			request{}.with(map[string]any{"memoryLimitMbs": 256, "maxConcurrentProcesses": 1, "circuitBreakerEnabled": true}))
	})
}

func TestAnalyticsIntegrationsAreListed(t *testing.T) {
	require.Empty(t, startSmall(t, nil).items("list_organization_analytics_integrations", request{}))
	a := startSmall(t, func(o *model.Org) {
		o.Analytics = []jsontext.Value{jsontext.Value(`{"type":"segment","host":"EU","api_key":"k","enabled":true}`)}
	})
	out := a.call("list_organization_analytics_integrations", request{})
	require.Equal(t, map[string]any{
		"success": true, "total_count": 1.0, "next_token": nil, "has_more": false,
		"data": []any{map[string]any{"type": "segment", "host": "EU", "api_key": "k", "enabled": true}},
	}, out.body)
}

func TestTheAllowlistNeedsNoScope(t *testing.T) {
	a := startSmall(t, func(o *model.Org) {
		o.AccessTokens.Put(&model.AccessToken{Secret: "retool_of_ben", AccessTokenView: model.AccessTokenView{ID: unknownID, OwnerLegacyID: 2}})
	})
	a.token = "retool_of_ben"
	for region, addresses := range a.object("get_info_ip_allowlist", request{})["ipAddresses"].(map[string]any) {
		require.Regexp(t, `^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+/\d+$`, addresses, region)
	}
}
