package resources

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

var colorForm = api.Pattern(`^#[A-Fa-f0-9]{6}$`)

func listEnvironments(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(slices.Collect(o.Environments.All())), nil
}

// environmentFields are the fields of an environment that can be changed.
type environmentFields struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"`
}

func createEnvironment(o *model.Org, _ *api.Call, body environmentFields) (api.Answer, error) {
	e := &model.Environment{
		ID: o.UUID(), Name: body.Name, Description: body.Description, Color: body.Color, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Environments.Put(e)
	return api.Data(e), checkEnvironment(o, e)
}

func fieldsOfEnvironment(e *model.Environment) environmentFields {
	return environmentFields{e.Name, e.Description, e.Color}
}

func updateEnvironment(o *model.Org, _ *api.Call, e *model.Environment, changed environmentFields) (api.Answer, error) {
	e.Name, e.Description, e.Color, e.UpdatedAt = changed.Name, changed.Description, changed.Color, o.Now()
	return api.Data(e), checkEnvironment(o, e)
}

// deleteEnvironment also removes the configurations and the values of variables
// for this environment. The default environment cannot be deleted.
func deleteEnvironment(o *model.Org, _ *api.Call, e *model.Environment) (api.Answer, error) {
	if e.Default {
		return api.Answer{}, api.BadRequest("The default environment cannot be deleted")
	}
	removeConfigurations(o, func(at *model.Configuration) bool { return at.EnvironmentID == e.ID })
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

// checkEnvironment checks the fields of an environment, whose name must be unique.
func checkEnvironment(o *model.Org, e *model.Environment) error {
	if e.Name == "" {
		return api.BadRequest("Value too short for body parameter: name")
	}
	if !colorForm().MatchString(e.Color) {
		return api.BadRequest("Invalid value for body parameter: color")
	}
	if o.Environments.Any(func(other *model.Environment) bool { return other != e && other.Name == e.Name }) {
		return api.Conflict("Environment with name %q already exists", e.Name)
	}
	return nil
}
