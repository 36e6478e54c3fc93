package toolgen

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// Reviewed exceptions to the rules of hints. Parameters are written {}, so an
// entry holds for every release.
var (
	// readOnlyPosts change nothing, despite their method.
	readOnlyPosts = []string{
		"POST /permissions/listObjects",
		"POST /source_control/test_deploy",
		"POST /apps/toolscript/validate",
	}
	// replacingPosts replace what is there, despite their method.
	replacingPosts = []string{"POST /sso/config"}
	// branchOperations only push a Git branch. Nothing changes before people merge
	// it at the Git provider, so asking here would be in vain.
	branchOperations = []string{
		"POST /source_control/manifests/{}/apps/{}/delete",
		"POST /source_control/manifests/{}/delete",
		"POST /source_control/manifests/{}/{}/delete",
		"PUT /source_control/manifests/{}",
		"PUT /source_control/manifests/{}/apps/{}",
		"PUT /source_control/manifests/{}/{}",
	}
	// openWorldOperations reach outside the organization, as those that push a
	// branch do: they send mail or call a Git provider or a monitoring service.
	openWorldOperations = []string{
		"GET /source_control/test_connection",
		"POST /groups/{}/user_invites",
		"POST /observability/provider/{}/test",
		"POST /source_control/branches",
		"POST /source_control/branches/reset",
		"POST /source_control/deploy",
		"POST /source_control/releases/apps/{}",
		"POST /source_control/releases/{}",
		"POST /source_control/test_deploy",
		"POST /user_invites",
		"POST /users",
	}
	// irreversible operations cannot be undone and affect the whole
	// organization.
	irreversible = []string{
		"DELETE /environments/{}",
		"DELETE /source_control/config",
		"DELETE /spaces/{}",
		"DELETE /sso/config",
		"POST /organization/invalidate_sessions/",
	}
	// destructiveVerbs are verbs in paths that undo or discard something.
	destructiveVerbs = []string{"cancel", "delete", "invalidate", "logout", "remove", "reset", "revoke"}
)

// hintsFor derives the four annotations. Reads change nothing; deleting,
// revoking and replacing are destructive; PUT and DELETE can be repeated.
func hintsFor(method, path, name string) tools.Hints {
	key := tools.OperationKey(method, path)
	verb, _, _ := strings.Cut(name, "_")
	h := tools.Hints{OpenWorld: slices.Contains(openWorldOperations, key) || slices.Contains(branchOperations, key)}
	switch {
	case slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method), slices.Contains(readOnlyPosts, key):
		h.ReadOnly, h.Idempotent = true, true
	case slices.Contains(branchOperations, key):
		h.Idempotent = method == "PUT"
	case method == "PUT", method == "DELETE":
		h.Destructive, h.Idempotent = true, true
	default:
		h.Destructive = slices.Contains(destructiveVerbs, verb) || slices.Contains(replacingPosts, key)
	}
	return h
}
