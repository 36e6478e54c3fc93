package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// app puts one into an organization.
func app(o *model.Org, id int, name string, resources ...string) *model.App {
	a := &model.App{
		AppView:   model.AppView{ID: uuid(id), Name: name, FolderID: model.FolderApps, CreatedAt: o.Now(), UpdatedAt: o.Now(), ReleaseVersion: "latest"},
		Resources: resources,
	}
	o.Apps.Put(a)
	return a
}

func TestAppsAreFoundByNameAndResource(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		o.Resources.Put(&model.Resource{ID: uuid(10), DisplayName: "orders-db"})
		app(o, 1, "Orders", uuid(10))
		app(o, 2, "Returned orders", uuid(10), uuid(11))
		app(o, 3, "Payroll")
	})
	found := func(pairs ...string) []any { return field(a.items("list_apps", request{}.where(pairs...)), "id") }
	require.Equal(t, []any{uuid(1), uuid(2), uuid(3)}, found())
	require.Equal(t, []any{uuid(1), uuid(2)}, found("name_contains", "ORDER"))
	require.Equal(t, []any{uuid(1), uuid(2)}, found("using_resource", uuid(10)))
	require.Equal(t, []any{uuid(2)}, found("using_resource", uuid(10), "name_contains", "returned"))
	require.Equal(t, []any{uuid(2)}, found("using_resource", uuid(11)), "a resource that is gone, which an app still uses")
	require.Empty(t, found("using_resource", uuid(12)))
	require.Equal(t, "Payroll", a.object("get_app", at("appId", uuid(3)))["name"])
}

func TestAppsArePaged(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		for i := range 25 {
			app(o, i, fmt.Sprintf("App %d", i))
		}
	})
	var ids []any
	query := []string{"limit", "10", "name_contains", "app"}
	for pages := 1; ; pages++ {
		out := a.call("list_apps", request{}.where(query...)).body.(map[string]any)
		require.EqualValues(t, 25, out["total_count"])
		for _, item := range out["data"].([]any) {
			ids = append(ids, item.(map[string]any)["id"])
		}
		if out["has_more"] == false {
			require.Nil(t, out["next_token"])
			require.Equal(t, 3, pages)
			break
		}
		query = append(query[:4:4], "next_token", out["next_token"].(string))
	}
	require.Len(t, ids, 25)
	require.Equal(t, ids, field(a.items("list_apps", request{}), "id"))
}

func TestCloneIsIndependent(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		original := app(o, 1, "Orders", uuid(10))
		original.Description, original.Shortlink, original.ReleaseVersion = new("Takes orders"), new("orders"), "1.2.0"
		original.AppType, original.PublishedAs, original.PublishedURL = "react", new("orders"), new("https://northwind.retool.com/p/orders")
		original.Protected, original.Synced, original.IsModule = true, true, true
		original.Screens = []model.Screen{{ID: uuid(20), Name: "main"}, {ID: uuid(21), Name: "details"}}
	})
	support := a.appFolder("Support", nil)
	clone := a.object("clone_app", request{}.with(map[string]any{"app_id": uuid(1), "new_app_name": "Orders 2", "folder_id": support}))
	original := a.object("get_app", at("appId", uuid(1)))
	require.Equal(t, clone, a.object("get_app", at("appId", text(clone["id"]))))
	require.NotEqual(t, original["id"], clone["id"])
	for name, want := range map[string]any{
		"name": "Orders 2", "folder_id": support, "description": "Takes orders", "is_module": true,
		"protected": false, "synced": false, "shortlink": nil, "release_version": "latest",
		"app_type": "react", "published_app_identifier": nil, "published_app_url": nil,
	} {
		require.Equal(t, want, clone[name], name)
	}
	require.Greater(t, clone["created_at"], original["created_at"])

	kept, _ := a.organization().Apps.Get(text(clone["id"]))
	require.Equal(t, []string{uuid(10)}, kept.Resources)
	require.Len(t, kept.Screens, 2)
	require.Equal(t, "details", kept.Screens[1].Name)
	require.NotEqual(t, uuid(21), kept.Screens[1].ID)

	beside := a.object("clone_app", request{}.with(map[string]any{"app_id": uuid(1), "new_app_name": "Orders 2"}))
	require.Equal(t, "app_1", beside["folder_id"])
}

