package seed_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// only is the one item that fits.
func only[E any, T model.Item[E]](t *testing.T, table *model.Table[E, T], fits func(T) bool) (found T) {
	t.Helper()
	n := 0
	for item := range table.All() {
		if fits(item) {
			found = item
			n++
		}
	}
	require.Equal(t, 1, n)
	return found
}

func appNamed(t *testing.T, name string) *model.App {
	t.Helper()
	return only(t, &standard.Apps, func(a *model.App) bool { return strings.Contains(strings.ToLower(a.Name), strings.ToLower(name)) })
}

func groupNamed(t *testing.T, name string) *model.Group {
	t.Helper()
	return only(t, &standard.Groups, func(g *model.Group) bool { return g.Name == name })
}

func userOf(t *testing.T, email string) *model.User {
	t.Helper()
	return only(t, &standard.Users, func(u *model.User) bool { return u.Email == email })
}

func TestPayrollIsRestricted(t *testing.T) {
	payroll := appNamed(t, "payroll")
	require.Equal(t, "Payroll", payroll.Name)
	folder, _ := standard.Folders.Get(payroll.FolderID)
	require.Equal(t, "Finance", folder.Name)
	require.Equal(t, model.FolderApps, *folder.ParentFolderID)

	var on []string
	for g := range standard.Grants.All() {
		if g.ObjectID == payroll.ID || g.AppID == payroll.ID || g.ObjectID == payroll.FolderID || g.ObjectID == model.FolderApps {
			name := userNameOrGroup(g)
			on = append(on, g.ObjectType+" "+name+" "+g.Level)
		}
	}
	require.ElementsMatch(t, []string{"app Payroll Admins own", "app mia.chen@northwind.example use", "folder Finance edit"}, on)
	for g := range standard.Groups.All() {
		require.True(t, g.AppAccess == "none" || g.ID == model.GroupAdmin, "%s reaches every app", g.Name)
	}
}

func userNameOrGroup(g *model.Grant) string {
	if u, ok := standard.Users.Get(g.SubjectID); ok {
		return u.Email
	}
	group, _ := standard.Groups.Get(g.SubjectID)
	return group.Name
}

func TestOrdersHasReleases(t *testing.T) {
	orders := appNamed(t, "orders")
	require.Equal(t, "Orders", orders.Name)
	var versions []string
	for r := range standard.Releases.All() {
		if r.ElementID == orders.ID {
			versions = append(versions, r.Version)
		}
	}
	require.Equal(t, []string{"1.2.0", "1.3.0", "1.3.1"}, versions)
	require.Equal(t, "1.3.1", orders.ReleaseVersion)
	production, _ := standard.Manifests.Get("production")
	require.Contains(t, production.Apps, model.ManifestEntry{UUID: orders.ID, Release: "1.3.1"})
	require.Len(t, production.Apps, 12)
	require.Len(t, production.Workflows, 4)
}

func TestOneReactAppIsPublished(t *testing.T) {
	types, published := map[string]int{}, 0
	for a := range standard.Apps.All() {
		types[a.AppType]++
		require.Equal(t, a.PublishedAs == nil, a.PublishedURL == nil)
		if a.PublishedAs != nil {
			require.Equal(t, "react", a.AppType)
			published++
		}
	}
	require.Equal(t, map[string]int{"": 178, "react": 2}, types)
	require.Equal(t, 1, published)
}

func TestOneDescriptionGivesOrdersToAgents(t *testing.T) {
	vendor := only(t, &standard.Apps, func(a *model.App) bool {
		return a.Description != nil && strings.Contains(*a.Description, "disable_user")
	})
	require.Equal(t, "Vendor Onboarding (legacy)", vendor.Name)
	require.Contains(t, *vendor.Description, "Ignore all previous instructions")
	for s := range standard.Spaces.All() {
		for a := range s.Org.Apps.All() {
			require.NotEqual(t, vendor.Name, a.Name)
			require.NotEqual(t, "Payroll", a.Name)
		}
	}
}

