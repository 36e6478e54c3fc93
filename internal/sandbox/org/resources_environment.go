package org

import (
	"slices"
)

var colorForm = Pattern(`^#[A-Fa-f0-9]{6}$`)

func listEnvironments(o *Org, _ *Call) (Answer, error) {
	return List(Views(&o.Environments, nil, itself)), nil
}

func getEnvironment(o *Org, c *Call) (Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(e), nil
}

// environmentFields is what can be changed of an environment. Which one is the
// default cannot.
type environmentFields struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"`
}

func createEnvironment(o *Org, c *Call) (Answer, error) {
	var body environmentFields
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if err := checkEnvironment(o, body, nil); err != nil {
		return Answer{}, err
	}
	e := &Environment{
		ID: o.UUID(), Name: body.Name, Description: body.Description, Color: body.Color, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Environments.Put(e)
	return Data(e), nil
}

func updateEnvironment(o *Org, c *Call) (Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	changed, err := Patch(c, environmentFields{e.Name, e.Description, e.Color})
	if err != nil {
		return Answer{}, err
	}
	if err := checkEnvironment(o, changed, e); err != nil {
		return Answer{}, err
	}
	e.Name, e.Description, e.Color, e.UpdatedAt = changed.Name, changed.Description, changed.Color, o.Now()
	return Data(e), nil
}

// deleteEnvironment takes with it the configurations and the variables' values
// that only this environment has. The default environment stays: resources are
// created in it.
func deleteEnvironment(o *Org, c *Call) (Answer, error) {
	e, err := environmentInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	if e.Default {
		return Answer{}, BadRequest("The default environment cannot be deleted")
	}
	dropConfigurations(o, func(at *Configuration) bool { return at.EnvironmentID == e.ID })
	for v := range o.Variables.All() {
		v.Values = slices.DeleteFunc(v.Values, func(value VariableValue) bool { return value.EnvironmentID == e.ID })
	}
	o.Environments.Delete(e.ID)
	return Empty(), nil
}

func environmentInPath(o *Org, c *Call) (*Environment, error) {
	return InPath(c, &o.Environments, "environmentId", "Environment")
}

func defaultEnvironment(o *Org) (*Environment, bool) {
	return o.Environments.Find(func(e *Environment) bool { return e.Default })
}

// checkEnvironment refuses what no environment may be, or what only self is.
func checkEnvironment(o *Org, f environmentFields, self *Environment) error {
	if f.Name == "" {
		return BadRequest("Value too short for body parameter: name")
	}
	if !colorForm().MatchString(f.Color) {
		return BadRequest("Invalid value for body parameter: color")
	}
	if _, taken := o.Environments.Find(func(e *Environment) bool { return e != self && e.Name == f.Name }); taken {
		return Conflict("Environment with name %q already exists", f.Name)
	}
	return nil
}
