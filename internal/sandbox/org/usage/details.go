package usage

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// usageDetail is what an organization has of one app or user: all of it, by
// week, and by the users or apps on the other side.
type usageDetail struct {
	*model.Org
	total counts
	weeks map[int]counts // by Monday
	users map[*model.User]counts
	apps  map[string]counts
}

// usageDetails takes the visits that fit, of the organizations that have any.
func usageDetails(o *model.Org, c *api.Call, fits func(visit) bool) ([]usageDetail, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return nil, err
	}
	var out []usageDetail
	for _, organization := range usageOrgs(o, c) {
		d := usageDetail{
			Org: organization, weeks: map[int]counts{}, users: map[*model.User]counts{}, apps: map[string]counts{},
		}
		for v := range usageOf(organization).within(p) {
			if fits(v) {
				d.total = d.total.plus(v)
				d.weeks[monday(v.Day)] = d.weeks[monday(v.Day)].plus(v)
				d.users[v.user] = d.users[v.user].plus(v)
				d.apps[v.app] = d.apps[v.app].plus(v)
			}
		}
		if len(d.weeks) > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

type usageByWeek struct {
	OrgID string      `json:"org_id"`
	Weeks []usageWeek `json:"weekly_data"`
}

type usageWeek struct {
	Week string `json:"week"` // its Monday
	counts
}

// byWeek leaves out weeks in which nothing happened.
func (d usageDetail) byWeek() usageByWeek {
	out := usageByWeek{OrgID: d.ID}
	for _, week := range slices.Sorted(maps.Keys(d.weeks)) {
		out.Weeks = append(out.Weeks, usageWeek{isoDay(week), d.weeks[week]})
	}
	return out
}

type usageOfApp struct {
	OrgID string `json:"org_id"`
	App   string `json:"app_name"`
	Host  string `json:"host"`
	counts
}

type usageByUser struct {
	Email  string `json:"email"`
	Count  int    `json:"count"`
	UserID string `json:"user_id"`
	OrgID  string `json:"org_id"`
	Host   string `json:"host"`
}

// appDetails is the answer of get_usage_app_details, whose paging cuts the
// lists of viewers and editors.
type appDetails struct {
	Success bool `json:"success"`
	Data    struct {
		Overall []usageOfApp  `json:"overall_summary"`
		Weekly  []usageByWeek `json:"weekly_summary"`
		Viewers []usageByUser `json:"viewer_summary"`
		Editors []usageByUser `json:"editor_summary"`
	} `json:"data"`
	Viewers    int     `json:"total_viewers"`
	Editors    int     `json:"total_editors"`
	TotalCount int     `json:"total_count"`
	NextToken  *string `json:"next_token"`
	HasMore    bool    `json:"has_more"`
}

func getUsageAppDetails(o *model.Org, c *api.Call) (api.Answer, error) {
	limit, after, err := c.Window()
	if err != nil {
		return api.Answer{}, err
	}
	name := c.Query.Get("app_name")
	details, err := usageDetails(o, c, func(v visit) bool { return v.app == name })
	if err != nil {
		return api.Answer{}, err
	}
	var viewers, editors []usageByUser
	out := appDetails{Success: true}
	for _, d := range details {
		out.Data.Overall = append(out.Data.Overall, usageOfApp{d.ID, name, d.Domain, d.total})
		out.Data.Weekly = append(out.Data.Weekly, d.byWeek())
		viewers = append(viewers, d.byUser(func(c counts) int { return c.Views })...)
		editors = append(editors, d.byUser(func(c counts) int { return c.Saves })...)
	}
	out.Viewers, out.Editors = len(viewers), len(editors)
	out.TotalCount = max(out.Viewers, out.Editors)
	from, to := int(min(after, uint64(out.TotalCount))), out.TotalCount //nolint:gosec // a length
	if limit >= 0 && to-from > limit {
		to = from + limit
		out.HasMore, out.NextToken = true, new(c.NextToken(uint64(to)))
	}
	out.Data.Viewers = viewers[min(from, out.Viewers):min(to, out.Viewers)]
	out.Data.Editors = editors[min(from, out.Editors):min(to, out.Editors)]
	return api.Answer{Status: 200, Body: out}, nil
}

// byUser is who has any of what count picks, the most first.
func (d usageDetail) byUser(count func(counts) int) []usageByUser {
	var out []usageByUser
	for user, c := range d.users {
		if n := count(c); n > 0 {
			out = append(out, usageByUser{user.Email, n, user.ID, d.ID, d.Domain})
		}
	}
	slices.SortFunc(out, func(a, b usageByUser) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Email, b.Email), cmp.Compare(a.UserID, b.UserID))
	})
	return out
}

type userDetails struct {
	Overall []usageOfUser `json:"overall_summary"`
	Weekly  []usageByWeek `json:"weekly_summary"`
	Viewed  []usageByApp  `json:"viewer_summary"`
	Edited  []usageByApp  `json:"editor_summary"`
}

type usageOfUser struct {
	OrgID  string `json:"org_id"`
	UserID string `json:"user_id"`
	Host   string `json:"host"`
	counts
}

type usageByApp struct {
	App   string `json:"app_name"`
	OrgID string `json:"org_id"`
	Host  string `json:"host"`
	Count int    `json:"count"`
}

func getUsageUserDetails(o *model.Org, c *api.Call) (api.Answer, error) {
	email := c.Query.Get("email")
	details, err := usageDetails(o, c, func(v visit) bool { return strings.EqualFold(v.user.Email, email) })
	if err != nil {
		return api.Answer{}, err
	}
	var out userDetails
	for _, d := range details {
		for _, user := range slices.SortedFunc(maps.Keys(d.users), byUserID) {
			out.Overall = append(out.Overall, usageOfUser{d.ID, user.ID, d.Domain, d.users[user]})
		}
		out.Weekly = append(out.Weekly, d.byWeek())
		out.Viewed = append(out.Viewed, d.byApp(func(c counts) int { return c.Views })...)
		out.Edited = append(out.Edited, d.byApp(func(c counts) int { return c.Saves })...)
	}
	return api.Data(out), nil
}

func byUserID(a, b *model.User) int { return strings.Compare(a.ID, b.ID) }

// byApp is what the user has any of what count picks of, the most first.
func (d usageDetail) byApp(count func(counts) int) []usageByApp {
	var out []usageByApp
	for name, c := range d.apps {
		if n := count(c); n > 0 {
			out = append(out, usageByApp{name, d.ID, d.Domain, n})
		}
	}
	slices.SortFunc(out, func(a, b usageByApp) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.App, b.App))
	})
	return out
}
