package sandbox_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

var elementTypes = map[string]string{"app": "PAGE", "workflow": "WORKFLOW"}

func kindsOfSourceControl() []*kind {
	return []*kind{
		{
			name: "manifest", id: "name", list: "list_source_control_manifests", listIn: "manifests",
			read: "get_source_control_manifest", readIn: "manifest", param: "manifestName", most: 4,
			create: func(w *randomClient) (string, request, bool) {
				name := w.word()
				if w.find("manifest", "production") == nil {
					name = "production"
				}
				return "replace_source_control_manifest", at("manifestName", name).with(map[string]any{
					"manifest": map[string]any{"apps": w.entries("app"), "workflows": w.entries("workflow")},
				}), true
			},
			remove: "delete_source_control_manifest", verify: (*randomClient).verifyManifest,
			added: func(_ *randomClient, t *thing) { t.pinned = pinnedIn(t.item) },
		},
		{
			name: "deployment", list: "list_source_control_deployments",
			read: "get_source_control_deployment", param: "id", most: 20,
			listed: func(w *randomClient) []map[string]any { // the newest come first
				out := listIn(w.object("list_source_control_deployments", request{})["deployments"])
				slices.Reverse(out)
				return out
			},
			create: func(*randomClient) (string, request, bool) { return "deploy_source_control", request{}, true },
			added:  (*randomClient).goLive,
		},
	}
}

// goLive takes over what the manifest of this instance says, if a deployment
// went well.
func (w *randomClient) goLive(deployment *thing) {
	if w.object("get_source_control_deployment", at("id", deployment.id))["status"] != "SUCCESS" {
		return
	}
	w.live = map[string]string{}
	if m := w.find("manifest", "production"); m != nil {
		w.live = maps.Clone(m.pinned)
	}
}

// pinnedIn are the releases that a manifest names, by element.
func pinnedIn(manifest map[string]any) map[string]string {
	out := map[string]string{}
	for _, e := range slices.Concat(listIn(manifest["apps"]), listIn(manifest["workflows"])) {
		out[text(e["uuid"])] = text(e["release"])
	}
	return out
}

func (w *randomClient) verifyManifest(t *thing) {
	w.t.Helper()
	require.Equal(w.t, t.pinned, pinnedIn(t.item), "what manifest %s names", t.id)
}

// entries are some entries of a manifest.
func (w *randomClient) entries(kind string) []any {
	out := []any{}
	for _, id := range w.some(kind, 3) {
		out = append(out, manifestEntry(id, w.someRelease(id)))
	}
	return out
}

func (w *randomClient) someRelease(element string) string {
	versions := append([]string{"latest"}, w.releases[element]...)
	return versions[w.random.IntN(len(versions))]
}

// element is an app or workflow, nil where there is none.
func (w *randomClient) element() *thing {
	return w.any([]string{"app", "workflow"}[w.random.IntN(2)], nil)
}

// release makes a release, and tries to make it once more.
func (w *randomClient) release() {
	w.t.Helper()
	t := w.element()
	if t == nil {
		return
	}
	w.names++
	version := fmt.Sprintf("%d.%d.0", 10+w.names, w.random.IntN(3))
	operation, r := "create_source_control_release", at("elementUuid", t.id).where("elementType", elementTypes[t.name])
	if t.name == "app" && w.chance(2) {
		operation, r = "create_source_control_release_app", at("appUuid", t.id)
	}
	r = r.with(map[string]any{"release_version": version, "release_description": w.name()})
	w.do(0, operation, r)
	w.releases[t.id] = append(w.releases[t.id], version)
	w.do(http.StatusBadRequest, operation, r)
	w.checkReleases()
}

// checkReleases reads the releases of an app or workflow, the newest first.
func (w *randomClient) checkReleases() {
	w.t.Helper()
	t := w.element()
	if t == nil {
		return
	}
	var listed []string
	for _, r := range w.items("list_source_control_releases", at("elementUuid", t.id).where("elementType", elementTypes[t.name])) {
		listed = append(listed, text(r["release_version"]))
	}
	slices.Reverse(listed)
	w.same(w.releases[t.id], listed, "the releases of %s %s", t.name, t.id)
}

// pin lets a manifest name a release of an element, or leaves it out again.
func (w *randomClient) pin() {
	w.t.Helper()
	m, t := w.any("manifest", nil), w.element()
	if m == nil || t == nil {
		return
	}
	r, suffix := at("manifestName", m.id, "elementUuid", t.id).where("elementType", elementTypes[t.name]), "element"
	if t.name == "app" && w.chance(2) {
		r, suffix = at("manifestName", m.id, "appUuid", t.id), "app"
	}
	pin, unpin := "replace_source_control_manifest_"+suffix, "delete_source_control_manifest_"+suffix
	if w.chance(2) {
		version := w.someRelease(t.id)
		w.do(http.StatusBadRequest, pin, r.with(map[string]any{"release": "0.0.99"}))
		w.do(0, pin, r.with(map[string]any{"release": version}))
		m.pinned[t.id] = version
	} else if _, ok := m.pinned[t.id]; ok {
		w.do(0, unpin, r.with(map[string]any{"commit_message": w.name()}))
		delete(m.pinned, t.id)
	} else {
		w.do(http.StatusNotFound, unpin, r.with(map[string]any{}))
	}
	w.check(m.kind)
	w.check(w.kind("app"))
}

// branch makes a branch, and tries to make it once more.
func (w *randomClient) branch() {
	w.t.Helper()
	body := map[string]any{"branch_name": w.word(), "shared": w.chance(2)}
	if t := w.element(); t != nil && w.chance(2) {
		body["element_id"], body["element_type"] = t.id, elementTypes[t.name]
	}
	w.do(0, "create_source_control_branch", request{}.with(body))
	w.do(http.StatusBadRequest, "create_source_control_branch", request{}.with(body))
	w.do(0, "reset_source_control_branches", request{}.with(map[string]any{"branch_name": body["branch_name"], "remote_branch_name": "main"}))
}

// reconnect ties the organization to another repository. Manifests, releases and
// deployments stay.
func (w *randomClient) reconnect() {
	w.t.Helper()
	w.do(0, "delete_source_control_config", request{})
	w.do(http.StatusNotFound, "delete_source_control_config", request{})
	w.do(http.StatusBadRequest, "create_source_control_branch", newBranch(w.word()))
	w.do(0, "replace_source_control_config", request{}.with(gitHub()))
	w.do(http.StatusConflict, "create_source_control_config", request{}.with(gitHub()))
	w.check(w.kind("manifest"))
	w.check(w.kind("deployment"))
}
