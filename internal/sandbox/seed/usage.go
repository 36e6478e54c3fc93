package seed

import (
	"cmp"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

const (
	mostVisits  = 20_000 // in total
	usageDays   = 180    // with visits of live apps
	dormantDays = 220    // at least, since the last visit of dormant apps
	allShares   = usageDays * 38 / 7
)

// visitor is a user who opens apps in a range of days.
type visitor struct {
	*employee
	first, last int
	favorites   []*built
}

// usage creates visits of apps, most of them in the department of the user.
func (b *builder) usage() {
	var old []*built
	pools := make([][]*built, len(plan().Departments)+1)
	for _, a := range b.appList {
		switch a.use {
		case live:
			pools[a.department] = append(pools[a.department], a)
		case dormant:
			old = append(old, a)
		}
	}
	today := dayOf(b.now)
	visitors := b.visitors(pools)
	b.Visits, b.VisitedApps = []model.Visit{}, []model.VisitedApp{}
	b.dormantVisits(old, today)
	if len(visitors) == 0 {
		return
	}
	most, due := min(mostVisits-len(b.Visits), 80*len(visitors)), 0
	for d := today - usageDays + 1; d <= today; d++ {
		share := 7 // in 38 a week
		switch time.Unix(int64(d)*86_400, 0).UTC().Weekday() {
		case time.Saturday:
			share = 2
		case time.Sunday:
			share = 1
		default:
		}
		due += most * share
		begin := len(b.Visits)
		for ; due >= allShares; due -= allShares {
			b.visit(visitors, d)
		}
		b.Visits = append(b.Visits[:begin], merged(b.Visits[begin:])...)
	}
}

func dayOf(t model.Time) int { return int(t / model.Time(day.Milliseconds())) }

func (b *builder) visitors(pools [][]*built) []visitor {
	out := make([]visitor, 0, len(b.people))
	for i := range b.people {
		u := &b.people[i]
		if u.LastActive == nil {
			continue
		}
		v := visitor{employee: u, first: dayOf(u.CreatedAt), last: dayOf(*u.LastActive)}
		for n := range 3 + b.random.IntN(5) {
			pool := pools[u.department]
			if n%3 == 2 || len(pool) == 0 {
				pool = pools[everybody()]
			}
			if len(pool) > 0 {
				v.favorites = append(v.favorites, pick(b, pool))
			}
		}
		if len(v.favorites) > 0 {
			out = append(out, v)
		}
	}
	b.random.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return out
}

// visit creates a visit on a day, more often by the first visitors.
func (b *builder) visit(visitors []visitor, d int) {
	for range 4 {
		x := b.random.Float64()
		v := &visitors[int(x*x*float64(len(visitors)))]
		if d < v.first || d > v.last {
			continue
		}
		a := v.favorites[b.random.IntN(len(v.favorites))]
		if d < dayOf(a.CreatedAt) {
			continue
		}
		one := model.Visit{Day: d, User: v.LegacyID, App: b.place(a), Views: 1 + b.random.IntN(9)}
		if v.builds && b.chance(25) {
			one.Saves = 1 + b.random.IntN(5)
		}
		b.Visits = append(b.Visits, one)
		return
	}
}

// dormantVisits creates the last visits of dormant apps.
func (b *builder) dormantVisits(old []*built, today int) {
	for _, a := range old {
		if len(b.Visits) > mostVisits/10 {
			break
		}
		for range 3 {
			u, d := pick(b, b.people), today-dormantDays-b.random.IntN(150)
			if d < dayOf(u.CreatedAt) || d < dayOf(a.CreatedAt) || u.LastActive == nil || d > dayOf(*u.LastActive) {
				continue
			}
			b.Visits = append(b.Visits, model.Visit{Day: d, User: u.LegacyID, App: b.place(a), Views: 1 + b.random.IntN(3)})
		}
	}
	b.Visits = merged(b.Visits)
}

// place returns the index of an app among the visited ones.
func (b *builder) place(a *built) int {
	if a.visited == 0 {
		b.VisitedApps = append(b.VisitedApps, model.VisitedApp{ID: a.ID, Name: a.Name})
		a.visited = len(b.VisitedApps)
	}
	return a.visited - 1
}

// merged sorts visits and joins those by one user to one app on one day.
func merged(visits []model.Visit) []model.Visit {
	order.By(visits, func(x, y model.Visit) int {
		return cmp.Or(x.Day-y.Day, x.User-y.User, x.App-y.App)
	})
	out := visits[:0]
	for _, v := range visits {
		if n := len(out); n > 0 && out[n-1].Day == v.Day && out[n-1].User == v.User && out[n-1].App == v.App {
			out[n-1].Views += v.Views
			out[n-1].Saves += v.Saves
			continue
		}
		out = append(out, v)
	}
	return out
}
