package resources

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// configurationView is a configuration as the API answers it, with copies of the
// resource and the environment.
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
	return api.Page(o, c, &o.Configurations, func(at *model.Configuration) bool {
		if resource != "" && at.ResourceID != resource || environment != "" && at.EnvironmentID != environment {
			return false
		}
		if resourceType == "" {
			return true
		}
		r, ok := o.Resources.Get(at.ResourceID)
		return ok && r.Type == resourceType
	}, viewConfiguration)
}

type createResourceConfigurationBody struct {
	ResourceID    string         `json:"resource_id"`
	EnvironmentID string         `json:"environment_id"`
	Options       jsontext.Value `json:"options"`
}

func createResourceConfiguration(o *model.Org, _ *api.Call, body createResourceConfigurationBody) (api.Answer, error) {
	r, ok := o.ResourceByIDOrName(body.ResourceID)
	if !ok {
		return api.Answer{}, api.Missing("Resource", body.ResourceID)
	}
	e, ok := o.Environments.Get(body.EnvironmentID)
	if !ok {
		return api.Answer{}, api.Missing("Environment", body.EnvironmentID)
	}
	if o.Configurations.Any(func(at *model.Configuration) bool {
		return at.ResourceID == r.ID && at.EnvironmentID == e.ID
	}) {
		return api.Answer{}, api.Conflict("Resource configuration for resource %q and environment %q already exists", r.ID, e.ID)
	}
	options, err := completeOptions(r.Type, body.Options)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewConfiguration(o, addConfiguration(o, r, e, options))), nil
}

type configurationFields struct {
	Options jsontext.Value `json:"options"`
}

func fieldsOfConfiguration(at *model.Configuration) configurationFields {
	return configurationFields{at.Options}
}

// updateResourceConfiguration also sets updated_at of the resource, but like the
// real API its answer shows the former one.
func updateResourceConfiguration(o *model.Org, _ *api.Call, at *model.Configuration, changed configurationFields) (api.Answer, error) {
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

func removeConfiguration(o *model.Org, at *model.Configuration) {
	removeConfigurations(o, func(other *model.Configuration) bool { return other == at })
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

// removeConfigurations removes configurations and the grants on them.
func removeConfigurations(o *model.Org, gone func(*model.Configuration) bool) {
	o.Configurations.DeleteFunc(func(at *model.Configuration) bool {
		out := gone(at)
		if out {
			o.DropObject("resource_configuration", at.ID)
		}
		return out
	})
}