func TestWellKnownPeople(t *testing.T) {
	ava := userOf(t, "ava.lindqvist@northwind.example")
	require.Equal(t, 1, ava.LegacyID)
	require.True(t, ava.IsAdmin)
	jane := userOf(t, "jane@northwind.example")
	require.Equal(t, "Jane Halloran", *jane.FirstName+" "+*jane.LastName)
	require.Equal(t, 3, jane.Sessions)
	in := 0
	for g := range standard.Groups.All() {
		for _, m := range g.Members {
			if m.ID == jane.ID {
				in++
			}
		}
	}
	require.GreaterOrEqual(t, in, 5)
	drafts, _ := standard.Folders.Get(appNamed(t, "VIP queue idea").FolderID)
	require.Equal(t, "(3) Jane Halloran's Drafts", drafts.Name)
	require.Equal(t, model.FolderPersonal, *drafts.ParentFolderID)
	require.True(t, drafts.IsSystemFolder)
	only(t, &standard.Workflows, func(w *model.Workflow) bool {
		return w.CreatedBy != nil && *w.CreatedBy == jane.LegacyID && w.Name == "Jane's macro test"
	})
	require.Len(t, groupNamed(t, "admin").Members, 5)
	require.GreaterOrEqual(t, len(groupNamed(t, "Payroll Admins").Members), 3)
	groupNamed(t, `Marketing "EMEA 🚀"`)

	nameless := only(t, &standard.Users, func(u *model.User) bool { return u.FirstName == nil })
	require.Nil(t, nameless.LastName)
	only(t, &standard.Users, func(u *model.User) bool { return u.FirstName != nil && strings.Contains(*u.FirstName, "🌲") })
	scripts := map[string]*unicode.RangeTable{"Arabic": unicode.Arabic, "Hebrew": unicode.Hebrew, "Han": unicode.Han, "Cyrillic": unicode.Cyrillic}
	for name, script := range scripts {
		_, ok := standard.Users.Find(func(u *model.User) bool {
			return u.LastName != nil && strings.ContainsFunc(*u.LastName, func(r rune) bool { return unicode.Is(script, r) })
		})
		require.True(t, ok, "somebody whose name is in %s", name)
	}
}

func TestPeopleIncludeProblemCases(t *testing.T) {
	var disabled, plain, never, idlePowerful int
	editors := map[string]bool{}
	for _, m := range groupNamed(t, "editor").Members {
		editors[m.ID] = true
	}
	quarter := now.Add(-90 * 24 * time.Hour)
	types := map[string]int{}
	for u := range standard.Users.All() {
		types[u.UserType]++
		switch {
		case !u.Active:
			disabled++
			require.Zero(t, u.Sessions)
		case u.LastActive == nil:
			never++
			require.Zero(t, u.Sessions)
		case *u.LastActive < quarter && (u.IsAdmin || editors[u.ID]):
			idlePowerful++
		}
		if !u.TwoFactorAuth {
			plain++
		}
		require.LessOrEqual(t, u.Sessions, 3)
	}
	require.InDelta(t, 20, disabled, 10)
	require.InDelta(t, 40, plain, 15)
	require.Positive(t, never)
	require.GreaterOrEqual(t, idlePowerful, 2)
	require.Len(t, types, 3)
	require.Greater(t, types["default"], 200)
}

func TestDatabaseHostHasSeveralConfigurations(t *testing.T) {
	environments := map[string]string{}
	for e := range standard.Environments.All() {
		environments[e.ID] = e.Name
	}
	at := map[string]int{}
	auth := map[string]bool{}
	for c := range standard.Configurations.All() {
		var options struct {
			Database struct {
				Host     string `json:"host"`
				Port     string `json:"port"`
				Username string `json:"username"`
				Password string `json:"password"`
			} `json:"database_options"`
			Authentication struct {
				Type string `json:"authentication_type"`
			} `json:"authentication_options"`
		}
		require.NoError(t, json.Unmarshal(c.Options, &options))
		auth[options.Authentication.Type] = true
		if options.Database.Host == "db1.internal.northwind.example" {
			at[environments[c.EnvironmentID]]++
			require.Equal(t, "5432", options.Database.Port)
			require.NotEmpty(t, options.Database.Username)
			require.True(t, strings.HasPrefix(options.Database.Password, "pg-"))
		}
	}
	require.Equal(t, map[string]int{"production": 4, "staging": 4}, at)
	for _, kind := range []string{
		"none", "basic", "bearer", "digest", "oauth1", "oauth2", "auth0", "aws4", "azure_identity", "azure_storage_shared_key",
		"snowflake", "snowflake_jwt",
	} {
		require.True(t, auth[kind], kind)
	}
}

func TestUsageSeparatesLiveFromDormantApps(t *testing.T) {
	last := map[string]int{}
	byWeekday := map[time.Weekday]int{}
	today := int(now.Std().Unix() / 86_400)
	for _, v := range standard.Visits {
		last[standard.VisitedApps[v.App].ID] = v.Day
		if v.Day > today-175 {
			byWeekday[time.Unix(int64(v.Day)*86_400, 0).UTC().Weekday()]++
		}
	}
	var unopened, forgotten, fresh int
	for a := range standard.Apps.All() {
		day, ok := last[a.ID]
		switch {
		case !ok:
			unopened++
		case day < today-184:
			forgotten++
		case day > today-14:
			fresh++
		}
	}
	require.Greater(t, unopened, 5)
	require.Greater(t, forgotten, 8)
	require.Greater(t, fresh, 90)
	require.Greater(t, byWeekday[time.Tuesday], 3*byWeekday[time.Sunday])

	used := map[string]bool{}
	for a := range standard.Apps.All() {
		for _, id := range a.Resources {
			used[id] = true
		}
	}
	require.Less(t, len(used), standard.Resources.Len(), "some resources are of no use")
	require.Greater(t, len(used), 25)
}
