package org

func listWorkflows(o *Org, c *Call) (Answer, error) {
	fits := named(c)
	return Page(c, &o.Workflows,
		func(w *Workflow) bool { return fits(w.Name) },
		func(w *Workflow) *Workflow { return w })
}

// workflowOf is the workflow that the call's path names.
func workflowOf(o *Org, c *Call) (*Workflow, error) {
	return InPath(c, &o.Workflows, "workflowId", "Workflow")
}

func getWorkflow(o *Org, c *Call) (Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(w), nil
}

// updateWorkflow sets the memory limit: null is for the organization's default,
// and without the member it stays.
func updateWorkflow(o *Org, c *Call) (Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		Limit *float64 `json:"code_executor_memory_limit_mbs"`
	}
	if w.MemoryLimit != nil {
		body.Limit = new(float64(*w.MemoryLimit))
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	w.MemoryLimit = nil
	if body.Limit != nil {
		w.MemoryLimit = new(int(*body.Limit))
	}
	w.UpdatedAt = o.Now()
	return Data(w), nil
}

func deleteWorkflow(o *Org, c *Call) (Answer, error) {
	w, err := workflowOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	dropWorkflow(o, w.ID)
	return Empty(), nil
}

// getWorkflowRun answers a run with its tasks, without the envelope.
func getWorkflowRun(o *Org, c *Call) (Answer, error) {
	r, err := InPath(c, &o.Runs, "id", "Workflow run")
	if err != nil {
		return Answer{}, err
	}
	tasks := Views(&o.Tasks, func(t *Task) bool { return t.RunID == r.ID }, func(t *Task) Task { return viewTask(o, t) })
	return Bare(200, struct {
		*Run
		UserTasks []Task `json:"user_tasks"`
	}{r, tasks}), nil
}
