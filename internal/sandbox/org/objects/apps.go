package objects

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listApps(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := named(c)
	resource := c.Query.Get("using_resource")
	if r, ok := o.ResourceByIDOrName(resource); ok && resource != "" {
		resource = r.ID
	}
	return api.Page(c, &o.Apps, func(a *model.App) bool {
		return fits(a.Name) && (resource == "" || slices.Contains(a.Resources, resource))
	}, viewApp)
}

func viewApp(a *model.App) *model.AppView { return &a.AppView }

func getApp(o *model.Org, c *api.Call) (api.Answer, error) {
	a, err := api.InPath(c, &o.Apps, "appId", "App")
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewApp(a)), nil
}

func deleteApp(o *model.Org, c *api.Call) (api.Answer, error) {
	id := c.Path["appId"]
	if !o.Apps.Has(id) {
		return api.Answer{}, api.NotFound("App", id)
	}
	dropApp(o, id)
	return api.Empty(), nil
}

// cloneApp copies an app into its own folder or another one. The copy has no
// releases and no short address, and source control does not know it.
func cloneApp(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		ID     string `json:"app_id"`
		Name   string `json:"new_app_name"`
		Folder string `json:"folder_id"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
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
	if _, taken := o.Apps.Find(func(a *model.App) bool { return a.Name == body.Name && a.FolderID == folder }); taken {
		return api.Answer{}, api.Conflict("App with name %q already exists", body.Name)
	}
	app := &model.App{AppView: from.AppView, Resources: slices.Clone(from.Resources)}
	app.ID, app.Name, app.FolderID = o.UUID(), body.Name, folder
	app.Protected, app.Synced, app.Shortlink = false, false, nil
	app.CreatedAt, app.UpdatedAt, app.ReleaseVersion = o.Now(), o.Now(), "latest"
	for _, s := range from.Screens {
		app.Screens = append(app.Screens, model.Screen{ID: o.UUID(), Name: s.Name})
	}
	o.Apps.Put(app)
	return api.Data(viewApp(app)), nil
}
