package resources

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listResources(o *model.Org, c *api.Call) (api.Answer, error) {
	resourceType, fits := c.Query.Get("resource_type"), c.NameFilter()
	return api.Page(o, c, &o.Resources, func(r *model.Resource) bool {
		return (resourceType == "" || r.Type == resourceType) && fits(r.DisplayName)
	}, api.Itself)
}

type createResourceBody struct {
	Type        string         `json:"type"`
	DisplayName string         `json:"display_name"`
	FolderID    *string        `json:"folder_id"`
	Options     jsontext.Value `json:"options"`
}

// createResource also configures the resource for the default environment.
func createResource(o *model.Org, _ *api.Call, body createResourceBody) (api.Answer, error) {
	r := &model.Resource{
		ID: o.UUID(), Type: body.Type, DisplayName: body.DisplayName, FolderID: body.FolderID, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Resources.Put(r)
	if err := checkResource(o, r); err != nil {
		return api.Answer{}, err
	}
	options, err := completeOptions(body.Type, body.Options)
	if err != nil {
		return api.Answer{}, err
	}
	if e, ok := defaultEnvironment(o); ok {
		addConfiguration(o, r, e, options)
	}
	return api.Data(r), nil
}

type resourceFields struct {
	DisplayName string  `json:"display_name"`
	FolderID    *string `json:"folder_id"`
}

func fieldsOfResource(r *model.Resource) resourceFields {
	return resourceFields{r.DisplayName, r.FolderID}
}

func updateResource(o *model.Org, _ *api.Call, r *model.Resource, changed resourceFields) (api.Answer, error) {
	r.DisplayName, r.FolderID, r.UpdatedAt = changed.DisplayName, changed.FolderID, o.Now()
	return api.Data(r), checkResource(o, r)
}

// removeResource removes a resource and the references to it. Apps that use it
// stay.
func removeResource(o *model.Org, r *model.Resource) {
	removeConfigurations(o, func(c *model.Configuration) bool { return c.ResourceID == r.ID })
	for app := range o.Apps.All() {
		app.Resources = model.Without(app.Resources, func(id string) bool { return id == r.ID })
	}
	o.DropObject("resource", r.ID)
	o.Resources.Delete(r.ID)
}

func resourceInPath(o *model.Org, c *api.Call) (*model.Resource, error) {
	id := c.Path["resourceId"]
	r, ok := o.ResourceByIDOrName(id)
	if !ok {
		return nil, api.NotFound("Resource", id)
	}
	return r, nil
}

// checkResource checks that the name is unique, since calls may use it in place of
// the id, and the folder. The default is the root folder, as on newer instances.
func checkResource(o *model.Org, r *model.Resource) error {
	if r.DisplayName == "" {
		return api.BadRequest("Value too short for body parameter: display_name")
	}
	if o.Resources.Any(func(other *model.Resource) bool { return other != r && other.DisplayName == r.DisplayName }) {
		return api.Conflict("Resource with name %q already exists", r.DisplayName)
	}
	if r.FolderID == nil {
		r.FolderID = new(model.FolderResources)
	}
	if f, ok := o.Folders.Get(*r.FolderID); !ok || f.FolderType != "resource" {
		return api.Missing("Folder", *r.FolderID)
	}
	return nil
}

// demand is a member, with the objects around it, that options must have.
type demand struct {
	place string // dotted
	want  string // string, array or object
}

// demands are what the options of a type must have. Types that are not listed
// take any options.
var demands = map[string][]demand{
	"anthropic":        {{"key_source", "string"}},
	"awsBedrock":       {{"region", "string"}},
	"azureAI":          {{"base_url", "string"}, {"api_key", "string"}, {"deployment_names", "array"}},
	"azureBlob":        {{"authentication_options.authentication_type", "string"}},
	"customAIProvider": {{"base_url", "string"}, {"api_key", "string"}, {"compatible_schema", "string"}, {"model_list", "array"}},
	"googleGemini":     {{"base_url", "string"}, {"api_key", "string"}},
	"googleVertexAI":   {{"project_id", "string"}, {"location", "string"}, {"service_account_key", "string"}},
	"mysql":            {{"database_options.host", "string"}, {"database_options.port", "string"}},
	"openAIProvider":   {{"key_source", "string"}},
	"postgresql":       {{"database_options", "object"}},
	"redshift":         {{"database_options.host", "string"}, {"database_options.port", "string"}},
	"restapi":          {{"base_url", "string"}},
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
	added, ok := additions[resourceType]
	if !ok || members[added.name] != nil {
		return options, nil
	}
	members[added.name] = jsontext.Value(added.value)
	return json.Marshal(members, json.Deterministic(true))
}

// additions are the members that the server adds to options without them.
var additions = map[string]struct{ name, value string }{
	"restapi":          {"authentication_options", `{"authentication_type":"none"}`},
	"awsBedrock":       ownKey,
	"azureAI":          ownKey,
	"customAIProvider": ownKey,
	"googleGemini":     ownKey,
	"googleVertexAI":   ownKey,
}

var ownKey = struct{ name, value string }{"key_source", `"byok"`}

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
		case value.Kind() != '"' && d.want == "string", value.Kind() != '[' && d.want == "array":
			return api.BadRequest("Invalid %s type for body parameter: %s", d.want, place)
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
