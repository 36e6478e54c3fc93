package usage

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// usageDetail is the usage of one app or user in an organization.
type usageDetail struct {
	*model.Org
	visits []visit
}

// usageDetails returns the visits for which fits returns true, of the organizations
// that have any.
func usageDetails(o *model.Org, c *api.Call, fits func(visit) bool) ([]usageDetail, error) {
	p, err := usagePeriod(o, c)
	if err != nil {
		return nil, err
	}
	var out []usageDetail
	for _, organization := range usageOrgs(o, c) {
		d := usageDetail{Org: organization}
		for v := range usageOf(organization).within(p) {
			if fits(v) {
				d.visits = append(d.visits, v)
			}
		}
		if len(d.visits) > 0 {
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

// byWeek returns the weeks in which something happened.
func (d usageDetail) byWeek() usageByWeek {
	out := usageByWeek{OrgID: d.ID}
	weeks := grouped(slices.Values(d.visits), func(v visit) int { return monday(v.Day) })
	for _, week := range slices.Sorted(maps.Keys(weeks)) {
		out.Weeks = append(out.Weeks, usageWeek{isoDay(week), sum(weeks[week])})
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

// appDetails is the answer of get_usage_app_details. Paging applies to the lists of
// viewers and editors.
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
		out.Data.Overall = append(out.Data.Overall, usageOfApp{d.ID, name, d.Domain, sum(d.visits)})
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

// byUser returns the users with a count above zero, highest first.
func (d usageDetail) byUser(count func(counts) int) []usageByUser {
	var out []usageByUser
	for user, visits := range grouped(slices.Values(d.visits), userOf) {
		if n := count(sum(visits)); n > 0 {
			out = append(out, usageByUser{user.Email, n, user.ID, d.ID, d.Domain})
		}
	}
	order.By(out, func(a, b usageByUser) int {
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
		users := grouped(slices.Values(d.visits), userOf)
		for _, user := range slices.SortedFunc(maps.Keys(users), byUserID) {
			out.Overall = append(out.Overall, usageOfUser{d.ID, user.ID, d.Domain, sum(users[user])})
		}
		out.Weekly = append(out.Weekly, d.byWeek())
		out.Viewed = append(out.Viewed, d.byApp(func(c counts) int { return c.Views })...)
		out.Edited = append(out.Edited, d.byApp(func(c counts) int { return c.Saves })...)
	}
	return api.Data(out), nil
}

func byUserID(a, b *model.User) int { return strings.Compare(a.ID, b.ID) }

// byApp returns the apps with a count above zero, highest first.
func (d usageDetail) byApp(count func(counts) int) []usageByApp {
	var out []usageByApp
	for name, visits := range grouped(slices.Values(d.visits), appOf) {
		if n := count(sum(visits)); n > 0 {
			out = append(out, usageByApp{name, d.ID, d.Domain, n})
		}
	}
	order.By(out, func(a, b usageByApp) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.App, b.App))
	})
	return out
}
