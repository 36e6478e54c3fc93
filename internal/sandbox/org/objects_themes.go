package org

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

func listAppThemes(o *Org, _ *Call) (Answer, error) {
	return Data(Views(&o.Themes, nil, func(t *Theme) *Theme { return t })), nil
}

func getAppTheme(o *Org, c *Call) (Answer, error) {
	t, err := InPath(c, &o.Themes, "id", "App theme")
	if err != nil {
		return Answer{}, err
	}
	return Data(t), nil
}

func deleteAppTheme(o *Org, c *Call) (Answer, error) {
	id := c.Path["id"]
	if !o.Themes.Delete(id) {
		return Answer{}, NotFound("App theme", id)
	}
	return Empty(), nil
}

// themeBody is what counts of the theme in a body. Ids of new ones and all
// dates are the organization's own.
type themeBody struct {
	ID    float64        `json:"id"`
	Name  string         `json:"name"`
	Theme jsontext.Value `json:"theme"`
}

func createAppTheme(o *Org, c *Call) (Answer, error) {
	var body themeBody
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if err := themeNameFree(o, body.Name, nil); err != nil {
		return Answer{}, err
	}
	return Data(addTheme(o, body)), nil
}

// replaceAppTheme changes the theme of the body's id, or adds one.
func replaceAppTheme(o *Org, c *Call) (Answer, error) {
	var body themeBody
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	t, known := o.Themes.Get(strconv.FormatFloat(body.ID, 'f', -1, 64))
	if err := themeNameFree(o, body.Name, t); err != nil {
		return Answer{}, err
	}
	if !known {
		return Created(addTheme(o, body)), nil
	}
	t.Name, t.Theme, t.UpdatedAt = body.Name, body.Theme, o.Now()
	return Data(t), nil
}

// themeNameFree refuses a name that a theme other than self has.
func themeNameFree(o *Org, name string, self *Theme) error {
	if _, taken := o.Themes.Find(func(t *Theme) bool { return t != self && t.Name == name }); taken {
		return Conflict("App theme with name %q already exists", name)
	}
	return nil
}

func addTheme(o *Org, body themeBody) *Theme {
	id := o.Number(SequenceTheme)
	t := &Theme{ID: id, LegacyID: id, Name: body.Name, Theme: body.Theme, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	o.Themes.Put(t)
	return t
}
