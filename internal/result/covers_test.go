package result_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Results of usage say which days and spaces they cover, whatever was left out.
func TestUsageSaysWhatItCovers(t *testing.T) {
	const everywhere = "all that the token sees, not only this one."
	seen := 0
	for _, tool := range embedded.Catalog().Tools {
		needs := map[string]string{"get_usage_app_details": `,"app_name":"Orders"`, "get_usage_user_details": `,"email":"ada@example.com"`}[tool.Name]
		if tool.Covers == "" {
			require.NotContains(t, string(tool.Full), `"start_date"`, tool.Name)
			continue
		}
		seen++
		for given, want := range map[string]string{
			`{"start_date":"2026-01-30"`:                                                   "Covers days 2026-01-30 to 2026-03-01 or yesterday, whichever is earlier; spaces: " + everywhere,
			`{"start_date":"2026-01-30","end_date":"2026-07-31"`:                           "Covers days 2026-01-30 to 2026-07-31; spaces: " + everywhere,
			`{"start_date":"2026-01-30","end_date":"2026-07-31","org_ids":"org_1,org_2"`:   "Covers days 2026-01-30 to 2026-07-31; spaces: org_1,org_2.",
			`{"start_date":"last\nweek","org_ids":"org_1"`:                                 "Covers days last week to 30 days later or yesterday, whichever is earlier; spaces: org_1.",
			`{"start_date":"2026-01-30","org_ids":"` + strings.Repeat("org_1,", 100) + `"`: "",
		} {
			data := `{"data":{}}`
			if tool.Answer.List {
				data = `{"data":[]}`
			}
			text := written(t, tool.Name, given+needs+"}", data, result.Options{}).Text
			require.Contains(t, text, want, tool.Name)
			require.Equal(t, tool.Answer.List, strings.Contains(text, "\n# Covers"), text)
			require.Less(t, len(text), 600, text)
		}
	}
	require.Equal(t, 5, seen)
}
