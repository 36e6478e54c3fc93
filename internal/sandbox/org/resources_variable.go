package org

import "slices"

func listConfigurationVariables(o *Org, _ *Call) (Answer, error) {
	return Data(Views(&o.Variables, nil, maskedVariable)), nil
}

func getConfigurationVariable(o *Org, c *Call) (Answer, error) {
	v, err := variableInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(maskedVariable(v)), nil
}

func createConfigurationVariable(o *Org, c *Call) (Answer, error) {
	v := &Variable{}
	if err := c.Decode(v); err != nil {
		return Answer{}, err
	}
	if err := checkVariable(o, v, nil); err != nil {
		return Answer{}, err
	}
	v.ID = o.UUID()
	o.Variables.Put(v)
	return Data(maskedVariable(v)), nil
}

// replaceConfigurationVariable keeps nothing of the old variable but its id. So
// a mask that is sent back takes the place of the secret, and a variable that
// stops being secret shows only what this call has brought.
func replaceConfigurationVariable(o *Org, c *Call) (Answer, error) {
	old, err := variableInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	v := &Variable{}
	if err := c.Decode(v); err != nil {
		return Answer{}, err
	}
	if err := checkVariable(o, v, old); err != nil {
		return Answer{}, err
	}
	v.ID = old.ID
	o.Variables.Put(v)
	return Data(maskedVariable(v)), nil
}

func deleteConfigurationVariable(o *Org, c *Call) (Answer, error) {
	v, err := variableInPath(o, c)
	if err != nil {
		return Answer{}, err
	}
	o.Variables.Delete(v.ID)
	return Empty(), nil
}

// maskedVariable is a variable as the API answers it.
func maskedVariable(v *Variable) *Variable {
	if !v.Secret {
		return v
	}
	out := *v
	out.Values = slices.Clone(v.Values)
	for i := range out.Values {
		out.Values[i].Value = EncryptedMask
	}
	if v.DefaultValue != nil {
		out.DefaultValue = new(EncryptedMask)
	}
	return &out
}

func variableInPath(o *Org, c *Call) (*Variable, error) {
	return InPath(c, &o.Variables, "id", "Configuration variable")
}

// checkVariable refuses a name that a variable other than self has, and values
// that do not belong to one environment each.
func checkVariable(o *Org, v, self *Variable) error {
	if v.Name == "" {
		return BadRequest("Value too short for body parameter: name")
	}
	if _, taken := o.Variables.Find(func(at *Variable) bool { return at != self && at.Name == v.Name }); taken {
		return Conflict("Configuration variable with name %q already exists", v.Name)
	}
	seen := map[string]bool{}
	for _, value := range v.Values {
		id := value.EnvironmentID
		if !o.Environments.Has(id) {
			return Missing("Environment", id)
		}
		if seen[id] {
			return BadRequest("Environment with id %q has more than one value", id)
		}
		seen[id] = true
	}
	return nil
}
