package seed_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

func TestReferencesExist(t *testing.T) {
	for name, s := range sizes {
		t.Run(name, func(t *testing.T) {
			o := seed.Organization(5, now, s)
			checkReferences(t, o)
			for space := range o.Spaces.All() {
				require.Equal(t, space.ID, space.Org.ID)
				require.Equal(t, space.Domain, space.Org.Domain)
				require.Equal(t, space.Name, space.Org.Name)
				require.Zero(t, space.Org.Spaces.Len())
				checkReferences(t, space.Org)
			}
		})
	}
}

// referenceChecker checks that every reference has its object.
type referenceChecker struct {
	*testing.T
	*model.Org
	legacy  map[int]*model.User
	screens map[string]string // ids of apps by those of their screens
}

func checkReferences(t *testing.T, o *model.Org) {
	t.Helper()
	w := referenceChecker{t, o, map[int]*model.User{}, map[string]string{}}
	for u := range o.Users.All() {
		w.legacy[u.LegacyID] = u
	}
	w.people()
	w.objects()
	w.access()
	w.sourceControl()
	w.usage()
}

func (w referenceChecker) people() {
	admins := 0
	for u := range w.Users.All() {
		for name := range u.Metadata {
			_, ok := w.Attributes.Find(func(a *model.Attribute) bool { return a.Name == name })
			require.True(w, ok, "attribute %s", name)
		}
		if u.IsAdmin {
			admins++
		}
	}
	for g := range w.Groups.All() {
		seen := map[string]bool{}
		for _, m := range g.Members {
			u, ok := w.Users.Get(m.ID)
			require.True(w, ok, "member of %s", g.Name)
			require.False(w, seen[m.ID], "%s is twice in %s", m.ID, g.Name)
			seen[m.ID] = true
			require.True(w, g.ID != model.GroupAdmin || u.IsAdmin)
		}
		switch g.ID {
		case model.GroupAdmin:
			require.Len(w, g.Members, admins)
		case model.GroupAllUsers:
			require.Len(w, g.Members, w.Users.Len())
		}
		for _, id := range g.Invites {
			require.True(w, w.Invites.Has(strconv.Itoa(id)))
		}
		if g.LandingPage != nil {
			require.True(w, w.Apps.Has(*g.LandingPage))
		}
	}
	for i := range w.Invites.All() {
		require.True(w, w.Users.Has(i.InvitedBy))
		require.Equal(w, i.ClaimedBy == nil, i.ClaimedAt == nil)
		if i.ClaimedBy != nil {
			u, ok := w.Users.Get(*i.ClaimedBy)
			require.True(w, ok)
			require.Equal(w, u.Email, i.InvitedEmail)
		}
	}
	for r := range w.AccessRequests.All() {
		require.Equal(w, r.Status == "PENDING", r.UpdatedByID == nil)
		require.True(w, r.UpdatedByID == nil || w.Users.Has(*r.UpdatedByID))
	}
	for token := range w.AccessTokens.All() {
		require.Contains(w, w.legacy, token.OwnerLegacyID)
		require.Equal(w, token.Secret[len(token.Secret)-4:], token.Last4)
	}
}

// inFolder says that something of a type is in a folder of that type.
func (w referenceChecker) inFolder(kind, id string) {
	f, ok := w.Folders.Get(id)
	require.True(w, ok, "folder %s", id)
	require.Equal(w, kind, f.FolderType)
}

func (w referenceChecker) objects() {
	for f := range w.Folders.All() {
		if f.ParentFolderID != nil {
			w.inFolder(f.FolderType, *f.ParentFolderID)
		}
	}
	for a := range w.Apps.All() {
		w.inFolder("app", a.FolderID)
		for _, s := range a.Screens {
			require.NotContains(w, w.screens, s.ID)
			w.screens[s.ID] = a.ID
		}
		for _, id := range a.Resources {
			require.True(w, w.Resources.Has(id), "resource of %s", a.Name)
		}
		require.Len(w, slices.Compact(slices.Sorted(slices.Values(a.Resources))), len(a.Resources), a.Name)
	}
	for r := range w.Resources.All() {
		if r.FolderID != nil {
			w.inFolder("resource", *r.FolderID)
		}
	}
	for c := range w.Configurations.All() {
		require.True(w, w.Resources.Has(c.ResourceID))
		require.True(w, w.Environments.Has(c.EnvironmentID))
	}
	for v := range w.Variables.All() {
		for _, value := range v.Values {
			require.True(w, w.Environments.Has(value.EnvironmentID))
		}
	}
	for f := range w.Workflows.All() {
		w.inFolder("workflow", f.FolderID)
		require.True(w, f.CreatedBy == nil || w.legacy[*f.CreatedBy] != nil)
	}
	for r := range w.Runs.All() {
		require.True(w, w.Workflows.Has(r.WorkflowID))
	}
	for task := range w.Tasks.All() {
		w.task(task)
	}
	for l := range w.Libraries.All() {
		for _, r := range l.Revisions {
			require.Equal(w, l.ID, r.LibraryID)
			require.NotEmpty(w, r.Files)
		}
	}
}

