package objects

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listAppThemes(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(slices.Collect(o.Themes.All())), nil
}

func themeInPath(o *model.Org, c *api.Call) (*model.Theme, error) {
	return api.InPath(c, &o.Themes, "id", "App theme")
}

func removeTheme(o *model.Org, t *model.Theme) { o.Themes.Delete(t.Key()) }

// themeBody is a theme in a request. Dates, and ids of new themes, come from the
// organization.
type themeBody struct {
	ID    float64        `json:"id"`
	Name  string         `json:"name"`
	Theme jsontext.Value `json:"theme"`
}

func createAppTheme(o *model.Org, _ *api.Call, body themeBody) (api.Answer, error) {
	if err := themeNameFree(o, body.Name, nil); err != nil {
		return api.Answer{}, err
	}
	return api.Data(addTheme(o, body)), nil
}

// replaceAppTheme changes the theme with the id in the body, or adds one.
func replaceAppTheme(o *model.Org, _ *api.Call, body themeBody) (api.Answer, error) {
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
	if o.Themes.Any(func(t *model.Theme) bool { return t != self && t.Name == name }) {
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
