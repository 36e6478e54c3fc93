package sandbox_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// firm is a small company of which every test knows who is who:
//
//	app_1 ─ Finance ─ Payroll (app, screens), Years (folder) ─ Archive (app)
//	workflow_4 ─ Nightly run; resource_1 ─ Ledger (an API), in production and staging
//
// Ada administers. Ben and Cem are Accountants, Cem a Clerk too; Dan was one and
// is disabled. Eve is in no group. Three people are invited to the Accountants:
// one still, one too late, one who has come.
type firm struct {
	*api
	users   map[string]string // ids by first name
	groups  map[string]int    // ids by name
	invites map[string]string // ids by the first part of the email address
	finance, years,
	payroll, screen, archive,
	nightly, ledger, production, staging, query string // ids
}

func startFirm(t testing.TB) firm {
	f := firm{users: map[string]string{}, groups: map[string]int{}, invites: map[string]string{}}
	f.api = startWith(t, func(o *model.Org) {
		for _, name := range []string{"Accountants", "Clerks"} {
			f.groups[name] = o.Number(model.SequenceGroup)
			o.Groups.Put(&model.Group{ID: f.groups[name], GroupFields: model.GroupFields{
				Name: name, AppAccess: "none", ResourceAccess: "none", WorkflowAccess: "none", QueryAccess: "none",
			}})
		}
		f.people(o)
		f.objects(o)
	})
	return f
}

func (f *firm) people(o *model.Org) {
	for _, p := range []struct {
		name   string
		groups []int
		gone   bool
	}{
		{"Ada", []int{model.GroupAdmin}, false},
		{"Ben", []int{f.groups["Accountants"]}, false},
		{"Cem", []int{f.groups["Accountants"], f.groups["Clerks"]}, false},
		{"Dan", []int{f.groups["Accountants"]}, true},
		{"Eve", nil, false},
	} {
		u := &model.User{UserView: model.UserView{
			ID: o.UserID(), LegacyID: o.Number(model.SequenceUser), FirstName: new(p.name), LastName: new("Firm"),
			Email: p.name + "@firm.example", Active: !p.gone, UserType: "default",
		}}
		f.users[p.name] = u.ID
		o.Users.Put(u)
		for _, id := range append(p.groups, model.GroupAllUsers) {
			g, _ := o.Groups.Get(strconv.Itoa(id))
			o.SetMember(g, model.GroupMember{ID: u.ID})
		}
	}
	accountants, _ := o.Groups.Get(strconv.Itoa(f.groups["Accountants"]))
	for _, name := range []string{"awaited", "late", "came"} {
		i := &model.Invite{
			ID: o.Number(model.SequenceInvite), InvitedBy: f.users["Ada"], InvitedEmail: name + "@firm.example", ExpiresAt: o.Now().Add(24 * time.Hour),
		}
		switch name {
		case "late":
			i.ExpiresAt = o.Now() - 1
		case "came":
			i.ClaimedBy, i.ClaimedAt = new(f.users["Ben"]), new(o.Now())
		}
		f.invites[name] = i.Key()
		o.Invites.Put(i)
		accountants.Invites = append(accountants.Invites, i.ID)
	}
}

