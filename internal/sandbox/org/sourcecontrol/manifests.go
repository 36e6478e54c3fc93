package sourcecontrol

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// liveManifest is the manifest that this instance runs.
const liveManifest = "production"

// latestRelease is the release that always exists.
const latestRelease = "latest"

type manifestList struct {
	Manifests []*model.Manifest `json:"manifests"`
}

func listSourceControlManifests(o *model.Org, _ *api.Call) (api.Answer, error) {
	if _, err := connected(o); err != nil {
		return api.Answer{}, err
	}
	return api.Data(manifestList{slices.Collect(o.Manifests.All())}), nil
}

type oneManifest struct {
	Manifest *model.Manifest `json:"manifest"`
}

func getSourceControlManifest(o *model.Org, c *api.Call) (api.Answer, error) {
	_, manifest, err := manifest(o, c)
	return api.Data(oneManifest{manifest}), err
}

// manifest finds the one of the path.
func manifest(o *model.Org, c *api.Call) (sourceConfig, *model.Manifest, error) {
	config, err := connected(o)
	if err != nil {
		return config, nil, err
	}
	manifest, err := api.InPath(c, &o.Manifests, "manifestName", "Release manifest")
	return config, manifest, err
}

func replaceSourceControlManifest(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Manifest struct {
			Apps      []model.ManifestEntry `json:"apps"`
			Workflows []model.ManifestEntry `json:"workflows"`
		} `json:"manifest"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	config, err := connected(o)
	if err != nil {
		return api.Answer{}, err
	}
	manifest := &model.Manifest{Name: c.Path["manifestName"], Apps: body.Manifest.Apps, Workflows: body.Manifest.Workflows}
	for _, elementType := range []string{elementApp, elementWorkflow} {
		if err := checkEntries(o, elementType, *entries(manifest, elementType)); err != nil {
			return api.Answer{}, err
		}
	}
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

// checkEntries refuses an entry whose element or release is not there, and a
// second one of the same element.
func checkEntries(o *model.Org, elementType string, entries []model.ManifestEntry) error {
	seen := map[string]bool{}
	for _, entry := range entries {
		kind, ok := releasable(o, elementType, entry.UUID)
		if !ok {
			return api.Missing(kind, entry.UUID)
		}
		if seen[entry.UUID] {
			return api.BadRequest("%s %q occurs more than once in the manifest", kind, entry.UUID)
		}
		seen[entry.UUID] = true
		if err := checkRelease(o, kind, entry); err != nil {
			return err
		}
	}
	return nil
}

func checkRelease(o *model.Org, kind string, entry model.ManifestEntry) error {
	release := model.Release{ElementID: entry.UUID, ReleaseView: model.ReleaseView{Version: entry.Release}}
	if entry.Release != latestRelease && !o.Releases.Has(release.Key()) {
		return api.BadRequest("Release %q of %s %q does not exist", entry.Release, kind, entry.UUID)
	}
	return nil
}

func deleteSourceControlManifest(o *model.Org, c *api.Call) (api.Answer, error) {
	config, manifest, err := manifest(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	o.Manifests.Delete(manifest.Name)
	return push(o, config, "delete-manifest-"+manifest.Name), nil
}

// entries are those of a type of element.
func entries(m *model.Manifest, elementType string) *[]model.ManifestEntry {
	if elementType == elementWorkflow {
		return &m.Workflows
	}
	return &m.Apps
}

func replaceSourceControlManifestElement(o *model.Org, c *api.Call) (api.Answer, error) {
	return setEntry(o, c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func replaceSourceControlManifestApp(o *model.Org, c *api.Call) (api.Answer, error) {
	return setEntry(o, c, elementApp, c.Path["appUuid"])
}

// setEntry lets a manifest, made if need be, name a release of an element.
func setEntry(o *model.Org, c *api.Call, elementType, id string) (api.Answer, error) {
	var body struct {
		Release string `json:"release"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	config, kind, err := element(o, elementType, id)
	if err != nil {
		return api.Answer{}, err
	}
	entry := model.ManifestEntry{UUID: id, Release: body.Release}
	if err := checkRelease(o, kind, entry); err != nil {
		return api.Answer{}, err
	}
	manifest := &model.Manifest{Name: c.Path["manifestName"]}
	if before, ok := o.Manifests.Get(manifest.Name); ok {
		manifest = clone(before)
	}
	entries := entries(manifest, elementType)
	if at := indexEntry(*entries, id); at >= 0 {
		(*entries)[at] = entry
	} else {
		*entries = append(*entries, entry)
	}
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

func deleteSourceControlManifestElement(o *model.Org, c *api.Call) (api.Answer, error) {
	return deleteEntry(o, c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func deleteSourceControlManifestApp(o *model.Org, c *api.Call) (api.Answer, error) {
	return deleteEntry(o, c, elementApp, c.Path["appUuid"])
}

// deleteEntry takes an element out of a manifest.
func deleteEntry(o *model.Org, c *api.Call, elementType, id string) (api.Answer, error) {
	config, before, err := manifest(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	manifest := clone(before)
	entries := entries(manifest, elementType)
	at := indexEntry(*entries, id)
	if at < 0 {
		return api.Answer{}, api.NotFound("Manifest entry", id)
	}
	*entries = slices.Delete(*entries, at, at+1)
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

func clone(m *model.Manifest) *model.Manifest {
	return &model.Manifest{Name: m.Name, Apps: slices.Clone(m.Apps), Workflows: slices.Clone(m.Workflows)}
}

func indexEntry(entries []model.ManifestEntry, id string) int {
	return slices.IndexFunc(entries, func(e model.ManifestEntry) bool { return e.UUID == id })
}
