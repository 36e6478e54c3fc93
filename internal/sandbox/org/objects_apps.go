package org

import "slices"

func listApps(o *Org, c *Call) (Answer, error) {
	fits := named(c)
	resource := c.Query.Get("using_resource")
	if r, ok := o.ResourceByIDOrName(resource); ok && resource != "" {
		resource = r.ID
	}
	return Page(c, &o.Apps, func(a *App) bool {
		return fits(a.Name) && (resource == "" || slices.Contains(a.Resources, resource))
	}, viewApp)
}

func viewApp(a *App) *AppView { return &a.AppView }

func getApp(o *Org, c *Call) (Answer, error) {
	a, err := InPath(c, &o.Apps, "appId", "App")
	if err != nil {
		return Answer{}, err
	}
	return Data(viewApp(a)), nil
}

func deleteApp(o *Org, c *Call) (Answer, error) {
	id := c.Path["appId"]
	if !o.Apps.Has(id) {
		return Answer{}, NotFound("App", id)
	}
	dropApp(o, id)
	return Empty(), nil
}

// cloneApp copies an app into its own folder or another one. The copy has no
// releases and no short address, and source control does not know it.
func cloneApp(o *Org, c *Call) (Answer, error) {
	var body struct {
		ID     string `json:"app_id"`
		Name   string `json:"new_app_name"`
		Folder string `json:"folder_id"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	from, ok := o.Apps.Get(body.ID)
	if !ok {
		return Answer{}, NotFound("App", body.ID)
	}
	folder := from.FolderID
	if body.Folder != "" {
		f, ok := o.Folders.Get(body.Folder)
		if !ok {
			return Answer{}, NotFound("Folder", body.Folder)
		}
		if f.FolderType != "app" {
			return Answer{}, BadRequest("Folder with id %q is not a folder of type app", f.ID)
		}
		folder = f.ID
	}
	if _, taken := o.Apps.Find(func(a *App) bool { return a.Name == body.Name && a.FolderID == folder }); taken {
		return Answer{}, Conflict("App with name %q already exists", body.Name)
	}
	app := &App{AppView: from.AppView, Resources: slices.Clone(from.Resources)}
	app.ID, app.Name, app.FolderID = o.UUID(), body.Name, folder
	app.Protected, app.Synced, app.Shortlink = false, false, nil
	app.CreatedAt, app.UpdatedAt, app.ReleaseVersion = o.Now(), o.Now(), "latest"
	for _, s := range from.Screens {
		app.Screens = append(app.Screens, Screen{ID: o.UUID(), Name: s.Name})
	}
	o.Apps.Put(app)
	return Data(viewApp(app)), nil
}
