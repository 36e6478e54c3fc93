package objects

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listWorkflows(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := c.NameFilter()
	return api.Page(o, c, &o.Workflows, func(w *model.Workflow) bool { return fits(w.Name) }, api.Itself)
}

func workflowInPath(o *model.Org, c *api.Call) (*model.Workflow, error) {
	return api.InPath(c, &o.Workflows, "workflowId", "Workflow")
}

// updateWorkflow sets the memory limit: null means the organization's default, and
// a missing member keeps the limit.
func updateWorkflow(o *model.Org, c *api.Call, w *model.Workflow) (api.Answer, error) {
	var body struct {
		Limit *float64 `json:"code_executor_memory_limit_mbs"`
	}
	if w.MemoryLimit != nil {
		body.Limit = new(float64(*w.MemoryLimit))
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	w.MemoryLimit = nil
	if body.Limit != nil {
		w.MemoryLimit = new(int(*body.Limit))
	}
	w.UpdatedAt = o.Now()
	return api.Data(w), nil
}

func runInPath(o *model.Org, c *api.Call) (*model.Run, error) {
	return api.InPath(c, &o.Runs, "id", "Workflow run")
}

// getWorkflowRun answers a run with its tasks, without the envelope.
func getWorkflowRun(o *model.Org, _ *api.Call, r *model.Run) (api.Answer, error) {
	tasks := api.Views(o, &o.Tasks, func(t *model.Task) bool { return t.RunID == r.ID }, viewTask)
	return api.Bare(200, struct {
		*model.Run
		UserTasks []model.Task `json:"user_tasks"`
	}{r, tasks}), nil
}
