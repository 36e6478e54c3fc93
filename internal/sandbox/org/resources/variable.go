package resources

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listConfigurationVariables(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(api.Views(o, &o.Variables, nil, maskedVariable)), nil
}

func createConfigurationVariable(o *model.Org, _ *api.Call, v *model.Variable) (api.Answer, error) {
	return putVariable(o, v, o.UUID())
}

// replaceConfigurationVariable keeps only the id of the old variable. So a mask
// that is sent back replaces the secret, and a variable that is secret no longer
// shows only the values of this call.
func replaceConfigurationVariable(o *model.Org, _ *api.Call, old, v *model.Variable) (api.Answer, error) {
	return putVariable(o, v, old.ID)
}

func putVariable(o *model.Org, v *model.Variable, id string) (api.Answer, error) {
	v.ID = id
	o.Variables.Put(v)
	return api.Data(maskedVariable(o, v)), checkVariable(o, v)
}

func removeVariable(o *model.Org, v *model.Variable) { o.Variables.Delete(v.ID) }

// maskedVariable is a variable as the API answers it: without secrets.
func maskedVariable(_ *model.Org, v *model.Variable) *model.Variable {
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

// checkVariable checks that the name is unique and that each value belongs to an
// environment of its own.
func checkVariable(o *model.Org, v *model.Variable) error {
	if v.Name == "" {
		return api.BadRequest("Value too short for body parameter: name")
	}
	if o.Variables.Any(func(at *model.Variable) bool { return at.ID != v.ID && at.Name == v.Name }) {
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
