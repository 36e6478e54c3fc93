package people

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

var attributeName = api.Pattern(`^[a-z0-9_]{1,255}$`)

func attributeInPath(o *model.Org, c *api.Call) (*model.Attribute, error) {
	return api.InPath(c, &o.Attributes, "id", "User attribute")
}

func attributeByName(o *model.Org, name string) (*model.Attribute, bool) {
	return o.Attributes.Find(func(a *model.Attribute) bool { return a.Name == name })
}

// unnamed is the failure for a name that no attribute has.
func unnamed(status int, name string) error {
	return api.Errorf(status, "User attribute with name %q does not exist", name)
}

func listUserAttributes(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(slices.Collect(o.Attributes.All())), nil
}

type createUserAttributeBody struct {
	Name     string  `json:"name"`
	Label    string  `json:"label"`
	DataType string  `json:"dataType"`
	Default  *string `json:"defaultValue"`
}

// createUserAttribute defines an attribute. Its default is for users without a
// value, so it is not written into their metadata.
func createUserAttribute(o *model.Org, _ *api.Call, body createUserAttributeBody) (api.Answer, error) {
	a := &model.Attribute{Name: body.Name, Label: body.Label, DataType: body.DataType, DefaultValue: body.Default}
	a.ID = o.UUID()
	o.Attributes.Put(a)
	return api.Data(a), checkAttribute(o, a)
}

// checkAttribute checks a definition, whose name must be unique.
func checkAttribute(o *model.Org, a *model.Attribute) error {
	switch {
	case !attributeName().MatchString(a.Name):
		return api.BadRequest("Invalid value for name")
	case len(a.Label) < 2:
		return api.BadRequest("Invalid value for label")
	case !slices.Contains([]string{"string", "number", "json"}, a.DataType):
		return api.BadRequest("Invalid value for data_type")
	case a.IntercomName != nil && !attributeName().MatchString(*a.IntercomName):
		return api.BadRequest("Invalid value for intercom_attribute_name")
	}
	if o.Attributes.Any(func(other *model.Attribute) bool { return other != a && other.Name == a.Name }) {
		return api.Conflict("User attribute with name %q already exists", a.Name)
	}
	_, err := attributeValue(a, a.DefaultValue)
	return err
}

type attributeFields struct {
	Name         string  `json:"name"`
	Label        string  `json:"label"`
	DataType     string  `json:"data_type"`
	DefaultValue *string `json:"default_value"`
	IntercomName *string `json:"intercom_attribute_name"`
}

func fieldsOfAttribute(a *model.Attribute) attributeFields {
	return attributeFields{a.Name, a.Label, a.DataType, a.DefaultValue, a.IntercomName}
}

// updateUserAttribute changes a definition. With update_existing the values of
// users get its new name and type; otherwise they stay as they are.
func updateUserAttribute(o *model.Org, c *api.Call, a *model.Attribute, fields attributeFields) (api.Answer, error) {
	var body struct {
		UpdateExisting bool `json:"update_existing"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	former := *a
	*a = model.Attribute{
		ID: a.ID, Name: fields.Name, Label: fields.Label, DataType: fields.DataType,
		DefaultValue: fields.DefaultValue, IntercomName: fields.IntercomName,
	}
	if err := checkAttribute(o, a); err != nil || !body.UpdateExisting {
		return api.Data(a), err
	}
	return api.Data(a), convertValues(o, &former, a)
}

// convertValues changes the values that users have for one definition to fit
// another.
func convertValues(o *model.Org, from, to *model.Attribute) error {
	for u := range o.Users.All() {
		value, ok := u.Metadata[from.Name]
		if !ok {
			continue
		}
		if from.DataType != to.DataType {
			var err error
			if value, err = attributeValue(to, textOf(value)); err != nil {
				return err
			}
		}
		u.Metadata = with(without(u.Metadata, from.Name), to.Name, value)
	}
	return nil
}

func deleteUserAttribute(o *model.Org, c *api.Call, a *model.Attribute) (api.Answer, error) {
	if c.Flag("update_existing_users") {
		for u := range o.Users.All() {
			u.Metadata = without(u.Metadata, a.Name)
		}
	}
	o.Attributes.Delete(a.ID)
	return api.Empty(), nil
}

type attributesView struct {
	Metadata model.Attributes `json:"metadata"`
}

// metadataOfUser and metadataOfInvite find the attributes that a call changes.
func metadataOfUser(o *model.Org, c *api.Call) (*model.Attributes, error) {
	u, err := userInPath(o, c)
	if err != nil {
		return nil, err
	}
	return &u.Metadata, nil
}

func metadataOfInvite(o *model.Org, c *api.Call) (*model.Attributes, error) {
	i, err := inviteInPath(o, c)
	if err != nil {
		return nil, err
	}
	return &i.Metadata, nil
}

type attributeBody struct {
	Name  string  `json:"name"`
	Value *string `json:"value"`
}

// setAttribute sets the value of an attribute that is defined.
func setAttribute(o *model.Org, _ *api.Call, metadata *model.Attributes, body attributeBody) (api.Answer, error) {
	a, ok := attributeByName(o, body.Name)
	if !ok {
		return api.Answer{}, unnamed(http.StatusBadRequest, body.Name)
	}
	value, err := attributeValue(a, body.Value)
	if err != nil {
		return api.Answer{}, err
	}
	*metadata = with(*metadata, a.Name, value)
	return api.Data(attributesView{*metadata}), nil
}

// clearAttribute removes a value, whether its attribute is still defined or not.
func clearAttribute(_ *model.Org, c *api.Call, metadata *model.Attributes) (api.Answer, error) {
	name := c.Path["attributeName"]
	if _, ok := (*metadata)[name]; !ok {
		return api.Answer{}, unnamed(http.StatusNotFound, name)
	}
	*metadata = without(*metadata, name)
	return api.Data(attributesView{*metadata}), nil
}

// with returns a copy of attributes with one more value.
func with(attributes model.Attributes, name string, value jsontext.Value) model.Attributes {
	out := maps.Clone(attributes)
	if out == nil {
		out = model.Attributes{}
	}
	out[name] = value
	return out
}

// without returns a copy of attributes that lacks one of them.
func without(attributes model.Attributes, name string) model.Attributes {
	out := maps.Clone(attributes)
	delete(out, name)
	return out
}

// attributeValue is how metadata holds a value that was sent as text: an attribute of
// type number as a number, one of type json as what the text says.
func attributeValue(a *model.Attribute, text *string) (jsontext.Value, error) {
	if text == nil {
		return jsontext.Value("null"), nil
	}
	trimmed := strings.TrimSpace(*text)
	value := jsontext.Value(trimmed)
	switch a.DataType {
	case "number":
		// A number that no float holds would come back as another one.
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil || !value.IsValid() {
			return nil, api.BadRequest("Value of user attribute %q is not a number", a.Name)
		}
		return value, nil
	case "json":
		if !value.IsValid() {
			return nil, api.BadRequest("Value of user attribute %q is not valid JSON", a.Name)
		}
		return value, nil
	default:
		return json.Marshal(*text)
	}
}

// textOf undoes attributeValue: the text that a value could have been sent as.
func textOf(value jsontext.Value) *string {
	if model.IsNull(value) {
		return nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value) // no string
	}
	return &text
}
