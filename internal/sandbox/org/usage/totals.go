package usage

import (
	"iter"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// counts are the numbers of saves and views.
type counts struct {
	Saves int `json:"count_app_saves"`
	Views int `json:"count_app_views"`
}

func (c counts) plus(v visit) counts {
	return counts{Saves: c.Saves + v.Saves, Views: c.Views + v.Views}
}

// visit is a Visit with the objects that it refers to.
type visit struct {
	model.Visit
	user *model.User
	app  string
}

// usage resolves the visits of an organization.
type usage struct {
	*model.Org
	users map[int]*model.User
	apps  []string // current or last names
}

func usageOf(o *model.Org) usage {
	u := usage{Org: o, users: make(map[int]*model.User, o.Users.Len()), apps: make([]string, 0, len(o.VisitedApps))}
	for user := range o.Users.All() {
		u.users[user.LegacyID] = user
	}
	for _, visited := range o.VisitedApps {
		if app, ok := o.Apps.Get(visited.ID); ok {
			visited.Name = app.Name
		}
		u.apps = append(u.apps, visited.Name)
	}
	return u
}

// within iterates over the visits of a period.
func (u usage) within(p period) iter.Seq[visit] {
	return func(yield func(visit) bool) {
		for _, v := range u.Visits {
			user := u.users[v.User]
			if !p.has(v.Day) || user == nil || v.App < 0 || v.App >= len(u.apps) {
				continue
			}
			if !yield(visit{v, user, u.apps[v.App]}) {
				return
			}
		}
	}
}

// usageOrganization is an organization that has usage.
type usageOrganization struct {
	ID         string     `json:"org_id"`
	Host       string     `json:"host"`
	LastActive model.Time `json:"last_active"`
}

// listUsageOrganizations answers the organization and, to a token with any scope
// but usage:organization alone, its spaces.
func listUsageOrganizations(o *model.Org, c *api.Call) (api.Answer, error) {
	var out []usageOrganization
	alone := c.Scopes != nil && !slices.ContainsFunc(c.Scopes, func(scope string) bool {
		return slices.Contains([]string{"usage", "usage:spaces", "usage:license", "mcp:admin"}, scope)
	})
	for _, organization := range usageOrgs(o, c) {
		if alone && organization != o {
			continue
		}
		last := organization.Start
		for u := range organization.Users.All() {
			if u.LastActive != nil {
				last = max(last, *u.LastActive)
			}
		}
		out = append(out, usageOrganization{organization.ID, organization.Domain, last})
	}
	return api.Data(out), nil
}

// usageTotals is the usage of all organizations.
type usageTotals struct {
	Saves          int        `json:"count_current_page_saves"`
	Views          int        `json:"count_current_page_views"`
	Users          int        `json:"count_current_users"`
	TrailingUsers  int        `json:"count_T30_users"`
	SavesGrowth    float64    `json:"percent_growth_page_saves"`
	ViewsGrowth    float64    `json:"percent_growth_page_views"`
	UsersGrowth    float64    `json:"percent_growth_users"`
	TrailingGrowth float64    `json:"percent_growth_T30_users"`
	Daily          []usageDay `json:"daily_T30_usage"`
}

type usageDay struct {
	Day   string `json:"day"`
	Apps  int    `json:"maa"`
	Users int    `json:"mau"`
}

func getUsage(o *model.Org, c *api.Call) (api.Answer, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	var of []usage
	for _, organization := range usageOrgs(o, c) {
		of = append(of, usageOf(organization))
	}
	now, users := usageTotal(of, p)
	before, usersBefore := usageTotal(of, p.before())
	_, trailing := usageTotal(of, p.trailing())
	_, trailingBefore := usageTotal(of, p.trailing().before())
	return api.Data(usageTotals{
		Saves: now.Saves, Views: now.Views, Users: users, TrailingUsers: trailing,
		SavesGrowth:    growth(now.Saves, before.Saves),
		ViewsGrowth:    growth(now.Views, before.Views),
		UsersGrowth:    growth(users, usersBefore),
		TrailingGrowth: growth(trailing, trailingBefore),
		Daily:          usageByDay(of, p.trailing()),
	}), nil
}

// usageTotal counts a person in several organizations once.
func usageTotal(of []usage, p period) (total counts, people int) {
	seen := map[string]struct{}{}
	for _, u := range of {
		for v := range u.within(p) {
			total = total.plus(v)
			seen[strings.ToLower(v.user.Email)] = struct{}{}
		}
	}
	return total, len(seen)
}

// usageByDay counts the distinct apps and people of each day.
func usageByDay(of []usage, p period) []usageDay {
	type app struct {
		org  string
		name string
	}
	apps, people := map[int]map[app]struct{}{}, map[int]map[string]struct{}{}
	for day := p.first; day <= p.last; day++ {
		apps[day], people[day] = map[app]struct{}{}, map[string]struct{}{}
	}
	for _, u := range of {
		for v := range u.within(p) {
			apps[v.Day][app{u.ID, v.app}] = struct{}{}
			people[v.Day][strings.ToLower(v.user.Email)] = struct{}{}
		}
	}
	var out []usageDay
	for day := p.first; day <= p.last; day++ {
		out = append(out, usageDay{Day: isoDay(day), Apps: len(apps[day]), Users: len(people[day])})
	}
	return out
}