func TestInvalidClonesAreRefused(t *testing.T) {
	a := startWith(t, func(o *model.Org) { app(o, 1, "Orders") })
	before := a.state()
	for _, c := range []struct {
		status           int
		id, name, folder string
	}{
		{http.StatusNotFound, uuid(2), "Copy", "app_1"},
		{http.StatusNotFound, uuid(1), "Copy", "app_999"},
		{http.StatusBadRequest, uuid(1), "Copy", "workflow_4"},
		{http.StatusBadRequest, uuid(1), "", "app_1"},
		{http.StatusConflict, uuid(1), "Orders", "app_1"},
	} {
		a.fails(c.status, "clone_app", request{}.with(map[string]any{"app_id": c.id, "new_app_name": c.name, "folder_id": c.folder}))
	}
	require.Equal(t, before, a.state())
}

func TestNothingRefersToADeletedApp(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		for id, name := range map[int]string{1: "Orders", 2: "Payroll"} {
			app(o, id, name)
		}
		for id := 1; id <= 2; id++ {
			o.Grants.Put(&model.Grant{SubjectType: "group", SubjectID: "2", ObjectType: "app", ObjectID: uuid(id), Level: "use"})
			o.Grants.Put(&model.Grant{SubjectType: "group", SubjectID: "2", ObjectType: "screen", ObjectID: uuid(10 + id), AppID: uuid(id), Level: "use"})
			o.Releases.Put(&model.Release{ElementID: uuid(id), ElementType: "PAGE", ReleaseView: model.ReleaseView{Version: "1.0.0"}})
			o.Branches.Put(&model.Branch{Name: fmt.Sprint(id), ElementID: new(uuid(id)), ElementType: new("PAGE")})
			o.VisitedApps = append(o.VisitedApps, model.VisitedApp{ID: uuid(id)})
		}
		o.Manifests.Put(&model.Manifest{Name: "production", Apps: []model.ManifestEntry{
			{UUID: uuid(1), Release: "1.0.0"}, {UUID: uuid(2), Release: "1.0.0"},
		}})
		for id, landing := range map[string]string{"2": uuid(1), "3": uuid(2)} {
			g, _ := o.Groups.Get(id)
			g.LandingPage = new(landing)
		}
	})
	a.ok("delete_app", at("appId", uuid(1)))
	a.fails(http.StatusNotFound, "get_app", at("appId", uuid(1)))
	a.fails(http.StatusNotFound, "delete_app", at("appId", uuid(1)))

	o := a.organization()
	require.Equal(t, 2, o.Grants.Len())
	for g := range o.Grants.All() {
		require.Contains(t, []string{uuid(2), uuid(12)}, g.ObjectID)
	}
	require.Equal(t, 1, o.Releases.Len())
	require.True(t, o.Releases.Has(uuid(2)+" 1.0.0"))
	manifest, _ := o.Manifests.Get("production")
	require.Equal(t, []model.ManifestEntry{{UUID: uuid(2), Release: "1.0.0"}}, manifest.Apps)
	of, _ := o.Branches.Get("1")
	require.Nil(t, of.ElementID)
	require.Nil(t, of.ElementType)
	of, _ = o.Branches.Get("2")
	require.Equal(t, uuid(2), *of.ElementID)
	editors, _ := o.Groups.Get("2")
	require.Nil(t, editors.LandingPage)
	viewers, _ := o.Groups.Get("3")
	require.Equal(t, uuid(2), *viewers.LandingPage)
	require.Len(t, o.VisitedApps, 2, "what was counted of its usage stays")
}
