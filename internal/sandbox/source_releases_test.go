package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// unknownID is well formed, and nothing has it.
const unknownID = "99999999-9999-4999-8999-999999999999"

func newRelease(a *api, app, version string) map[string]any {
	return a.object("create_source_control_release",
		at("elementUuid", app).where("elementType", "PAGE").with(map[string]any{"release_version": version, "release_description": "Notes"}))
}

// listedVersions are an app's releases as they are listed.
func listedVersions(a *api, app string) []any {
	var out []any
	for _, r := range a.items("list_source_control_releases", at("elementUuid", app).where("elementType", "PAGE")) {
		out = append(out, r["release_version"])
	}
	return out
}

// pinned lets a manifest name a release of an app.
func pinned(manifest, app, version string) request {
	return at("manifestName", manifest, "elementUuid", app).where("elementType", "PAGE").with(map[string]any{"release": version})
}

func production(a *api) map[string]any {
	return a.object("get_source_control_manifest", at("manifestName", "production"))["manifest"].(map[string]any)
}

func manifestEntry(id, release string) any { return map[string]any{"uuid": id, "release": release} }

// liveRelease is the release that an app runs, by the organization's own record.
func liveRelease(a *api, app string) string {
	a.t.Helper()
	found, ok := stateOf(a).Apps.Get(app)
	require.True(a.t, ok)
	return found.ReleaseVersion
}

func TestReleasesBelongToOneElement(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	require.Empty(t, listedVersions(a, ordersApp))
	pushed := newRelease(a, ordersApp, "1.4.0")
	require.Regexp(t, `^[0-9a-f]{40}$`, pushed["commit_sha"])
	require.Equal(t, "https://github.com/northwind/retool/tree/"+text(pushed["branch_name"]), pushed["url"])
	newRelease(a, ordersApp, "1.5.0")
	newRelease(a, refundsApp, "1.4.0")
	require.Equal(t, []any{"1.5.0", "1.4.0"}, listedVersions(a, ordersApp))
	require.Equal(t, []any{"1.4.0"}, listedVersions(a, refundsApp))
	require.Equal(t, "latest", liveRelease(a, ordersApp), "a release alone sets nothing live")

	changesNothing(a, func() {
		body := map[string]any{"release_version": "1.4.0"}
		message := a.fails(http.StatusBadRequest, "create_source_control_release", at("elementUuid", ordersApp).where("elementType", "PAGE").with(body))
		require.Equal(t, `Release "1.4.0" of App "`+ordersApp+`" already exists`, message)
		for _, version := range []string{"1.4", "v1.4.0", "01.4.0", "latest", "1.4.0-rc1"} {
			body := map[string]any{"release_version": version}
			a.fails(http.StatusBadRequest, "create_source_control_release", at("elementUuid", ordersApp).where("elementType", "PAGE").with(body))
		}
		a.fails(http.StatusNotFound, "create_source_control_release", at("elementUuid", ordersApp).where("elementType", "WORKFLOW").with(body))
		a.fails(http.StatusNotFound, "list_source_control_releases", at("elementUuid", unknownID).where("elementType", "PAGE"))
		a.fails(http.StatusNotFound, "create_source_control_release_app", at("appUuid", nightlyFlow).with(body))
	})
}

func TestReleaseIsShippedToProduction(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	pushed := newRelease(a, ordersApp, "1.4.0")
	a.ok("replace_source_control_manifest_element", pinned("staging", ordersApp, "1.4.0"))
	require.Equal(t, "latest", liveRelease(a, ordersApp), "another manifest is another instance's")
	set := a.object("replace_source_control_manifest_element", pinned("production", ordersApp, "1.4.0"))
	require.NotEqual(t, pushed["branch_name"], set["branch_name"])
	require.Equal(t, "latest", liveRelease(a, ordersApp), "a manifest alone sets nothing live")
	deployed := a.object("deploy_source_control", request{})
	require.Equal(t, set["commit_sha"], deployed["commit_sha"], "what was pushed last is deployed")
	require.Equal(t, "SUCCESS", deploymentNow(a, deployed["id"])["status"])
	require.Equal(t, map[string]any{"name": "production", "apps": []any{manifestEntry(ordersApp, "1.4.0")}, "workflows": []any{}}, production(a))
	require.Equal(t, "1.4.0", liveRelease(a, ordersApp))

	a.ok("replace_source_control_manifest_element", pinned("production", ordersApp, "latest"))
	require.Equal(t, "1.4.0", liveRelease(a, ordersApp))
	a.ok("deploy_source_control", request{})
	require.Equal(t, "latest", liveRelease(a, ordersApp))
	a.ok("replace_source_control_manifest_element", pinned("production", ordersApp, "1.4.0"))
	a.ok("delete_source_control_manifest_element",
		at("manifestName", "production", "elementUuid", ordersApp).where("elementType", "PAGE").with(map[string]any{}))
	require.Empty(t, production(a)["apps"])
}

