package org

import "github.com/go-json-experiment/json/jsontext"

// configurationView is a configuration as the API answers it, with copies of
// the resource and the environment as they are at that moment.
type configurationView struct {
	ID          string         `json:"id"`
	Resource    Resource       `json:"resource"`
	Environment Environment    `json:"environment"`
	Options     jsontext.Value `json:"options"`
	CreatedAt   Time           `json:"created_at"`
	UpdatedAt   Time           `json:"updated_at"`
}

func viewConfiguration(o *Org, c *Configuration) configurationView {
	view := configurationView{ID: c.ID, Options: c.Options, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	if r, ok := o.Resources.Get(c.ResourceID); ok {
		view.Resource = *r
	}
	if e, ok := o.Environments.Get(c.EnvironmentID); ok {
		view.Environment = *e
	}
	return view
}

func listResourceConfigurations(o *Org, c *Call) (Answer, error) {
	resourceType, environment := c.Query.Get("resource_type"), c.Query.Get("environment_id")
	resource := c.Query.Get("resource_id")
	if r, ok := o.ResourceByIDOrName(resource); ok {
		resource = r.ID
	}
	return Page(c, &o.Configurations, func(at *Configuration) bool {
		if resource != "" && at.ResourceID != resource || environment != "" && at.EnvironmentID != environment {
			return false
		}
		if resourceType == "" {
			return true
		}
		r, ok := o.Resources.Get(at.ResourceID)
		return ok && r.Type == resourceType
	}, func(c *Configuration) configurationView { return viewConfiguration(o, c) })
}

// getResourceConfiguration answers in the envelope, as real instances do,
// though Retool's documents have IsNull here.
func getResourceConfiguration(o *Org, c *Call) (Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(viewConfiguration(o, at)), nil
}

func createResourceConfiguration(o *Org, c *Call) (Answer, error) {
	var body struct {
		ResourceID    string         `json:"resource_id"`
		EnvironmentID string         `json:"environment_id"`
		Options       jsontext.Value `json:"options"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	r, ok := o.ResourceByIDOrName(body.ResourceID)
	if !ok {
		return Answer{}, Missing("Resource", body.ResourceID)
	}
	e, ok := o.Environments.Get(body.EnvironmentID)
	if !ok {
		return Answer{}, Missing("Environment", body.EnvironmentID)
	}
	if _, taken := o.Configurations.Find(func(at *Configuration) bool {
		return at.ResourceID == r.ID && at.EnvironmentID == e.ID
	}); taken {
		return Answer{}, Conflict("Resource configuration for resource %q and environment %q already exists", r.ID, e.ID)
	}
	options, err := completeOptions(r.Type, body.Options)
	if err != nil {
		return Answer{}, err
	}
	return Data(viewConfiguration(o, addConfiguration(o, r, e, options))), nil
}

// updateResourceConfiguration changes the resource's time, too, but answers
// with the old one: only the next answer shows it, as it is in reality.
func updateResourceConfiguration(o *Org, c *Call) (Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	type fields struct {
		Options jsontext.Value `json:"options"`
	}
	changed, err := Patch(c, fields{at.Options})
	if err != nil {
		return Answer{}, err
	}
	before := viewConfiguration(o, at).Resource
	options, err := completeOptions(before.Type, changed.Options)
	if err != nil {
		return Answer{}, err
	}
	at.Options, at.UpdatedAt = options, o.Now()
	out := viewConfiguration(o, at)
	if r, ok := o.Resources.Get(at.ResourceID); ok {
		r.UpdatedAt = o.Now()
	}
	return Data(out), nil
}

func deleteResourceConfiguration(o *Org, c *Call) (Answer, error) {
	at, err := configurationInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	dropConfigurations(o, func(other *Configuration) bool { return other == at })
	return Empty(), nil
}

func configurationInPath(o *Org, c *Call) (*Configuration, error) {
	return InPath(c, &o.Configurations, "configurationId", "Resource configuration")
}

func addConfiguration(o *Org, r *Resource, e *Environment, options jsontext.Value) *Configuration {
	at := &Configuration{
		ID: o.UUID(), ResourceID: r.ID, EnvironmentID: e.ID, Options: options, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Configurations.Put(at)
	return at
}

// dropConfigurations removes configurations and what was granted on them.
func dropConfigurations(o *Org, gone func(*Configuration) bool) {
	o.Configurations.DeleteFunc(func(at *Configuration) bool {
		out := gone(at)
		if out {
			o.DropObject("resource_configuration", at.ID)
		}
		return out
	})
}
