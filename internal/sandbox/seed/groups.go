package seed

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// groups creates the groups, which users join later.
func (b *builder) groups() {
	for g := range b.Groups.All() {
		// Access to all apps would open the restricted ones.
		if g.ID == model.GroupEditor || g.ID == model.GroupViewer {
			g.AppAccess = "none"
		}
		b.groupNamed[g.Name] = g
	}
	for i := range b.sizes.Groups - b.Groups.Len() {
		fields := model.GroupFields{AppAccess: "none", ResourceAccess: "none", WorkflowAccess: "none", QueryAccess: "none"}
		if i < len(plan().Groups) {
			fields = plan().Groups[i]
		} else {
			fields.Name = extraGroup(i - len(plan().Groups))
		}
		created := b.spread(i, 2*b.sizes.Groups)
		g := &model.Group{
			ID: b.Number(model.SequenceGroup), Members: []model.GroupMember{}, Invites: []int{}, GroupFields: fields,
			CreatedAt: created, UpdatedAt: b.since(created),
		}
		b.Groups.Put(g)
		b.groupNamed[g.Name] = g
	}
}

// extraGroup returns the name of a further group.
func extraGroup(i int) string {
	teams := []string{"Store team", "Launch crew", "Returns desk", "Data owners", "Beta testers"}
	stores := len(plan().Stores)
	return teams[i/stores%len(teams)] + " " + plan().Stores[i%stores].City + again(i/stores/len(teams))
}

// join adds a user to groups.
func (b *builder) join(p person, u *model.User) {
	if p.Admin {
		b.SetMember(b.groupNamed["admin"], model.GroupMember{ID: u.ID})
	}
	names := append(make([]string, 0, 10), "All Users")
	if p.Editor {
		names = append(names, "editor")
	}
	if p.Viewer {
		names = append(names, "viewer")
	}
	own := plan().Departments[departmentNamed(p.Department)].Group
	for _, name := range p.Groups {
		names = append(names, name)
		if strings.TrimPrefix(name, "*") == own {
			own = ""
		}
	}
	for _, name := range append(names, own) {
		name, admin := strings.CutPrefix(name, "*")
		// SetMember would be slow: it looks for the user first.
		if g, ok := b.groupNamed[name]; ok {
			g.Members = append(g.Members, model.GroupMember{ID: u.ID, IsGroupAdmin: admin})
		}
	}
}

// teams adds some people to each further group.
func (b *builder) teams() {
	for i := range b.sizes.Groups - 4 - len(plan().Groups) {
		g := b.groupNamed[extraGroup(i)]
		from, count := b.random.IntN(len(b.people)), min(len(b.people), 4+b.random.IntN(12))
		for n := range count {
			u := b.people[(from+n)%len(b.people)]
			g.Members = append(g.Members, model.GroupMember{ID: u.ID, IsGroupAdmin: n == 0})
		}
	}
}

// landingPages sets the landing pages of some groups.
func (b *builder) landingPages() {
	for _, p := range []struct{ group, app string }{
		{"Support", "Ticket Triage"}, {"Warehouse", "Pick List"}, {"Store Managers", "Store Day Sheet"},
	} {
		g, a := b.groupNamed[p.group], b.appNamed(p.app)
		if g != nil && a != nil {
			g.LandingPage = new(a.ID)
		}
	}
}
