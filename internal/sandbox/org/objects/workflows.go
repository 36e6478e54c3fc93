package objects

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listWorkflows(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := named(c)
	return api.Page(c, &o.Workflows,
		func(w *model.Workflow) bool { return fits(w.Name) },
		func(w *model.Workflow) *model.Workflow { return w })
}

// workflowOf is the workflow that the call's path names.
func workflowOf(o *model.Org, c *api.Call) (*model.Workflow, error) {
	return api.InPath(c, &o.Workflows, "workflowId", "Workflow")
}

func getWorkflow(o *model.Org, c *api.Call) (api.Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(w), nil
}

// updateWorkflow sets the memory limit: null is for the organization's default,
// and without the member it stays.
func updateWorkflow(o *model.Org, c *api.Call) (api.Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
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

func deleteWorkflow(o *model.Org, c *api.Call) (api.Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	dropWorkflow(o, w.ID)
	return api.Empty(), nil
}

// getWorkflowRun answers a run with its tasks, without the envelope.
func getWorkflowRun(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := api.InPath(c, &o.Runs, "id", "Workflow run")
	if err != nil {
		return api.Answer{}, err
	}
	tasks := api.Views(&o.Tasks, func(t *model.Task) bool { return t.RunID == r.ID }, func(t *model.Task) model.Task { return viewTask(o, t) })
	return api.Bare(200, struct {
		*model.Run
		UserTasks []model.Task `json:"user_tasks"`
	}{r, tasks}), nil
}
