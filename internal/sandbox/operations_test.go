package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org"
)

func TestOperationsMatchDocument(t *testing.T) {
	var ids []string
	for id := range org.Operations() {
		ids = append(ids, id)
	}
	missing, extra := missingAndExtra(described(t).ids, ids)
	require.Empty(t, missing, "operations without a handler: add it to Operations in internal/sandbox/org/<subject>/operations.go")
	require.Empty(t, extra, "handlers in internal/sandbox/org/<subject>/operations.go of operations that the document lacks")
	require.Len(t, ids, len(described(t).ids))
}

func TestOperationWithoutHandlerIsNotImplemented(t *testing.T) {
	for id, method := range map[string]string{"get_group": http.MethodGet, "delete_group": http.MethodDelete} {
		a := start(t, smallOrg)
		group := text(a.items("list_groups", request{})[0]["id"])
		a.box.RemoveHandler(id)
		before := a.state()
		out := a.send(method, "/api/v2/groups/"+group, "", nil)
		require.Equal(t, http.StatusNotImplemented, out.status)
		require.JSONEq(t, `{"success": false, "message": "The sandbox has no handler for `+id+`"}`, string(out.raw))
		require.Equal(t, before, a.state(), "a failed call changed the state")
	}
}

// missingAndExtra returns what only one of two lists contains, sorted.
func missingAndExtra(want, got []string) (missing, extra []string) {
	only := func(list, other []string) (out []string) {
		for _, id := range list {
			if !slices.Contains(other, id) {
				out = append(out, id)
			}
		}
		slices.Sort(out)
		return out
	}
	return only(want, got), only(got, want)
}
