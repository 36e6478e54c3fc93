package org

import (
	"fmt"
	"net/http"
	"slices"
)

var attributeName = Pattern(`^[a-z0-9_]{1,255}$`)

// attributeOf is the attribute whose id stands in the path.
func attributeOf(o *Org, c *Call) (*Attribute, error) {
	return InPath(c, &o.Attributes, "id", "User attribute")
}

func attributeByName(o *Org, name string) (*Attribute, bool) {
	return o.Attributes.Find(func(a *Attribute) bool { return a.Name == name })
}

// unnamed says that there is no attribute of that name.
func unnamed(status int, name string) error {
	return &StatusError{status, fmt.Sprintf("User attribute with name %q does not exist", name)}
}

func listUserAttributes(o *Org, _ *Call) (Answer, error) {
	return Data(Views(&o.Attributes, nil, func(a *Attribute) *Attribute { return a })), nil
}

// createUserAttribute defines an attribute. A default holds for users without a
// value of their own, so it is never written into their metadata.
func createUserAttribute(o *Org, c *Call) (Answer, error) {
	var body struct {
		Name     string  `json:"name"`
		Label    string  `json:"label"`
		DataType string  `json:"dataType"`
		Default  *string `json:"defaultValue"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	a := &Attribute{Name: body.Name, Label: body.Label, DataType: body.DataType, DefaultValue: body.Default}
	if err := checkAttribute(o, a, ""); err != nil {
		return Answer{}, err
	}
	a.ID = o.UUID()
	o.Attributes.Put(a)
	return Data(a), nil
}

// checkAttribute tells whether a definition makes sense and its name, unless it
// is the former one, is free.
func checkAttribute(o *Org, a *Attribute, former string) error {
	switch {
	case !attributeName().MatchString(a.Name):
		return BadRequest("Invalid value for name")
	case len(a.Label) < 2:
		return BadRequest("Invalid value for label")
	case !slices.Contains([]string{"string", "number", "json"}, a.DataType):
		return BadRequest("Invalid value for data_type")
	case a.IntercomName != nil && !attributeName().MatchString(*a.IntercomName):
		return BadRequest("Invalid value for intercom_attribute_name")
	}
	if _, taken := attributeByName(o, a.Name); taken && a.Name != former {
		return Conflict("User attribute with name %q already exists", a.Name)
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

// updateUserAttribute changes a definition. With update_existing the values that
// users have follow it to its new name and type; without, they stay where and
// as they are.
func updateUserAttribute(o *Org, c *Call) (Answer, error) {
	a, err := attributeOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	fields, err := Patch(c, attributeFields{a.Name, a.Label, a.DataType, a.DefaultValue, a.IntercomName})
	if err != nil {
		return Answer{}, err
	}
	var body struct {
		UpdateExisting bool `json:"update_existing"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	changed := &Attribute{a.ID, fields.Name, fields.Label, fields.DataType, fields.DefaultValue, fields.IntercomName}
	if err := checkAttribute(o, changed, a.Name); err != nil {
		return Answer{}, err
	}
	if body.UpdateExisting {
		if err := convertValues(o, a, changed); err != nil {
			return Answer{}, err
		}
	}
	*a = *changed
	return Data(a), nil
}

// convertValues rewrites what users have for one definition to fit another.
func convertValues(o *Org, from, to *Attribute) error {
	values := Attributes{}
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
		values[u.ID] = value
	}
	for u := range o.Users.All() {
		if value, ok := values[u.ID]; ok {
			delete(u.Metadata, from.Name)
			u.Metadata[to.Name] = value
		}
	}
	return nil
}

func deleteUserAttribute(o *Org, c *Call) (Answer, error) {
	a, err := attributeOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	if c.Flag("update_existing_users") {
		for u := range o.Users.All() {
			delete(u.Metadata, a.Name)
		}
	}
	o.Attributes.Delete(a.ID)
	return Empty(), nil
}

type attributesView struct {
	Metadata Attributes `json:"metadata"`
}

func createUserUserAttribute(o *Org, c *Call) (Answer, error) {
	u, err := userOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return setAttribute(o, c, &u.Metadata)
}

func createUserInviteUserAttribute(o *Org, c *Call) (Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return setAttribute(o, c, &i.Metadata)
}

// setAttribute gives somebody a value of an attribute that is defined.
func setAttribute(o *Org, c *Call, metadata *Attributes) (Answer, error) {
	var body struct {
		Name  string  `json:"name"`
		Value *string `json:"value"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	a, ok := attributeByName(o, body.Name)
	if !ok {
		return Answer{}, unnamed(http.StatusBadRequest, body.Name)
	}
	value, err := attributeValue(a, body.Value)
	if err != nil {
		return Answer{}, err
	}
	if *metadata == nil {
		*metadata = Attributes{}
	}
	(*metadata)[a.Name] = value
	return Data(attributesView{*metadata}), nil
}

func deleteUserUserAttribute(o *Org, c *Call) (Answer, error) {
	u, err := userOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return clearAttribute(c, u.Metadata)
}

func deleteUserInviteUserAttribute(o *Org, c *Call) (Answer, error) {
	i, err := inviteOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return clearAttribute(c, i.Metadata)
}

// clearAttribute takes a value away, also one whose definition is gone.
func clearAttribute(c *Call, metadata Attributes) (Answer, error) {
	name := c.Path["attributeName"]
	if _, ok := metadata[name]; !ok {
		return Answer{}, unnamed(http.StatusNotFound, name)
	}
	delete(metadata, name)
	return Data(attributesView{metadata}), nil
}
