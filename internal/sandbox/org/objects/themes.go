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
	t := addTheme(o, body)
	return api.Data(t), checkTheme(o, t)
}

// replaceAppTheme changes the theme with the id in the body, or adds one.
func replaceAppTheme(o *model.Org, _ *api.Call, body themeBody) (api.Answer, error) {
	t, known := o.Themes.Get(strconv.FormatFloat(body.ID, 'f', -1, 64))
	if !known {
		t = addTheme(o, body)
		return api.Created(t), checkTheme(o, t)
	}
	t.Name, t.Theme, t.UpdatedAt = body.Name, body.Theme, o.Now()
	return api.Data(t), checkTheme(o, t)
}

// checkTheme checks that the name of a theme is unique.
func checkTheme(o *model.Org, t *model.Theme) error {
	if o.Themes.Any(func(other *model.Theme) bool { return other != t && other.Name == t.Name }) {
		return api.Conflict("App theme with name %q already exists", t.Name)
	}
	return nil
}

func addTheme(o *model.Org, body themeBody) *model.Theme {
	id := o.Number(model.SequenceTheme)
	t := &model.Theme{ID: id, LegacyID: id, Name: body.Name, Theme: body.Theme, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	o.Themes.Put(t)
	return t
}
