// Package settings has the operations on the organization's own settings.
package settings

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"get_organization":                            getOrganization,
		"update_organization":                         api.With(updateOrganization),
		"invalidate_organization_sessions":            invalidateOrganizationSessions,
		"get_organization_ai_settings":                getOrganizationAISettings,
		"replace_organization_ai_settings":            api.With(replaceOrganizationAISettings),
		"list_organization_analytics_integrations":    listOrganizationAnalyticsIntegrations,
		"get_organization_code_executor_settings":     api.Get(codeExecutor, api.Itself),
		"replace_organization_code_executor_settings": api.OnWith(codeExecutor, replaceOrganizationCodeExecutorSettings),
		"get_info_ip_allowlist":                       getInfoIPAllowlist,
	}
}
