package resources

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// configurationView is a configuration as the API answers it, with copies of
// the resource and the environment as they are at that moment.
type configurationView struct {
	ID          string            `json:"id"`
	Resource    model.Resource    `json:"resource"`
	Environment model.Environment `json:"environment"`
	Options     jsontext.Value    `json:"options"`
	CreatedAt   model.Time        `json:"created_at"`
	UpdatedAt   model.Time        `json:"updated_at"`
}

func viewConfiguration(o *model.Org, c *model.Configuration) configurationView {
	view := configurationView{ID: c.ID, Options: c.Options, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	if r, ok := o.Resources.Get(c.ResourceID); ok {
		view.Resource = *r
	}
	if e, ok := o.Environments.Get(c.EnvironmentID); ok {
		view.Environment = *e
	}
	return view
}

func listResourceConfigurations(o *model.Org, c *api.Call) (api.Answer, error) {
	resourceType, environment := c.Query.Get("resource_type"), c.Query.Get("environment_id")
	resource := c.Query.Get("resource_id")
	if r, ok := o.ResourceByIDOrName(resource); ok {
		resource = r.ID
	}
	return api.Page(c, &o.Configurations, func(at *model.Configuration) bool {
		if resource != "" && at.ResourceID != resource || environment != "" && at.EnvironmentID != environment {
			return false
		}
		if resourceType == "" {
			return true
		}
		r, ok := o.Resources.Get(at.ResourceID)
		return ok && r.Type == resourceType
	}, func(c *model.Configuration) configurationView { return viewConfiguration(o, c) })
}

// getResourceConfiguration answers in the envelope, as real instances do,
// though Retool's documents have IsNull here.
func getResourceConfiguration(o *model.Org, c *api.Call) (api.Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewConfiguration(o, at)), nil
}

func createResourceConfiguration(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		ResourceID    string         `json:"resource_id"`
		EnvironmentID string         `json:"environment_id"`
		Options       jsontext.Value `json:"options"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	r, ok := o.ResourceByIDOrName(body.ResourceID)
	if !ok {
		return api.Answer{}, api.Missing("Resource", body.ResourceID)
	}
	e, ok := o.Environments.Get(body.EnvironmentID)
	if !ok {
		return api.Answer{}, api.Missing("Environment", body.EnvironmentID)
	}
	if _, taken := o.Configurations.Find(func(at *model.Configuration) bool {
		return at.ResourceID == r.ID && at.EnvironmentID == e.ID
	}); taken {
		return api.Answer{}, api.Conflict("Resource configuration for resource %q and environment %q already exists", r.ID, e.ID)
	}
	options, err := completeOptions(r.Type, body.Options)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewConfiguration(o, addConfiguration(o, r, e, options))), nil
}

// updateResourceConfiguration changes the resource's time, too, but answers
// with the old one: only the next answer shows it, as it is in reality.
func updateResourceConfiguration(o *model.Org, c *api.Call) (api.Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	type fields struct {
		Options jsontext.Value `json:"options"`
	}
	changed, err := api.Patch(c, fields{at.Options})
	if err != nil {
		return api.Answer{}, err
	}
	before := viewConfiguration(o, at).Resource
	options, err := completeOptions(before.Type, changed.Options)
	if err != nil {
		return api.Answer{}, err
	}
	at.Options, at.UpdatedAt = options, o.Now()
	out := viewConfiguration(o, at)
	if r, ok := o.Resources.Get(at.ResourceID); ok {
		r.UpdatedAt = o.Now()
	}
	return api.Data(out), nil
}

func deleteResourceConfiguration(o *model.Org, c *api.Call) (api.Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	dropConfigurations(o, func(other *model.Configuration) bool { return other == at })
	return api.Empty(), nil
}

func configurationInPath(o *model.Org, c *api.Call) (*model.Configuration, error) {
	return api.InPath(c, &o.Configurations, "configurationId", "Resource configuration")
}

func addConfiguration(o *model.Org, r *model.Resource, e *model.Environment, options jsontext.Value) *model.Configuration {
	at := &model.Configuration{
		ID: o.UUID(), ResourceID: r.ID, EnvironmentID: e.ID, Options: options, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Configurations.Put(at)
	return at
}

// dropConfigurations removes configurations and what was granted on them.
func dropConfigurations(o *model.Org, gone func(*model.Configuration) bool) {
	o.Configurations.DeleteFunc(func(at *model.Configuration) bool {
		out := gone(at)
		if out {
			o.DropObject("resource_configuration", at.ID)
		}
		return out
	})
}
