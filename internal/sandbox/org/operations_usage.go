package org

func UsageOperations() map[string]Func {
	return map[string]Func{
		"list_usage_organizations": listUsageOrganizations,
		"get_usage":                getUsage,
		"get_usage_app_summary":    getUsageAppSummary,
		"get_usage_app_details":    getUsageAppDetails,
		"get_usage_user_summary":   getUsageUserSummary,
		"get_usage_user_details":   getUsageUserDetails,
	}
}
