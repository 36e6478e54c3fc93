package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// nightShift makes a group and returns how it is named in permissions.
func (a *api) nightShift() map[string]any {
	a.t.Helper()
	group := a.object("create_group", request{}.with(map[string]any{"name": "Night shift"}))
	return map[string]any{"type": "group", "id": group["id"]}
}

func (a *api) grantUse(subject map[string]any, objectType, id string) {
	a.t.Helper()
	a.ok("grant_permissions", request{}.with(map[string]any{
		"subject": subject, "object": map[string]any{"type": objectType, "id": id}, "access_level": "use",
	}))
}

// granted are the ids of the objects of a type that a subject was granted.
func (a *api) granted(subject map[string]any, objectType string) []string {
	a.t.Helper()
	out := []string{}
	for _, o := range a.items("list_permission_objects", request{}.with(map[string]any{"subject": subject, "object_type": objectType})) {
		out = append(out, o["id"].(string))
	}
	return out
}

func TestGrantsGoWithTheirResource(t *testing.T) {
	a := start(t, sandbox.Options{})
	subject := a.nightShift()
	gone, kept := a.resource("Weather"), a.resource("Forecast")
	for _, id := range []string{gone, kept} {
		a.grantUse(subject, "resource", id)
		a.grantUse(subject, "resource_configuration", a.configuration(id))
	}
	keptConfiguration := a.configuration(kept)
	a.ok("delete_resource", at("resourceId", gone))
	require.Equal(t, []string{kept}, a.granted(subject, "resource"))
	require.Equal(t, []string{keptConfiguration}, a.granted(subject, "resource_configuration"))

	a.ok("delete_resource_configuration", at("configurationId", keptConfiguration))
	require.Equal(t, []string{kept}, a.granted(subject, "resource"))
	require.Empty(t, a.granted(subject, "resource_configuration"))
}

func TestGrantsGoWithTheirEnvironment(t *testing.T) {
	a := start(t, sandbox.Options{})
	subject, preview := a.nightShift(), a.preview()
	resource := a.resource("Weather")
	gone := a.object("create_resource_configuration", request{}.with(map[string]any{
		"resource_id": resource, "environment_id": preview, "options": restOptions(),
	}))["id"].(string)
	kept := a.configuration(resource)
	a.grantUse(subject, "resource_configuration", gone)
	a.grantUse(subject, "resource_configuration", kept)
	a.ok("delete_environment", at("environmentId", preview))
	require.Equal(t, []string{kept}, a.granted(subject, "resource_configuration"))
}

func TestAppsForgetADeletedResource(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, resource := range a.items("list_resources", request{}) {
		id := resource["id"].(string)
		apps := a.items("list_apps", request{}.where("using_resource", id))
		if len(apps) == 0 {
			continue
		}
		a.ok("delete_resource", at("resourceId", id))
		require.Empty(t, a.items("list_apps", request{}.where("using_resource", id)))
		for _, app := range apps {
			require.Equal(t, app, a.object("get_app", at("appId", app["id"].(string))), "the app itself stays as it was")
		}
		return
	}
	t.Fatal("no app uses a resource")
}
