package usage

import (
	"cmp"
	"iter"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// grouped returns visits by app, user or the like.
func grouped[K comparable](visits iter.Seq[visit], key func(visit) K) map[K][]visit {
	out := map[K][]visit{}
	for v := range visits {
		out[key(v)] = append(out[key(v)], v)
	}
	return out
}

// sum adds up what visits count.
func sum(visits []visit) (total counts) {
	for _, v := range visits {
		total = total.plus(v)
	}
	return total
}

// distinct returns how many different keys the visits have for which fits returns
// true.
func distinct[K comparable](visits []visit, key func(visit) K, fits func(visit) bool) int {
	seen := map[K]struct{}{}
	for _, v := range visits {
		if fits(v) {
			seen[key(v)] = struct{}{}
		}
	}
	return len(seen)
}

func userOf(v visit) *model.User { return v.user }
func appOf(v visit) string       { return v.app }

// usageApp is what all users did with one app.
type usageApp struct {
	App     string `json:"app_name"`
	Host    string `json:"host"`
	Views   int    `json:"count_app_views"`
	Saves   int    `json:"count_app_saves"`
	Viewers int    `json:"count_viewers"`
	Editors int    `json:"count_editors"`
}

// getUsageAppSummary answers the apps of each organization, most views first.
func getUsageAppSummary(o *model.Org, c *api.Call) (api.Answer, error) {
	return summary(o, c, appOf, func(o *model.Org, app string, visits []visit) usageApp {
		total := sum(visits)
		return usageApp{
			App: app, Host: o.Domain, Views: total.Views, Saves: total.Saves,
			Viewers: distinct(visits, userOf, func(v visit) bool { return v.Views > 0 }),
			Editors: distinct(visits, userOf, func(v visit) bool { return v.Saves > 0 }),
		}
	}, func(a, b usageApp) int { return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.App, b.App)) })
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

// getUsageUserSummary answers the users of each organization who did anything, most
// views first.
func getUsageUserSummary(o *model.Org, c *api.Call) (api.Answer, error) {
	return summary(o, c, userOf, func(o *model.Org, user *model.User, visits []visit) usageUser {
		total := sum(visits)
		out := usageUser{
			OrgID: o.ID, UserID: user.ID, Email: user.Email, Host: o.Domain, Views: total.Views, Saves: total.Saves,
			Apps: distinct(visits, appOf, func(v visit) bool { return v.Saves > 0 }), // edited, as documented
		}
		for _, v := range visits {
			out.LastActive = max(out.LastActive, model.Time(v.Day*msPerDay))
		}
		if user.LastActive != nil {
			out.LastActive = *user.LastActive
		}
		return out
	}, func(a, b usageUser) int {
		return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.Email, b.Email), cmp.Compare(a.UserID, b.UserID))
	})
}

// summary answers one row for each key in an organization, sorted within it.
func summary[K comparable, R any](
	o *model.Org, c *api.Call, key func(visit) K, row func(*model.Org, K, []visit) R, compare func(a, b R) int,
) (api.Answer, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	var out []R
	for _, organization := range usageOrgs(o, c) {
		from := len(out)
		for k, visits := range grouped(usageOf(organization).within(p), key) {
			out = append(out, row(organization, k, visits))
		}
		order.By(out[from:], compare)
	}
	return api.Data(out), nil
}
