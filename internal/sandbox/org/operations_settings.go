package org

func SettingsOperations() map[string]Func {
	return map[string]Func{
		"get_organization":                            getOrganization,
		"update_organization":                         updateOrganization,
		"invalidate_organization_sessions":            invalidateOrganizationSessions,
		"get_organization_ai_settings":                getOrganizationAISettings,
		"replace_organization_ai_settings":            replaceOrganizationAISettings,
		"list_organization_analytics_integrations":    listOrganizationAnalyticsIntegrations,
		"get_organization_code_executor_settings":     getOrganizationCodeExecutorSettings,
		"replace_organization_code_executor_settings": replaceOrganizationCodeExecutorSettings,
		"get_info_ip_allowlist":                       getInfoIPAllowlist,
	}
}
