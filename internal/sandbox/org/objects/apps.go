package objects

import (
	"cmp"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listApps(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := c.NameFilter()
	resource := c.Query.Get("using_resource")
	if r, ok := o.ResourceByIDOrName(resource); ok && resource != "" {
		resource = r.ID
	}
	return api.Page(o, c, &o.Apps, func(a *model.App) bool {
		return fits(a.Name) && (resource == "" || slices.Contains(a.Resources, resource))
	}, viewApp)
}

func viewApp(_ *model.Org, a *model.App) model.AppView {
	view := a.AppView
	view.AppType = cmp.Or(view.AppType, "classic")
	return view
}

func appInPath(o *model.Org, c *api.Call) (*model.App, error) {
	return api.InPath(c, &o.Apps, "appId", "App")
}

type cloneAppBody struct {
	ID     string `json:"app_id"`
	Name   string `json:"new_app_name"`
	Folder string `json:"folder_id"`
}

// cloneApp copies an app into its own folder or another one. The copy has no
// releases and no address, and source control does not know it.
func cloneApp(o *model.Org, _ *api.Call, body cloneAppBody) (api.Answer, error) {
	from, ok := o.Apps.Get(body.ID)
	if !ok {
		return api.Answer{}, api.NotFound("App", body.ID)
	}
	folder := from.FolderID
	if body.Folder != "" {
		f, ok := o.Folders.Get(body.Folder)
		if !ok {
			return api.Answer{}, api.NotFound("Folder", body.Folder)
		}
		if f.FolderType != "app" {
			return api.Answer{}, api.BadRequest("Folder with id %q is not a folder of type app", f.ID)
		}
		folder = f.ID
	}
	if o.Apps.Any(func(a *model.App) bool { return a.Name == body.Name && a.FolderID == folder }) {
		return api.Answer{}, api.Conflict("App with name %q already exists", body.Name)
	}
	app := &model.App{AppView: from.AppView, Resources: slices.Clone(from.Resources)}
	app.ID, app.Name, app.FolderID = o.UUID(), body.Name, folder
	app.Detach()
	app.CreatedAt, app.UpdatedAt, app.ReleaseVersion = o.Now(), o.Now(), "latest"
	for _, s := range from.Screens {
		app.Screens = append(app.Screens, model.Screen{ID: o.UUID(), Name: s.Name})
	}
	o.Apps.Put(app)
	return api.Data(viewApp(o, app)), nil
}

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
