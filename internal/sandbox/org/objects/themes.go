package objects

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listAppThemes(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(api.Views(&o.Themes, nil, func(t *model.Theme) *model.Theme { return t })), nil
}

func getAppTheme(o *model.Org, c *api.Call) (api.Answer, error) {
	t, err := api.InPath(c, &o.Themes, "id", "App theme")
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(t), nil
}

func deleteAppTheme(o *model.Org, c *api.Call) (api.Answer, error) {
	id := c.Path["id"]
	if !o.Themes.Delete(id) {
		return api.Answer{}, api.NotFound("App theme", id)
	}
	return api.Empty(), nil
}

// themeBody is what counts of the theme in a body. Ids of new ones and all
// dates are the organization's own.
type themeBody struct {
	ID    float64        `json:"id"`
	Name  string         `json:"name"`
	Theme jsontext.Value `json:"theme"`
}

func createAppTheme(o *model.Org, c *api.Call) (api.Answer, error) {
	var body themeBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if err := themeNameFree(o, body.Name, nil); err != nil {
		return api.Answer{}, err
	}
	return api.Data(addTheme(o, body)), nil
}

// replaceAppTheme changes the theme of the body's id, or adds one.
func replaceAppTheme(o *model.Org, c *api.Call) (api.Answer, error) {
	var body themeBody
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	t, known := o.Themes.Get(strconv.FormatFloat(body.ID, 'f', -1, 64))
	if err := themeNameFree(o, body.Name, t); err != nil {
		return api.Answer{}, err
	}
	if !known {
		return api.Created(addTheme(o, body)), nil
	}
	t.Name, t.Theme, t.UpdatedAt = body.Name, body.Theme, o.Now()
	return api.Data(t), nil
}

// themeNameFree refuses a name that a theme other than self has.
func themeNameFree(o *model.Org, name string, self *model.Theme) error {
	if _, taken := o.Themes.Find(func(t *model.Theme) bool { return t != self && t.Name == name }); taken {
		return api.Conflict("App theme with name %q already exists", name)
	}
	return nil
}

func addTheme(o *model.Org, body themeBody) *model.Theme {
	id := o.Number(model.SequenceTheme)
	t := &model.Theme{ID: id, LegacyID: id, Name: body.Name, Theme: body.Theme, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	o.Themes.Put(t)
	return t
}
