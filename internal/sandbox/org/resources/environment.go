package resources

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

var colorForm = api.Pattern(`^#[A-Fa-f0-9]{6}$`)

func listEnvironments(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(&o.Environments, nil, itself)), nil
}

func getEnvironment(o *model.Org, c *api.Call) (api.Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(e), nil
}

// environmentFields is what can be changed of an environment. Which one is the
// default cannot.
type environmentFields struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"`
}

func createEnvironment(o *model.Org, c *api.Call) (api.Answer, error) {
	var body environmentFields
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := checkEnvironment(o, body, nil); err != nil {
		return api.Answer{}, err
	}
	e := &model.Environment{
		ID: o.UUID(), Name: body.Name, Description: body.Description, Color: body.Color, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Environments.Put(e)
	return api.Data(e), nil
}

func updateEnvironment(o *model.Org, c *api.Call) (api.Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	changed, err := api.Patch(c, environmentFields{e.Name, e.Description, e.Color})
	if err != nil {
		return api.Answer{}, err
	}
	if err := checkEnvironment(o, changed, e); err != nil {
		return api.Answer{}, err
	}
	e.Name, e.Description, e.Color, e.UpdatedAt = changed.Name, changed.Description, changed.Color, o.Now()
	return api.Data(e), nil
}

// deleteEnvironment takes with it the configurations and the variables' values
// that only this environment has. The default environment stays: resources are
// created in it.
func deleteEnvironment(o *model.Org, c *api.Call) (api.Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	if e.Default {
		return api.Answer{}, api.BadRequest("The default environment cannot be deleted")
	}
	dropConfigurations(o, func(at *model.Configuration) bool { return at.EnvironmentID == e.ID })
	for v := range o.Variables.All() {
		v.Values = model.Without(v.Values, func(value model.VariableValue) bool { return value.EnvironmentID == e.ID })
	}
	o.Environments.Delete(e.ID)
	return api.Empty(), nil
}

func environmentInPath(o *model.Org, c *api.Call) (*model.Environment, error) {
	return api.InPath(c, &o.Environments, "environmentId", "Environment")
}

func defaultEnvironment(o *model.Org) (*model.Environment, bool) {
	return o.Environments.Find(func(e *model.Environment) bool { return e.Default })
}

// checkEnvironment refuses what no environment may be, or what only self is.
func checkEnvironment(o *model.Org, f environmentFields, self *model.Environment) error {
	if f.Name == "" {
		return api.BadRequest("Value too short for body parameter: name")
	}
	if !colorForm().MatchString(f.Color) {
		return api.BadRequest("Invalid value for body parameter: color")
	}
	if _, taken := o.Environments.Find(func(e *model.Environment) bool { return e != self && e.Name == f.Name }); taken {
		return api.Conflict("Environment with name %q already exists", f.Name)
	}
	return nil
}
