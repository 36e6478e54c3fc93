// Package usage has the operations that count what users did with apps.
package usage

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_usage_organizations": listUsageOrganizations,
		"get_usage":                getUsage,
		"get_usage_app_summary":    getUsageAppSummary,
		"get_usage_app_details":    getUsageAppDetails,
		"get_usage_user_summary":   getUsageUserSummary,
		"get_usage_user_details":   getUsageUserDetails,
	}
}
