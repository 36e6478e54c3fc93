package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// workflow puts one into an organization, with a run.
func workflow(o *model.Org, id, run int, name string) *model.Workflow {
	w := &model.Workflow{ID: uuid(id), Name: name, FolderID: model.FolderWorkflows, IsEnabled: true, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	o.Workflows.Put(w)
	o.Runs.Put(&model.Run{ID: uuid(run), WorkflowID: w.ID, Status: "SUCCESS", TriggerType: "webhook", TriggerID: uuid(run + 1), CreatedAt: o.Now()})
	return w
}

// task puts one into an organization that waits in the run.
func task(o *model.Org, id int, of *model.Workflow, run int, assignees ...model.Assignee) *model.Task {
	t := &model.Task{
		ID: uuid(id), WorkflowID: of.ID, WorkflowName: of.Name, RunID: uuid(run), TaskName: "Approve", Status: "pending",
		Context: []byte(`{"amount":120}`), CreatedAt: o.Now(), Assignees: assignees,
	}
	o.Tasks.Put(t)
	return t
}

func TestWorkflowsAreFoundByName(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		workflow(o, 1, 10, "Nightly sync")
		workflow(o, 2, 20, "Refund approval")
		workflow(o, 3, 30, "Weekly sync")
	})
	require.Equal(t, []any{uuid(1), uuid(3)}, field(a.items("list_workflows", request{}.where("name_contains", "SYNC")), "id"))
	first := a.call("list_workflows", request{}.where("limit", "2")).body.(map[string]any)
	require.EqualValues(t, 3, first["total_count"])
	require.Equal(t, true, first["has_more"])
	rest := a.items("list_workflows", request{}.where("limit", "2", "next_token", first["next_token"].(string)))
	require.Equal(t, []any{uuid(3)}, field(rest, "id"))
	require.Equal(t, "Refund approval", a.object("get_workflow", at("workflowId", uuid(2)))["name"])
}

func TestWorkflowMemoryLimit(t *testing.T) {
	a := startWith(t, func(o *model.Org) { workflow(o, 1, 10, "Nightly sync") })
	set := func(body map[string]any) any {
		a.ok("update_workflow", at("workflowId", uuid(1)).with(body))
		return a.object("get_workflow", at("workflowId", uuid(1)))["code_executor_memory_limit_mbs"]
	}
	const field = "code_executor_memory_limit_mbs"
	require.Nil(t, set(map[string]any{}))
	require.EqualValues(t, 512, set(map[string]any{field: 512}))
	require.EqualValues(t, 512, set(map[string]any{}), "without the member it stays")
	require.Nil(t, set(map[string]any{field: nil}))

	before := a.state()
	for _, bad := range []any{255, 32769, 300.5, "512"} {
		a.fails(http.StatusBadRequest, "update_workflow", at("workflowId", uuid(1)).with(map[string]any{field: bad}))
	}
	a.fails(http.StatusBadRequest, "update_workflow", at("workflowId", uuid(1)).with(map[string]any{"name": "New"}))
	a.fails(http.StatusNotFound, "update_workflow", at("workflowId", uuid(2)).with(map[string]any{field: 512}))
	require.Equal(t, before, a.state())
}

func TestRunIsAnsweredWithoutEnvelope(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		w := workflow(o, 1, 10, "Refund approval")
		task(o, 100, w, 10)
		task(o, 101, w, 10)
		task(o, 102, workflow(o, 2, 20, "Other"), 20)
	})
	run := a.call("get_workflow_run", at("id", uuid(10))).body.(map[string]any)
	require.Equal(t, []any{uuid(10), uuid(1), "SUCCESS", "webhook", uuid(11)}, []any{
		run["id"], run["workflow_id"], run["status"], run["trigger_type"], run["trigger_id"],
	})
	require.NotContains(t, run, "success")
	require.NotContains(t, run, "data")
	tasks := run["user_tasks"].([]any)
	require.Len(t, tasks, 2)
	require.Equal(t, uuid(101), tasks[1].(map[string]any)["id"])
	a.fails(http.StatusNotFound, "get_workflow_run", at("id", uuid(99)))
}

func TestNothingRefersToADeletedWorkflow(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		var entries []model.ManifestEntry
		for id := 1; id <= 2; id++ {
			w := workflow(o, id, id*10, "Approval")
			task(o, id*100, w, id*10)
			o.Releases.Put(&model.Release{ElementID: w.ID, ElementType: "WORKFLOW", ReleaseView: model.ReleaseView{Version: "1.0.0"}})
			o.RoleGrants.Put(&model.RoleGrant{
				ID: uuid(id), SubjectType: "group", SubjectID: "2", ObjectType: new("workflow"), ObjectID: new(w.ID),
			})
			entries = append(entries, model.ManifestEntry{UUID: w.ID, Release: "1.0.0"})
		}
		o.Manifests.Put(&model.Manifest{Name: "production", Workflows: entries})
	})
	a.ok("delete_workflow", at("workflowId", uuid(1)))
	a.fails(http.StatusNotFound, "delete_workflow", at("workflowId", uuid(1)))
	a.fails(http.StatusNotFound, "get_workflow", at("workflowId", uuid(1)))
	a.fails(http.StatusNotFound, "get_workflow_run", at("id", uuid(10)))
	require.Equal(t, []any{uuid(200)}, field(a.items("list_user_tasks", request{}), "id"))
	a.ok("get_workflow_run", at("id", uuid(20)))

	o := a.organization()
	require.Equal(t, 1, o.Releases.Len())
	require.Equal(t, 1, o.RoleGrants.Len())
	require.True(t, o.RoleGrants.Has(uuid(2)))
	manifest, _ := o.Manifests.Get("production")
	require.Equal(t, []model.ManifestEntry{{UUID: uuid(2), Release: "1.0.0"}}, manifest.Workflows)
}
