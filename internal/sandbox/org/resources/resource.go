package resources

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// itself is the view of what is answered as it is stored.
func itself[T any](item T) T { return item }

func listResources(o *model.Org, c *api.Call) (api.Answer, error) {
	resourceType, part := c.Query.Get("resource_type"), strings.ToLower(c.Query.Get("name_contains"))
	return api.Page(c, &o.Resources, func(r *model.Resource) bool {
		return (resourceType == "" || r.Type == resourceType) && strings.Contains(strings.ToLower(r.DisplayName), part)
	}, itself)
}

func getResource(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := resourceInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(r), nil
}

// createResource configures the new resource for the default environment, too.
func createResource(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Type        string         `json:"type"`
		DisplayName string         `json:"display_name"`
		FolderID    *string        `json:"folder_id"`
		Options     jsontext.Value `json:"options"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkResourceName(o, body.DisplayName, nil); err != nil {
		return api.Answer{}, err
	}
	folder, err := resourceFolder(o, body.FolderID)
	if err != nil {
		return api.Answer{}, err
	}
	options, err := completeOptions(body.Type, body.Options)
	if err != nil {
		return api.Answer{}, err
	}
	r := &model.Resource{
		ID: o.UUID(), Type: body.Type, DisplayName: body.DisplayName, FolderID: folder, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Resources.Put(r)
	if e, ok := defaultEnvironment(o); ok {
		addConfiguration(o, r, e, options)
	}
	return api.Data(r), nil
}

func updateResource(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := resourceInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	type fields struct {
		DisplayName string  `json:"display_name"`
		FolderID    *string `json:"folder_id"`
	}
	changed, err := api.Patch(c, fields{r.DisplayName, r.FolderID})
	if err != nil {
		return api.Answer{}, err
	}
	if err := checkResourceName(o, changed.DisplayName, r); err != nil {
		return api.Answer{}, err
	}
	folder, err := resourceFolder(o, changed.FolderID)
	if err != nil {
		return api.Answer{}, err
	}
	r.DisplayName, r.FolderID, r.UpdatedAt = changed.DisplayName, folder, o.Now()
	return api.Data(r), nil
}

func deleteResource(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := resourceInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	dropResource(o, r)
	return api.Empty(), nil
}

// dropResource removes a resource and whatever refers to it. Apps that use it
// stay, without it.
func dropResource(o *model.Org, r *model.Resource) {
	dropConfigurations(o, func(c *model.Configuration) bool { return c.ResourceID == r.ID })
	for app := range o.Apps.All() {
		app.Resources = model.Without(app.Resources, func(id string) bool { return id == r.ID })
	}
	o.DropObject("resource", r.ID)
	o.Resources.Delete(r.ID)
}

func resourceInPath(o *model.Org, c *api.Call) (*model.Resource, error) {
	id := c.Path["resourceId"]
	r, ok := o.ResourceByIDOrName(id)
	if !ok {
		return nil, api.NotFound("Resource", id)
	}
	return r, nil
}

// checkResourceName refuses a name that is empty or belongs to a resource other
// than self: calls may name a resource instead of its id.
func checkResourceName(o *model.Org, name string, self *model.Resource) error {
	if name == "" {
		return api.BadRequest("Value too short for body parameter: display_name")
	}
	if _, taken := o.Resources.Find(func(r *model.Resource) bool { return r != self && r.DisplayName == name }); taken {
		return api.Conflict("Resource with name %q already exists", name)
	}
	return nil
}

// resourceFolder is the folder where a resource goes: the root one if IsNull is
// named, as newer instances do it.
func resourceFolder(o *model.Org, id *string) (*string, error) {
	if id == nil {
		return new(model.FolderResources), nil
	}
	if f, ok := o.Folders.Get(*id); !ok || f.FolderType != "resource" {
		return nil, api.Missing("Folder", *id)
	}
	return id, nil
}
