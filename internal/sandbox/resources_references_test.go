package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// theViewers are a built-in group, as permissions name it.
var theViewers = map[string]any{"type": "group", "id": model.GroupViewer}

func (a *api) letViewersUse(objectType, id string) {
	a.t.Helper()
	a.ok("grant_permissions", request{}.with(map[string]any{
		"subject": theViewers, "object": map[string]any{"type": objectType, "id": id}, "access_level": "use",
	}))
}

// viewersUse are the ids of the objects of a type that were granted to viewers.
func (a *api) viewersUse(objectType string) []any {
	a.t.Helper()
	body := map[string]any{"subject": theViewers, "object_type": objectType}
	return field(a.items("list_subject_access", request{}.with(body)), "id")
}

func TestDeletedResourceRemovesGrants(t *testing.T) {
	a := startWith(t, bare)
	gone, kept := a.resource("Tide tables"), a.resource("Tide forecast")
	configuration := a.configuration(kept)
	a.letViewersUse("resource", gone)
	a.letViewersUse("resource_configuration", a.configuration(gone))
	a.letViewersUse("resource", kept)
	a.letViewersUse("resource_configuration", configuration)

	a.ok("delete_resource", at("resourceId", gone))
	require.Equal(t, []any{kept}, a.viewersUse("resource"))
	require.Equal(t, []any{configuration}, a.viewersUse("resource_configuration"))

	a.ok("delete_resource_configuration", at("configurationId", configuration))
	require.Equal(t, []any{kept}, a.viewersUse("resource"))
	require.Empty(t, a.viewersUse("resource_configuration"))
}

func TestDeletedEnvironmentRemovesGrants(t *testing.T) {
	a := startWith(t, bare)
	resource, preview := a.resource("Tide tables"), a.preview()
	gone := a.object("create_resource_configuration", request{}.with(map[string]any{
		"resource_id": resource, "environment_id": preview, "options": restOptions(),
	}))["id"].(string)
	kept := a.configuration(resource)
	a.letViewersUse("resource_configuration", gone)
	a.letViewersUse("resource_configuration", kept)

	a.ok("delete_environment", at("environmentId", preview))
	require.Equal(t, []any{kept}, a.viewersUse("resource_configuration"))
}

func TestDeletedResourceIsRemovedFromApps(t *testing.T) {
	orders, stock := uuid(1), uuid(2)
	a := startWith(t, func(o *model.Org) {
		for i, id := range []string{orders, stock} {
			o.Resources.Put(&model.Resource{ID: id, Type: "kafka", DisplayName: []string{"Orders", "Stock"}[i]})
		}
		o.Apps.Put(&model.App{
			AppView:   model.AppView{ID: uuid(3), Name: "Store", FolderID: model.FolderApps},
			Resources: []string{orders, stock},
		})
	})
	store := a.object("get_app", at("appId", uuid(3)))
	a.ok("delete_resource", at("resourceId", "Orders"))
	require.Empty(t, a.items("list_apps", request{}.where("using_resource", orders)))
	require.Equal(t, []map[string]any{store}, a.items("list_apps", request{}.where("using_resource", stock)))
}
