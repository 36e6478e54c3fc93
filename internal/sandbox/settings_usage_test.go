package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// used is the small organization, in which Ava (1) and Ben (2) have worked with
// three apps, one of which is no more, with a space in which Ava has an
// account, too. Today is Monday, 2 November 2026.
func used(t *testing.T) *api {
	return startSmall(t, func(o *model.Org) {
		o.VisitedApps = []model.VisitedApp{{ID: ordersApp, Name: "Orders of old"}, {ID: refundsApp, Name: "Refunds"}, {ID: unknownID, Name: "Gone"}}
		o.Visits = []model.Visit{
			visit("2026-09-30", 1, 0, 1, 0),
			visit("2026-10-20", 1, 0, 10, 2), // the week before
			visit("2026-10-26", 1, 0, 3, 1),  // a Monday
			visit("2026-10-26", 2, 0, 5, 0),
			visit("2026-10-28", 2, 1, 4, 0),
			visit("2026-10-28", 1, 2, 2, 2),
			visit("2026-11-01", 2, 0, 1, 0), // a Sunday
			visit("2026-11-02", 2, 0, 100, 100),
		}
		below := model.New(2, o.Now())
		below.ID, below.Domain = theSmallSpace, "space.small.example"
		ava := addUser(below, "user_cccccccccccccccccccccccccccccccc", "ava@small.example")
		ava.LastActive = nil
		below.VisitedApps = []model.VisitedApp{{ID: ordersApp, Name: "Orders"}}
		below.Visits = []model.Visit{visit("2026-10-27", 1, 0, 6, 0)}
		o.Spaces.Put(&model.Space{SpaceView: model.SpaceView{ID: below.ID, Name: "Below", Domain: below.Domain}, Org: below})
	})
}

func visit(day string, user, app, views, saves int) model.Visit {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err) // the days are constants in this file
	}
	return model.Visit{Day: int(at.Unix() / 86_400), User: user, App: app, Views: views, Saves: saves}
}

// week asks for the week before today, or for what more says.
func week(more ...string) request {
	return request{}.where(append([]string{"start_date", "2026-10-26", "end_date", "2026-11-01"}, more...)...)
}

func TestUsageTotalsAndGrowth(t *testing.T) {
	a := used(t)
	out := a.object("get_usage", week())
	daily := out["daily_T30_usage"].([]any)
	delete(out, "daily_T30_usage")
	require.Equal(t, map[string]any{
		"count_current_page_saves": 3.0, "count_current_page_views": 21.0,
		"count_current_users": 2.0, // Ava is one person in both organizations
		"count_T30_users":     2.0,
		// The week before had 2 saves and 10 views, all of them Ava's.
		"percent_growth_page_saves": 50.0, "percent_growth_page_views": 110.0, "percent_growth_users": 100.0,
		"percent_growth_T30_users": 100.0,
	}, out)
	require.Len(t, daily, 30)
	require.Equal(t, map[string]any{"day": "2026-10-03", "maa": 0.0, "mau": 0.0}, daily[0])
	require.Equal(t, map[string]any{"day": "2026-10-28", "maa": 2.0, "mau": 2.0}, daily[25])
	require.Equal(t, map[string]any{"day": "2026-11-01", "maa": 1.0, "mau": 1.0}, daily[29])

	quiet := a.object("get_usage", request{}.where("start_date", "2020-01-01", "end_date", "2020-01-31"))
	require.Zero(t, quiet["count_current_users"])
	require.Zero(t, quiet["percent_growth_users"])
	down := a.object("get_usage", request{}.where("start_date", "2026-10-21", "end_date", "2026-10-21"))
	require.InDelta(t, -100.0, down["percent_growth_page_views"], 0)
}

func TestUsageOfApps(t *testing.T) {
	a := used(t)
	summary := func(name, host string, views, saves, viewers, editors float64) map[string]any {
		return map[string]any{
			"app_name": name, "host": host, "count_app_views": views, "count_app_saves": saves,
			"count_viewers": viewers, "count_editors": editors,
		}
	}
	require.Equal(t, []map[string]any{
		summary("Orders", "small.example", 9, 1, 2, 1), // by the name it has now
		summary("Refunds", "small.example", 4, 0, 1, 0),
		summary("Gone", "small.example", 2, 2, 1, 1),
		summary("Orders", "space.small.example", 6, 0, 1, 0),
	}, a.items("get_usage_app_summary", week()))
}

