package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func newBranch(name string) request { return request{}.with(map[string]any{"branch_name": name}) }

func tryCommit(sha string) request {
	return request{}.with(map[string]any{"deploy_params": map[string]any{"commit_sha": sha}})
}

func deploymentNow(a *api, id any) map[string]any {
	return a.object("get_source_control_deployment", at("id", text(id)))
}

func TestBranches(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	made := a.object("create_source_control_branch", newBranch("refunds/rework"))
	require.NotEmpty(t, made["branch_id"])
	delete(made, "branch_id")
	require.Equal(t, map[string]any{"branch_name": "refunds/rework", "shared": false, "element": nil}, made)
	for elementType, id := range map[string]string{"PAGE": ordersApp, "WORKFLOW": nightlyFlow, "PLAYGROUND_QUERY": sharedQuery} {
		made := a.object("create_source_control_branch", request{}.with(map[string]any{
			"branch_name": "for-" + elementType, "element_id": id, "element_type": elementType, "shared": true,
		}))
		element := made["element"].(map[string]any)
		require.Equal(t, []any{id, elementType}, []any{element["element_id"], element["element_type"]})
		require.NotEmpty(t, element["element_name"])
	}
	changesNothing(a, func() {
		for name, message := range map[string]string{
			"refunds/rework": "already exists", "main": "already exists", "": "too short", "two words": "Invalid branch name",
			"a..b": "Invalid branch name", "/a": "Invalid branch name", "a.lock": "Invalid branch name", "-a": "Invalid branch name",
		} {
			require.Contains(t, a.fails(http.StatusBadRequest, "create_source_control_branch", newBranch(name)), message, name)
		}
		withoutType := request{}.with(map[string]any{"branch_name": "new", "element_id": ordersApp})
		require.Contains(t, a.fails(http.StatusBadRequest, "create_source_control_branch", withoutType), "element_type")
		element := func(id, elementType string) string {
			body := map[string]any{"branch_name": "new", "element_id": id, "element_type": elementType}
			return a.fails(http.StatusNotFound, "create_source_control_branch", request{}.with(body))
		}
		require.Equal(t, `App with id "`+nightlyFlow+`" does not exist`, element(nightlyFlow, "PAGE"))
		require.Equal(t, `Agent with id "`+ordersApp+`" does not exist`, element(ordersApp, "AGENT"))
		require.Equal(t, `Process with id "`+ordersApp+`" does not exist`, element(ordersApp, "PROCESS"))

		require.Equal(t, `Branch "gone" does not exist`, a.fails(http.StatusNotFound, "reset_source_control_branches", newBranch("gone")))
		a.fails(http.StatusBadRequest, "reset_source_control_branches", request{}.with(map[string]any{
			"branch_name": "refunds/rework", "remote_branch_name": "gone",
		}))
	})
}

func TestBranchIsResetToRemote(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	a.ok("create_source_control_branch", request{}.with(map[string]any{"branch_name": "work", "element_id": ordersApp, "element_type": "PAGE"}))
	result := func(from, status string, apps ...any) map[string]any {
		return map[string]any{"branch_name": "work", "remote_branch_name": from, "status": status, "updated_apps": append([]any{}, apps...)}
	}
	require.Equal(t, result("work", "already_synced"), a.object("reset_source_control_branches", newBranch("work")))
	newRelease(a, ordersApp, "1.0.0")
	fromMain := request{}.with(map[string]any{"branch_name": "work", "remote_branch_name": "main"})
	require.Equal(t, result("main", "reset", map[string]any{"app_uuid": ordersApp, "app_name": "Orders"}), a.object("reset_source_control_branches", fromMain))
	require.Equal(t, result("main", "already_synced"), a.object("reset_source_control_branches", fromMain))
}

func TestDeployments(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	var ids []any
	for range 3 {
		d := a.object("deploy_source_control", request{})
		require.Equal(t, "PENDING_START", d["status"])
		require.Nil(t, d["completed_at"])
		require.Equal(t, avasID, d["triggered_by"])
		ids = append(ids, d["id"])

		changesNothing(a, func() {
			after := deploymentNow(a, d["id"])
			require.Equal(t, "SUCCESS", after["status"])
			require.Equal(t, d["commit_sha"], after["commit_sha"])
			require.Greater(t, after["completed_at"], after["created_at"])
		})
	}
	slices.Reverse(ids)
	var listed []any
	for _, d := range a.object("list_source_control_deployments", request{})["deployments"].([]any) {
		listed = append(listed, d.(map[string]any)["id"])
	}
	require.Equal(t, ids, listed, "newest first")
}

func TestDeployTest(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	deployed := a.object("deploy_source_control", request{})
	on := func(sha, branch string) map[string]any {
		r := request{}.with(map[string]any{"deploy_params": map[string]any{"commit_sha": sha, "branch_name": branch}})
		return a.object("test_source_control_deploy", r)
	}
	changesNothing(a, func() {
		passed := map[string]any{"success": true}
		require.Equal(t, passed, a.object("test_source_control_deploy", tryCommit(text(deployed["commit_sha"]))))
		require.Equal(t, passed, a.object("test_source_control_deploy", tryCommit("0a1b2c3")))
		require.Equal(t, passed, on("0a1b2c3", "main"))
		require.Equal(t, map[string]any{"success": false, "message": `Branch "gone" does not exist`}, on("0a1b2c3", "gone"))
		for _, sha := range []string{"abc123", "the newest", "", "0A1B2C3D", "0a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"} {
			verdict := a.object("test_source_control_deploy", tryCommit(sha))
			require.Equal(t, false, verdict["success"], sha)
			require.Contains(t, verdict["message"], "was not found", sha)
		}
	})
	a.fails(http.StatusNotFound, "get_source_control_deployment", at("id", ordersApp))
}
