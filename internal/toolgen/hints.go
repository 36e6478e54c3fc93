package toolgen

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// The reviewed exceptions to the rules of hints. Parameters are written {} so
// that an entry holds for every release of the document.
var (
	// readOnlyPosts change nothing although the method says otherwise.
	readOnlyPosts = []string{
		"POST /permissions/listObjects",
		"POST /source_control/test_deploy",
		"POST /apps/toolscript/validate",
	}
	// openWorldOperations touch something outside the organization: they send mail or
	// talk to a Git provider or a monitoring service.
	openWorldOperations = []string{
		"GET /source_control/test_connection",
		"POST /groups/{}/user_invites",
		"POST /observability/provider/{}/test",
		"POST /source_control/branches",
		"POST /source_control/deploy",
		"POST /source_control/test_deploy",
		"POST /user_invites",
		"POST /users",
	}
	// irreversible cannot be undone and reach everybody in the organization.
	irreversible = []string{
		"DELETE /environments/{}",
		"DELETE /source_control/config",
		"DELETE /spaces/{}",
		"DELETE /sso/config",
		"POST /organization/invalidate_sessions/",
	}
	// destructiveVerbs are the verbs of a path that undo or discard something.
	destructiveVerbs = []string{"delete", "invalidate", "logout", "remove", "reset", "revoke"}
)

// hintsFor derives the four annotations. Reading changes nothing; deleting,
// taking away and replacing destroy; PUT and DELETE may be repeated.
func hintsFor(method, path, name string) tools.Hints {
	key := tools.OperationKey(method, path)
	verb, _, _ := strings.Cut(name, "_")
	h := tools.Hints{OpenWorld: slices.Contains(openWorldOperations, key)}
	switch {
	case slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method), slices.Contains(readOnlyPosts, key):
		h.ReadOnly, h.Idempotent = true, true
	case method == "PUT", method == "DELETE":
		h.Destructive, h.Idempotent = true, true
	default:
		h.Destructive = slices.Contains(destructiveVerbs, verb)
	}
	return h
}
