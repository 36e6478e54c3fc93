package usage

import (
	"cmp"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// usageApp is what all users did with one app.
type usageApp struct {
	App     string `json:"app_name"`
	Host    string `json:"host"`
	Views   int    `json:"count_app_views"`
	Saves   int    `json:"count_app_saves"`
	Viewers int    `json:"count_viewers"`
	Editors int    `json:"count_editors"`
}

// getUsageAppSummary answers the apps of each organization, those with the most
// views first.
func getUsageAppSummary(o *model.Org, c *api.Call) (api.Answer, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	type tally struct {
		counts
		viewers, editors map[*model.User]struct{}
	}
	var out []usageApp
	for _, organization := range usageOrgs(o, c) {
		apps := map[string]*tally{}
		for v := range usageOf(organization).within(p) {
			t, ok := apps[v.app]
			if !ok {
				t = &tally{viewers: map[*model.User]struct{}{}, editors: map[*model.User]struct{}{}}
				apps[v.app] = t
			}
			t.counts = t.plus(v)
			if v.Views > 0 {
				t.viewers[v.user] = struct{}{}
			}
			if v.Saves > 0 {
				t.editors[v.user] = struct{}{}
			}
		}
		var of []usageApp
		for name, t := range apps {
			of = append(of, usageApp{name, organization.Domain, t.Views, t.Saves, len(t.viewers), len(t.editors)})
		}
		slices.SortFunc(of, func(a, b usageApp) int {
			return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.App, b.App))
		})
		out = append(out, of...)
	}
	return api.Data(out), nil
}

// usageUser is what one user did with all apps.
type usageUser struct {
	OrgID      string     `json:"org_id"`
	UserID     string     `json:"user_id"`
	Email      string     `json:"email"`
	Host       string     `json:"host"`
	Views      int        `json:"count_app_views"`
	Saves      int        `json:"count_app_saves"`
	Apps       int        `json:"count_unique_apps"`
	LastActive model.Time `json:"last_active"`
}

// getUsageUserSummary answers the users of each organization who did anything,
// those with the most views first.
func getUsageUserSummary(o *model.Org, c *api.Call) (api.Answer, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	type tally struct {
		counts
		apps map[string]struct{}
		last int // day
	}
	var out []usageUser
	for _, organization := range usageOrgs(o, c) {
		users := map[*model.User]*tally{}
		for v := range usageOf(organization).within(p) {
			t, ok := users[v.user]
			if !ok {
				t = &tally{apps: map[string]struct{}{}, last: v.Day}
				users[v.user] = t
			}
			t.counts = t.plus(v)
			t.apps[v.app] = struct{}{}
			t.last = max(t.last, v.Day)
		}
		var of []usageUser
		for user, t := range users {
			last := model.Time(t.last * msPerDay)
			if user.LastActive != nil {
				last = *user.LastActive
			}
			of = append(of, usageUser{
				OrgID: organization.ID, UserID: user.ID, Email: user.Email, Host: organization.Domain,
				Views: t.Views, Saves: t.Saves, Apps: len(t.apps), LastActive: last,
			})
		}
		slices.SortFunc(of, func(a, b usageUser) int {
			return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.Email, b.Email), cmp.Compare(a.UserID, b.UserID))
		})
		out = append(out, of...)
	}
	return api.Data(out), nil
}
