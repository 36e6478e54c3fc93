package e2e_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody is asked about an object that Retool does not find by its id, and nothing is
// sent. Where no read is of that object alone, or the call sets it up, the user decides.
func TestObjectsThatAreNotThere(t *testing.T) {
	t.Parallel()
	const gone, says = `{"success":false,"message":"Does not exist"}`, `^Not sent: get_\w+ answers HTTP 40[04] [^\n]*"Does not exist"\n.* If it was already deleted, there is nothing left to do\. `
	decides := []string{
		"cancel_user_task", "create_sso_config", "delete_observability_config", "delete_role", "delete_role_grant", "delete_user_attribute", "invalidate_organization_sessions", "remove_role_from_subject",
		"replace_observability_config",
		"replace_organization_ai_settings", "replace_organization_code_executor_settings", "replace_source_control_config",
		"replace_source_control_settings", "reset_source_control_branches", "revoke_permissions",
	}
	p := &userAnswers{answer: decline}
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
		u := newUpstream(t, answering(status, jsonType, gone))
		s := connectTo(t, modern, held(t, u), p, "--confirm=always")
		for _, tool := range slices.Sorted(maps.Keys(destructiveCalls)) {
			byID := !slices.Contains([]string{"delete_source_control_config", "delete_sso_config"}, tool) || status == http.StatusNotFound
			for _, dry := range []bool{false, true} {
				a := s.call(tool, given(t, with(destructiveCalls[tool], "dry_run", dry)))
				questions := len(p.take())
				if slices.Contains(decides, tool) || !byID {
					require.Equal(t, !dry, questions == 1, "%s: %s", tool, a.text)
				} else {
					require.Zero(t, questions, tool)
					require.True(t, a.isError, tool)
					require.Regexp(t, says, a.text, tool)
				}
			}
			for _, r := range u.take() {
				require.True(t, r.method == http.MethodGet || r.uri == "/api/v2/permissions/listObjects", "%s: %s %s", tool, r.method, r.uri)
			}
		}
	}
	for name, x := range map[string]struct {
		status     int
		kind, body string
	}{
		"a page":       {http.StatusNotFound, "text/html", "<html><body>Not found</body></html>"},
		"no route":     {http.StatusNotFound, jsonType, `{"success":false,"message":"Cannot GET /api/v2/groups/9"}`},
		"not allowed":  {http.StatusForbidden, jsonType, gone},
		"a bad proxy":  {http.StatusBadRequest, "text/html", "<html><body>Bad</body></html>"},
		"of no format": {http.StatusNotFound, "text/plain", "gone"},
	} {
		s := connectTo(t, modern, held(t, newUpstream(t, answering(x.status, x.kind, x.body))), p)
		s.call("delete_group", []byte(`{"groupId":"9"}`))
		require.Len(t, p.take(), 1, name)
	}
}
