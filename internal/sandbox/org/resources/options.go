package resources

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// demand is a member, with the objects around it, that options must have.
type demand struct {
	place string // dotted
	want  string // string or object
}

// demands are what the options of a type must have. Types that are not listed
// take any options.
var demands = map[string][]demand{
	"azureBlob":  {{"authentication_options.authentication_type", "string"}},
	"mysql":      {{"database_options.host", "string"}, {"database_options.port", "string"}},
	"postgresql": {{"database_options", "object"}},
	"redshift":   {{"database_options.host", "string"}, {"database_options.port", "string"}},
	"restapi":    {{"base_url", "string"}},
	"snowflake": {
		{"account_identifier", "string"},
		{"authentication_options.authentication_type", "string"},
		{"database_options.name", "string"},
	},
}

// completeOptions checks a resource's options by its type, since a JSON Patch
// can make anything of them, and adds the default that the real server adds.
func completeOptions(resourceType string, options jsontext.Value) (jsontext.Value, error) {
	members, err := optionMembers(options, "options")
	if err != nil {
		return nil, err
	}
	for _, d := range demands[resourceType] {
		if err := d.check(members); err != nil {
			return nil, err
		}
	}
	if _, ok := members["authentication_options"]; resourceType == "restapi" && !ok {
		members["authentication_options"] = jsontext.Value(`{"authentication_type":"none"}`)
		return json.Marshal(members, json.Deterministic(true))
	}
	return options, nil
}

func (d demand) check(members map[string]jsontext.Value) (err error) {
	steps := strings.Split(d.place, ".")
	for i, step := range steps {
		place := "options." + strings.Join(steps[:i+1], ".")
		value, ok := members[step]
		switch {
		case !ok:
			return api.BadRequest("Missing required body parameter: %s", place)
		case i < len(steps)-1 || d.want == "object":
			if members, err = optionMembers(value, place); err != nil {
				return err
			}
		case value.Kind() != '"':
			return api.BadRequest("Invalid string type for body parameter: %s", place)
		}
	}
	return nil
}

func optionMembers(value jsontext.Value, place string) (map[string]jsontext.Value, error) {
	members := map[string]jsontext.Value{}
	if value.Kind() != '{' || json.Unmarshal(value, &members) != nil {
		return nil, api.BadRequest("Invalid object type for body parameter: %s", place)
	}
	return members, nil
}