func (w referenceChecker) task(task *model.Task) {
	f, ok := w.Workflows.Get(task.WorkflowID)
	require.True(w, ok)
	require.Equal(w, f.Name, task.WorkflowName)
	r, ok := w.Runs.Get(task.RunID)
	require.True(w, ok)
	require.Equal(w, task.WorkflowID, r.WorkflowID)
	if task.WorkflowRelease != nil {
		require.True(w, w.Releases.Has(task.WorkflowID+" "+*task.WorkflowRelease))
	}
	require.NotEmpty(w, task.Assignees)
	for _, a := range task.Assignees {
		if a.Type == "user" {
			require.Equal(w, w.legacy[a.ID].Email, a.Name)
			continue
		}
		g, ok := w.Groups.Get(strconv.Itoa(a.ID))
		require.True(w, ok)
		require.Equal(w, g.Name, a.Name)
	}
	require.Equal(w, task.Status == "submitted" || task.Status == "cancelled", task.CompletedAt != nil)
	switch task.Status {
	case "pending":
		require.True(w, task.ExpiresAt == nil || *task.ExpiresAt > now)
	case "expired":
		require.LessOrEqual(w, *task.ExpiresAt, now)
	}
}

func (w referenceChecker) subject(kind, id string) {
	if kind == "user" {
		require.True(w, w.Users.Has(id))
		return
	}
	require.Equal(w, "group", kind)
	require.True(w, w.Groups.Has(id), "group %s", id)
}

func (w referenceChecker) object(kind, id string) {
	has := map[string]func(string) bool{
		"folder": w.Folders.Has, "app": w.Apps.Has, "resource": w.Resources.Has, "resource_configuration": w.Configurations.Has,
		"screen": func(id string) bool { return w.screens[id] != "" },
	}
	require.Contains(w, has, kind)
	require.True(w, has[kind](id), "%s %s", kind, id)
}

func (w referenceChecker) access() {
	for g := range w.Grants.All() {
		w.subject(g.SubjectType, g.SubjectID)
		w.object(g.ObjectType, g.ObjectID)
		require.Contains(w, []string{"use", "edit", "own"}, g.Level)
		require.Equal(w, w.screens[g.ObjectID], g.AppID)
	}
	for r := range w.Roles.All() {
		require.Equal(w, w.ID, r.OrganizationID)
	}
	for g := range w.RoleGrants.All() {
		require.True(w, w.Roles.Has(g.RoleID))
		w.subject(g.SubjectType, g.SubjectID)
		require.Equal(w, g.ObjectType == nil, g.ObjectID == nil)
		if g.ObjectType != nil {
			w.object(*g.ObjectType, *g.ObjectID)
		}
	}
}

func (w referenceChecker) sourceControl() {
	for d := range w.Deployments.All() {
		require.True(w, w.Users.Has(*d.TriggeredBy))
	}
	for b := range w.Branches.All() {
		if b.ElementID != nil {
			require.True(w, w.Apps.Has(*b.ElementID) || w.Workflows.Has(*b.ElementID))
		}
	}
	for r := range w.Releases.All() {
		require.True(w, r.ElementType == "PAGE" && w.Apps.Has(r.ElementID) || r.ElementType == "WORKFLOW" && w.Workflows.Has(r.ElementID))
	}
	for m := range w.Manifests.All() {
		for _, e := range slices.Concat(m.Apps, m.Workflows) {
			require.True(w, e.Release == "latest" || w.Releases.Has(e.UUID+" "+e.Release))
		}
	}
	live := map[string]string{}
	production, ok := w.Manifests.Get("production")
	require.True(w, ok)
	for _, e := range production.Apps {
		live[e.UUID] = e.Release
	}
	for a := range w.Apps.All() {
		want, ok := live[a.ID]
		if !ok {
			want = "latest"
		}
		require.Equal(w, want, a.ReleaseVersion, a.Name)
	}
}

func (w referenceChecker) usage() {
	seen, visited := map[string]bool{}, make([]bool, len(w.VisitedApps))
	for _, v := range w.VisitedApps {
		a, ok := w.Apps.Get(v.ID)
		require.True(w, ok)
		require.Equal(w, a.Name, v.Name)
		require.False(w, seen[v.ID])
		seen[v.ID] = true
	}
	today := int(now.Std().Unix() / 86_400)
	for i, v := range w.Visits {
		u := w.legacy[v.User]
		require.NotNil(w, u)
		require.GreaterOrEqual(w, v.Day, int(u.CreatedAt.Std().Unix()/86_400))
		require.LessOrEqual(w, v.Day, today)
		require.Positive(w, v.Views)
		visited[v.App] = true
		require.True(w, i == 0 || w.Visits[i-1].Day <= v.Day, "visits are in order")
	}
	require.NotContains(w, visited, false)
}
