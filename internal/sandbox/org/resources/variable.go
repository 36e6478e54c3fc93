package resources

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listConfigurationVariables(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(api.Views(&o.Variables, nil, maskedVariable)), nil
}

func getConfigurationVariable(o *model.Org, c *api.Call) (api.Answer, error) {
	v, err := variableInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(maskedVariable(v)), nil
}

func createConfigurationVariable(o *model.Org, c *api.Call) (api.Answer, error) {
	v := &model.Variable{}
	if err := c.Decode(v); err != nil {
		return api.Answer{}, err
	}
	if err := checkVariable(o, v, nil); err != nil {
		return api.Answer{}, err
	}
	v.ID = o.UUID()
	o.Variables.Put(v)
	return api.Data(maskedVariable(v)), nil
}

// replaceConfigurationVariable keeps nothing of the old variable but its id. So
// a mask that is sent back takes the place of the secret, and a variable that
// stops being secret shows only what this call has brought.
func replaceConfigurationVariable(o *model.Org, c *api.Call) (api.Answer, error) {
	old, err := variableInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	v := &model.Variable{}
	if err := c.Decode(v); err != nil {
		return api.Answer{}, err
	}
	if err := checkVariable(o, v, old); err != nil {
		return api.Answer{}, err
	}
	v.ID = old.ID
	o.Variables.Put(v)
	return api.Data(maskedVariable(v)), nil
}

func deleteConfigurationVariable(o *model.Org, c *api.Call) (api.Answer, error) {
	v, err := variableInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	o.Variables.Delete(v.ID)
	return api.Empty(), nil
}

// maskedVariable is a variable as the API answers it.
func maskedVariable(v *model.Variable) *model.Variable {
	if !v.Secret {
		return v
	}
	out := *v
	out.Values = slices.Clone(v.Values)
	for i := range out.Values {
		out.Values[i].Value = model.EncryptedMask
	}
	if v.DefaultValue != nil {
		out.DefaultValue = new(model.EncryptedMask)
	}
	return &out
}

func variableInPath(o *model.Org, c *api.Call) (*model.Variable, error) {
	return api.InPath(c, &o.Variables, "id", "Configuration variable")
}

// checkVariable refuses a name that a variable other than self has, and values
// that do not belong to one environment each.
func checkVariable(o *model.Org, v, self *model.Variable) error {
	if v.Name == "" {
		return api.BadRequest("Value too short for body parameter: name")
	}
	if _, taken := o.Variables.Find(func(at *model.Variable) bool { return at != self && at.Name == v.Name }); taken {
		return api.Conflict("Configuration variable with name %q already exists", v.Name)
	}
	seen := map[string]bool{}
	for _, value := range v.Values {
		id := value.EnvironmentID
		if !o.Environments.Has(id) {
			return api.Missing("Environment", id)
		}
		if seen[id] {
			return api.BadRequest("Environment with id %q has more than one value", id)
		}
		seen[id] = true
	}
	return nil
}
