package usage

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

const msPerDay = 24 * 60 * 60 * 1000

// period is a range of days since 1970 that includes both ends. It is empty if the
// last day is before the first.
type period struct{ first, last int }

func (p period) has(day int) bool { return p.first <= day && day <= p.last }

func (p period) empty() bool { return p.last < p.first }

// before returns the period of equal length directly before.
func (p period) before() period {
	return period{first: p.first - (p.last - p.first + 1), last: p.first - 1}
}

// trailing returns the 30 days that end with the period.
func (p period) trailing() period { return period{first: p.last - 29, last: p.last} }

// isoDay returns a day as the API writes it.
func isoDay(day int) string { return model.Time(day * msPerDay).Std().Format(time.DateOnly) }

// monday returns the first day of the week of a day. Day 0 was a Thursday.
func monday(day int) int { return day - ((day+3)%7+7)%7 }

// usagePeriod reads start_date and end_date. The default end is 30 days later, but
// yesterday at the latest.
func usagePeriod(o *model.Org, c *api.Call) (p period, err error) {
	if p.first, err = day(c, "start_date"); err != nil {
		return p, err
	}
	if c.Query.Get("end_date") == "" {
		p.last = min(p.first+30, int(o.Now()/msPerDay)-1)
		return p, nil
	}
	if p.last, err = day(c, "end_date"); err == nil && p.empty() {
		err = api.BadRequest("end_date must not be before start_date")
	}
	return p, err
}

// day reads a query parameter that is a date.
func day(c *api.Call, name string) (int, error) {
	at, err := time.Parse(time.DateOnly, c.Query.Get(name))
	if err != nil {
		return 0, api.BadRequest("Invalid date type for query parameter: %s", name)
	}
	return int(at.Unix() / (24 * 60 * 60)), nil
}

// usageOrgs returns the organization and its spaces, filtered by org_ids.
func usageOrgs(o *model.Org, c *api.Call) []*model.Org {
	all := []*model.Org{o}
	for space := range o.Spaces.All() {
		if space.Org != nil {
			all = append(all, space.Org)
		}
	}
	given := c.Query.Get("org_ids")
	if given == "" {
		return all
	}
	wanted := strings.Split(given, ",")
	for i, id := range wanted {
		wanted[i] = strings.TrimSpace(id)
	}
	return slices.DeleteFunc(all, func(o *model.Org) bool { return !slices.Contains(wanted, o.ID) })
}

// growth returns the change in percent, with two decimals.
func growth(now, before int) float64 {
	switch {
	case now == before:
		return 0
	case before == 0:
		return 100
	default:
		return math.Round(float64(now-before)*10_000/float64(before)) / 100
	}
}