func TestUsageOfOneApp(t *testing.T) {
	a := used(t)
	user := func(email, id string, count float64) any {
		return map[string]any{"email": email, "count": count, "user_id": id, "org_id": theSmallOrg, "host": "small.example"}
	}
	weekly := func(week string, views, saves float64) any {
		return map[string]any{"week": week, "count_app_views": views, "count_app_saves": saves}
	}
	month := []string{"start_date", "2026-10-01", "end_date", "2026-11-02", "app_name", "Orders", "org_ids", theSmallOrg}
	out := a.object("get_usage_app_details", request{}.where(month...))
	require.Equal(t, map[string]any{
		"overall_summary": []any{map[string]any{
			"org_id": theSmallOrg, "app_name": "Orders", "host": "small.example", "count_app_views": 119.0, "count_app_saves": 103.0,
		}},
		"weekly_summary": []any{map[string]any{"org_id": theSmallOrg, "weekly_data": []any{
			weekly("2026-10-19", 10, 2), weekly("2026-10-26", 9, 1), weekly("2026-11-02", 100, 100),
		}}},
		"viewer_summary": []any{user("ben@small.example", bensID, 106), user("Ava@small.example", avasID, 13)},
		"editor_summary": []any{user("ben@small.example", bensID, 100), user("Ava@small.example", avasID, 3)},
	}, out)
	none := a.object("get_usage_app_details", week("app_name", "No such app"))
	require.Equal(t, map[string]any{
		"overall_summary": []any{}, "weekly_summary": []any{}, "viewer_summary": []any{}, "editor_summary": []any{},
	}, none)
}

func TestUsageOfOneAppIsPaged(t *testing.T) {
	a := used(t)
	var viewers, editors []any
	for token := ""; ; {
		out := a.call("get_usage_app_details", week("app_name", "Orders", "limit", "2", "next_token", token))
		body := out.body.(map[string]any)
		data := body["data"].(map[string]any)
		require.Equal(t, []any{3.0, 1.0, 3.0}, []any{body["total_viewers"], body["total_editors"], body["total_count"]})
		require.Len(t, data["overall_summary"], 2, "only the lists of people are cut")
		viewers = append(viewers, data["viewer_summary"].([]any)...)
		editors = append(editors, data["editor_summary"].([]any)...)
		if body["has_more"] == false {
			require.Nil(t, body["next_token"])
			break
		}
		require.Len(t, viewers, 2)
		token = text(body["next_token"])
	}
	require.Len(t, viewers, 3)
	require.Len(t, editors, 1)
	a.fails(http.StatusBadRequest, "get_usage_app_details", week("app_name", "Orders", "limit", "2", "next_token", "nonsense"))
}

func TestUsageOfPeople(t *testing.T) {
	a := used(t)
	person := func(organization, host, id, email, last string, views, saves, apps float64) map[string]any {
		return map[string]any{
			"org_id": organization, "host": host, "user_id": id, "email": email, "last_active": last,
			"count_app_views": views, "count_app_saves": saves, "count_unique_apps": apps,
		}
	}
	const today = "2026-11-02T08:00:00.000Z"
	require.Equal(t, []map[string]any{
		person(theSmallOrg, "small.example", bensID, "ben@small.example", today, 10, 0, 0),
		person(theSmallOrg, "small.example", avasID, "Ava@small.example", today, 5, 3, 2),
		person(theSmallSpace, "space.small.example", "user_cccccccccccccccccccccccccccccccc", "ava@small.example",
			"2026-10-27T00:00:00.000Z", 6, 0, 0),
	}, a.items("get_usage_user_summary", week()))
	require.Empty(t, a.items("get_usage_user_summary", request{}.where("start_date", "2020-01-01", "end_date", "2020-02-01")))
}