func (f *firm) objects(o *model.Org) {
	folder := func(name, parent string) string {
		id := o.FolderID("app")
		o.Folders.Put(&model.Folder{ID: id, LegacyID: id, Name: name, ParentFolderID: &parent, FolderType: "app"})
		return id
	}
	f.finance = folder("Finance", model.FolderApps)
	f.years = folder("Years", f.finance)

	r := &model.Resource{ID: o.UUID(), Type: "restapi", DisplayName: "Ledger", FolderID: new(model.FolderResources)}
	f.ledger = r.ID
	o.Resources.Put(r)
	for e := range o.Environments.All() {
		c := &model.Configuration{
			ID: o.UUID(), ResourceID: r.ID, EnvironmentID: e.ID, Options: jsontext.Value(`{"base_url":"https://` + e.Name + `.firm.example"}`),
		}
		o.Configurations.Put(c)
		if e.Default {
			f.production = c.ID
		} else {
			f.staging = c.ID
		}
	}
	app := func(name, folder string, uses ...string) *model.App {
		a := &model.App{
			AppView: model.AppView{ID: o.UUID(), Name: name, FolderID: folder, Synced: true, ReleaseVersion: "1.4.0"},
			Screens: []model.Screen{{ID: o.UUID(), Name: "Home"}}, Resources: uses,
		}
		o.Apps.Put(a)
		return a
	}
	payroll := app("Payroll", f.finance, r.ID)
	f.payroll, f.screen = payroll.ID, payroll.Screens[0].ID
	f.archive = app("Archive", f.years).ID
	w := &model.Workflow{ID: o.UUID(), Name: "Nightly run", FolderID: model.FolderWorkflows, IsEnabled: true, CreatedBy: new(1)}
	f.nightly = w.ID
	o.Workflows.Put(w)
	q := &model.Query{ID: o.UUID(), Name: "Rates"}
	f.query = q.ID
	o.Queries.Put(q)
}

func (f firm) group(name string) map[string]any {
	return map[string]any{"type": "group", "id": f.groups[name]}
}

func (f firm) user(name string) map[string]any {
	return map[string]any{"type": "user", "id": f.users[name]}
}

func on(kind, id string) map[string]any { return map[string]any{"type": kind, "id": id} }

// grant calls grant_permissions, which has to succeed.
func (f firm) grant(subject, object map[string]any, level string) []map[string]any {
	f.t.Helper()
	return f.items("grant_permissions", permission(subject, object, level))
}

func (f firm) revoke(subject, object map[string]any) []map[string]any {
	f.t.Helper()
	return f.items("revoke_permissions", permission(subject, object, ""))
}

func permission(subject, object map[string]any, level string) request {
	body := map[string]any{"subject": subject, "object": object}
	if level != "" {
		body["access_level"] = level
	}
	return request{}.with(body)
}

// reach is what list_subject_access answers: levels by id.
func (f firm) reach(subject map[string]any, kind string, inherited bool) map[string]string {
	f.t.Helper()
	out := map[string]string{}
	for _, item := range f.items("list_subject_access", request{}.with(map[string]any{
		"subject": subject, "object_type": kind, "include_inherited_access": inherited,
	})) {
		require.Equal(f.t, kind, item["type"])
		out[item["id"].(string)] = item["access_level"].(string)
	}
	return out
}

// who is what list_object_access answers, in the form
// "own direct groups:1,5 inherited:app_7", by the names of users and groups and
// the addresses of invites.
func (f firm) who(kind, id string) map[string]string {
	f.t.Helper()
	names := map[string]string{"group 1": "admin", "group 4": "All Users"}
	for name, id := range f.users {
		names["user "+id] = name
	}
	for name, id := range f.groups {
		names["group "+strconv.Itoa(id)] = name
	}
	for name, id := range f.invites {
		names["userInvite "+id] = name
	}
	out := map[string]string{}
	lists := f.object("list_object_access", at("objectType", kind, "objectId", id))
	require.ElementsMatch(f.t, []string{"group", "user", "userInvite"}, slices.Collect(maps.Keys(lists)))
	for list, entries := range lists {
		for _, entry := range entries.([]any) {
			e := entry.(map[string]any)
			subject := e["subject"].(map[string]any)
			require.Equal(f.t, list, subject["type"])
			name := names[list+" "+subject["id"].(string)]
			if name == "" {
				name = subject["id"].(string)
			}
			require.NotContains(f.t, out, name)
			out[name] = e["accessLevel"].(string) + sources(e["sources"].(map[string]any), names)
		}
	}
	return out
}

func sources(s map[string]any, names map[string]string) string {
	out := ""
	for _, reason := range []string{"direct", "universal"} {
		if s[reason] == true {
			out += " " + reason
		}
	}
	groups, _ := s["groups"].([]any)
	for _, g := range groups {
		out += " through " + names["group "+g.(map[string]any)["id"].(string)]
	}
	if parent, ok := s["inherited"].(map[string]any); ok {
		out += " by " + parent["type"].(string)
	}
	return out
}