func TestManifestIsReplacedAndDeleted(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	newRelease(a, ordersApp, "1.0.0")
	newRelease(a, refundsApp, "2.0.0")
	manifest := func(lists map[string]any) request {
		return at("manifestName", "production").with(map[string]any{"manifest": lists})
	}
	a.ok("replace_source_control_manifest", manifest(map[string]any{
		"apps":      []any{manifestEntry(ordersApp, "1.0.0"), manifestEntry(refundsApp, "2.0.0")},
		"workflows": []any{manifestEntry(nightlyFlow, "latest")},
	}))
	a.ok("deploy_source_control", request{})
	require.Equal(t, []string{"1.0.0", "2.0.0"}, []string{liveRelease(a, ordersApp), liveRelease(a, refundsApp)})

	changesNothing(a, func() {
		for message, lists := range map[string]map[string]any{
			`App with id "` + nightlyFlow + `" does not exist`:              {"apps": []any{manifestEntry(nightlyFlow, "latest")}},
			`Workflow with id "` + unknownID + `" does not exist`:           {"workflows": []any{manifestEntry(unknownID, "latest")}},
			`Release "9.9.9" of App "` + ordersApp + `" does not exist`:     {"apps": []any{manifestEntry(ordersApp, "9.9.9")}},
			`App "` + ordersApp + `" occurs more than once in the manifest`: {"apps": []any{manifestEntry(ordersApp, "1.0.0"), manifestEntry(ordersApp, "latest")}},
		} {
			require.Equal(t, message, a.fails(http.StatusBadRequest, "replace_source_control_manifest", manifest(lists)))
		}
		a.fails(http.StatusBadRequest, "replace_source_control_manifest_element", pinned("production", ordersApp, "2.0.0"))
		a.fails(http.StatusNotFound, "replace_source_control_manifest_element", pinned("production", unknownID, "latest"))
		a.fails(http.StatusNotFound, "get_source_control_manifest", at("manifestName", "gone"))
		a.fails(http.StatusNotFound, "delete_source_control_manifest", at("manifestName", "gone").with(map[string]any{}))
	})

	a.ok("replace_source_control_manifest", manifest(map[string]any{"apps": []any{manifestEntry(refundsApp, "2.0.0")}}))
	a.ok("deploy_source_control", request{})
	require.Equal(t, []string{"latest", "2.0.0"}, []string{liveRelease(a, ordersApp), liveRelease(a, refundsApp)}, "what is left out is gone")
	require.Empty(t, production(a)["workflows"])
	a.ok("delete_source_control_manifest", at("manifestName", "production").with(map[string]any{"commit_message": "Out"}))
	a.ok("deploy_source_control", request{})
	require.Equal(t, "latest", liveRelease(a, refundsApp))
	require.Empty(t, a.object("list_source_control_manifests", request{})["manifests"])
}

func TestOperationsForAppsMatchElements(t *testing.T) {
	a := startSmall(t, nil)
	connect(a)
	app := func(manifest string) request { return at("manifestName", manifest, "appUuid", ordersApp) }
	a.ok("create_source_control_release_app", at("appUuid", ordersApp).with(map[string]any{"release_version": "3.0.0"}))
	require.Equal(t, []any{"3.0.0"}, listedVersions(a, ordersApp))
	require.Len(t, a.items("get_source_control_release_app", at("appUuid", ordersApp)), 1)
	a.ok("replace_source_control_manifest_app", app("production").with(map[string]any{"release": "3.0.0"}))
	require.Equal(t, []any{manifestEntry(ordersApp, "3.0.0")}, production(a)["apps"])
	a.ok("deploy_source_control", request{})
	require.Equal(t, "3.0.0", liveRelease(a, ordersApp))
	a.ok("delete_source_control_manifest_app", app("production").with(map[string]any{}))
	changesNothing(a, func() {
		a.fails(http.StatusNotFound, "delete_source_control_manifest_app", app("production").with(map[string]any{}))
		a.fails(http.StatusNotFound, "delete_source_control_manifest_app", app("gone").with(map[string]any{}))
	})
	require.Empty(t, production(a)["apps"])
}

func TestBranchURLs(t *testing.T) {
	a := startSmall(t, nil)
	for i, l := range logins() {
		a.ok("replace_source_control_config", request{}.with(map[string]any{"config": l.config()}))
		pushed := a.object("replace_source_control_manifest", at("manifestName", "Berlin & Wien").with(map[string]any{"commit_message": "New"}))
		require.Regexp(t, `^retool-manifest-Berlin-Wien-[0-9a-f]{8}$`, pushed["branch_name"])
		require.Equal(t, []string{
			"https://github.com/my-org/my-repo/tree/",
			"https://github.com/my-org/my-repo/tree/",
			"https://gitlab.com/my-org/my-repo/-/tree/",
			"https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/my-repo/browse/refs/heads/",
			"https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/my-repo/browse/refs/heads/",
			"https://bitbucket.org/my-org/my-repo/branch/",
			"https://bitbucket.org/my-org/my-repo/branch/",
			"https://dev.azure.com/organization/project/_git/my-repo?version=GB",
		}[i]+text(pushed["branch_name"]), pushed["url"], l.name)
	}
}
