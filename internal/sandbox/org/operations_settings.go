package org

func settingsOperations() map[string]Operation {
	return map[string]Operation{
		"get_organization":                            getOrganization,
		"update_organization":                         updateOrganization,
		"invalidate_organization_sessions":            invalidateOrganizationSessions,
		"get_organization_ai_settings":                getOrganizationAISettings,
		"replace_organization_ai_settings":            replaceOrganizationAISettings,
		"list_organization_analytics_integrations":    listOrganizationAnalyticsIntegrations,
		"get_organization_code_executor_settings":     getOrganizationCodeExecutorSettings,
		"replace_organization_code_executor_settings": replaceOrganizationCodeExecutorSettings,
		"get_info_ip_allowlist":                       getInfoIPAllowlist,

		"list_usage_organizations": listUsageOrganizations,
		"get_usage":                getUsage,
		"get_usage_app_summary":    getUsageAppSummary,
		"get_usage_app_details":    getUsageAppDetails,
		"get_usage_user_summary":   getUsageUserSummary,
		"get_usage_user_details":   getUsageUserDetails,
	}
}
