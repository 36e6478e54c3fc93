package seed

import (
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) apps() {
	planned := plan().Apps
	if b.space {
		planned = plan().AppsInSpace
	}
	names := newNamer(b)
	b.appList = make([]*built, 0, b.sizes.Apps)
	for i := range b.sizes.Apps {
		var a *built
		if i < len(planned) {
			a = b.plannedApp(planned[i])
		} else {
			a = b.ordinaryApp(names)
		}
		a.ID, a.ReleaseVersion = b.UUID(), "latest"
		a.CreatedAt = b.spread(i, b.sizes.Apps)
		a.UpdatedAt = b.since(a.CreatedAt)
		a.Synced = a.Protected
		for at := range a.Screens {
			a.Screens[at].ID = b.UUID()
		}
		b.Apps.Put(a.App)
		b.appList = append(b.appList, a)
	}
}

func (b *builder) plannedApp(p appPlan) *built {
	a := &built{use: p.Use, department: ownerOf(p.Folder), App: &model.App{
		AppView: model.AppView{
			Name: p.Name, Description: optional(p.Description), FolderID: b.folderOr("app", p.Folder), Shortlink: optional(p.Shortlink),
			Protected: p.Protected, IsModule: p.Module, IsMobileApp: p.Mobile,
		},
		Screens: make([]model.Screen, len(p.Screens)), Resources: make([]string, 0, len(p.Resources)),
	}}
	for i, name := range p.Screens {
		a.Screens[i].Name = name
	}
	if p.React {
		a.AppType, a.PublishedAs, a.Shortlink = "react", a.Shortlink, nil
	}
	if a.PublishedAs != nil {
		a.PublishedURL = new("https://" + b.Domain + "/p/" + *a.PublishedAs)
	}
	for _, name := range p.Resources {
		if id, ok := b.resourceNamed[name]; ok {
			a.Resources = append(a.Resources, id)
		}
	}
	return a
}

var screenNames = [...]string{"Home", "Details", "History", "Settings"}

// ordinaryApp returns an app that is not planned.
func (b *builder) ordinaryApp(names *namer) *built {
	about := b.random.IntN(len(plan().Subjects))
	name, form := names.next(about)
	owner := about
	if about == len(plan().Subjects)-1 {
		owner = everybody()
	}
	a := &built{department: owner, App: &model.App{
		AppView: model.AppView{
			Name: name, FolderID: model.FolderApps,
			Protected: b.chance(15), IsModule: b.chance(6),
		},
		Screens: make([]model.Screen, 1+b.random.IntN(len(screenNames))), Resources: make([]string, 0, 4),
	}}
	for i := range a.Screens {
		a.Screens[i].Name = screenNames[i]
	}
	if sentence := plan().Forms[form].Sentence; sentence != "" && b.chance(80) {
		a.Description = new(sentence)
	}
	switch n := b.random.IntN(100); {
	case n < 3:
		a.FolderID = model.FolderArchive
		a.use = dormant
	case n < 6:
		a.FolderID = b.folderOr("app", draftsOf(1+b.random.IntN(drafters)))
	case n < 92 && len(b.appFolders[owner]) > 0:
		a.FolderID = pick(b, b.appFolders[owner])
	}
	a.IsMobileApp = !a.IsModule && (plan().Departments[about].Name == "Warehouse" || plan().Departments[about].Name == "Stores") && b.chance(30)
	if a.use == live {
		switch n := b.random.IntN(100); {
		case n < 8:
			a.use = unused
		case n < 20:
			a.use = dormant
		}
	}
	if b.chance(20) && !a.IsModule {
		a.Shortlink = new("a" + strconv.Itoa(100+len(b.appList)))
	}
	if len(b.used) > 0 {
		from := b.random.IntN(len(b.used))
		for n := range min(b.random.IntN(5), len(b.used)) {
			a.Resources = append(a.Resources, b.used[(from+n)%len(b.used)])
		}
	}
	return a
}

func (b *builder) appNamed(name string) *built {
	for _, a := range b.appList {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// namer gives apps unique names.
type namer struct {
	orders [][]int // of combinations of subject and form, by department
	given  []int
}

func newNamer(b *builder) *namer {
	n := &namer{orders: make([][]int, len(plan().Subjects)), given: make([]int, len(plan().Subjects))}
	for at, list := range plan().Subjects {
		n.orders[at] = b.random.Perm(len(list) * len(plan().Forms))
	}
	return n
}

// next returns a unique name for an app of a department, and the index of its form.
func (n *namer) next(at int) (name string, form int) {
	order := n.orders[at]
	round := n.given[at] / len(order)
	place := order[n.given[at]%len(order)]
	n.given[at]++
	form = place % len(plan().Forms)
	name = plan().Subjects[at][place/len(plan().Forms)] + " " + plan().Forms[form].Name
	if round > 0 {
		name += " – " + cityOf(round-1)
	}
	return name, form
}