func TestUsageOfOnePerson(t *testing.T) {
	a := used(t)
	app := func(name, organization, host string, count float64) any {
		return map[string]any{"app_name": name, "org_id": organization, "host": host, "count": count}
	}
	out := a.object("get_usage_user_details", week("email", "AVA@small.example"))
	require.Equal(t, []any{
		app("Orders", theSmallOrg, "small.example", 3), app("Gone", theSmallOrg, "small.example", 2),
		app("Orders", theSmallSpace, "space.small.example", 6),
	}, out["viewer_summary"])
	require.Equal(t, []any{app("Gone", theSmallOrg, "small.example", 2), app("Orders", theSmallOrg, "small.example", 1)}, out["editor_summary"])
	require.Equal(t, map[string]any{
		"org_id": theSmallOrg, "user_id": avasID, "host": "small.example", "count_app_views": 5.0, "count_app_saves": 3.0,
	}, out["overall_summary"].([]any)[0])
	require.Len(t, out["weekly_summary"], 2)
	require.Empty(t, a.object("get_usage_user_details", week("email", "nobody@small.example"))["overall_summary"])
}

func TestUsageOfChosenOrganizations(t *testing.T) {
	a := used(t)
	var ids []any
	for _, o := range a.items("list_usage_organizations", request{}) {
		ids = append(ids, o["org_id"])
	}
	require.Equal(t, []any{theSmallOrg, theSmallSpace}, ids)
	for chosen, views := range map[string]float64{
		"": 21, theSmallOrg: 15, theSmallSpace: 6, theSmallSpace + ", " + theSmallOrg: 21, "org_of_others": 0, "org_of_others," + theSmallSpace: 6,
	} {
		require.InDelta(t, views, a.object("get_usage", week("org_ids", chosen))["count_current_page_views"], 0, chosen)
	}
	below := a.space(theSmallSpace)
	require.InDelta(t, 6, below.object("get_usage", week())["count_current_page_views"], 0, "a space does not see what is above it")
	require.InDelta(t, 0, below.object("get_usage", week("org_ids", theSmallOrg))["count_current_page_views"], 0)
}

// TestUsageOrganizationsFollowTheScope: usage:organization alone shows no spaces.
func TestUsageOrganizationsFollowTheScope(t *testing.T) {
	for scopes, count := range map[string]int{
		"usage:organization": 1, "usage:organization,users:read": 1, "usage:spaces": 4, "usage:license": 4, "usage": 4,
		"usage:organization,usage:spaces": 4, "mcp:admin": 4,
	} {
		token, err := sandbox.ParseToken("retool_usage=" + scopes)
		require.NoError(t, err)
		a := start(t, sandbox.Options{Tokens: []sandbox.Token{token}})
		a.token = "retool_usage"
		require.Len(t, a.items("list_usage_organizations", request{}), count, scopes)
	}
}

func TestUsagePeriods(t *testing.T) {
	a := used(t)
	views := func(r request) any { return a.object("get_usage", r)["count_current_page_views"] }
	require.InDelta(t, 31, views(request{}.where("start_date", "2026-10-20")), 0, "up to yesterday")
	require.InDelta(t, 1, views(request{}.where("start_date", "2026-09-01")), 0, "30 days and no more")
	require.InDelta(t, 0, views(request{}.where("start_date", "2026-11-02")), 0, "today is not over")
	require.InDelta(t, 100, views(request{}.where("start_date", "2026-11-02", "end_date", "2026-11-02")), 0)
	for _, bad := range [][]string{
		{"start_date", "yesterday"},
		{"start_date", "2026-02-30"},
		{"start_date", "2026-10-01T00:00:00Z"},
		{"start_date", "2026-10-01", "end_date", "tomorrow"},
		{"start_date", "2026-10-02", "end_date", "2026-10-01"},
		{"end_date", "2026-10-01"},
	} {
		for _, operation := range []string{"get_usage", "get_usage_app_summary", "get_usage_user_summary"} {
			a.fails(http.StatusBadRequest, operation, request{}.where(bad...))
		}
	}
}

func TestUsageToleratesEditedState(t *testing.T) {
	a := startSmall(t, func(o *model.Org) {
		o.Visits = []model.Visit{visit("2026-10-26", 1, 7, 1, 0), visit("2026-10-26", 1, -1, 1, 0), visit("2026-10-26", 9, 0, 1, 0)}
		o.VisitedApps = []model.VisitedApp{{ID: ordersApp, Name: "Orders"}}
		o.Spaces.Put(&model.Space{SpaceView: model.SpaceView{ID: theSmallSpace}})
	})
	require.Empty(t, a.items("get_usage_app_summary", week()))
	require.Len(t, a.items("list_usage_organizations", request{}), 1)
}
