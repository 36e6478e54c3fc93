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

func viewManifests(o *model.Org, _ sourceConfig) manifestList {
	return manifestList{slices.Collect(o.Manifests.All())}
}

type oneManifest struct {
	Manifest *model.Manifest `json:"manifest"`
}

func viewManifest(_ *model.Org, m *model.Manifest) oneManifest { return oneManifest{m} }

func manifestInPath(o *model.Org, c *api.Call) (*model.Manifest, error) {
	if _, err := connected(o, c); err != nil {
		return nil, err
	}
	return api.InPath(c, &o.Manifests, "manifestName", "Release manifest")
}

type replaceSourceControlManifestBody struct {
	Manifest struct {
		Apps      []model.ManifestEntry `json:"apps"`
		Workflows []model.ManifestEntry `json:"workflows"`
	} `json:"manifest"`
}

func replaceSourceControlManifest(o *model.Org, c *api.Call, config sourceConfig, body replaceSourceControlManifestBody) (api.Answer, error) {
	manifest := &model.Manifest{Name: c.Path["manifestName"], Apps: body.Manifest.Apps, Workflows: body.Manifest.Workflows}
	for _, elementType := range []string{elementApp, elementWorkflow} {
		if err := checkEntries(o, elementType, *entries(manifest, elementType)); err != nil {
			return api.Answer{}, err
		}
	}
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

// checkEntries checks that each entry has an element and a release that exist, and
// an element of its own.
func checkEntries(o *model.Org, elementType string, entries []model.ManifestEntry) error {
	seen := map[string]bool{}
	for _, entry := range entries {
		kind, _, ok := releasable(o, elementType, entry.UUID)
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

func deleteSourceControlManifest(o *model.Org, c *api.Call, config sourceConfig) (api.Answer, error) {
	manifest, err := manifestInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	o.Manifests.Delete(manifest.Name)
	return push(o, config, "delete-manifest-"+manifest.Name), nil
}

// entries returns the entries of a manifest for a type of element.
func entries(m *model.Manifest, elementType string) *[]model.ManifestEntry {
	if elementType == elementWorkflow {
		return &m.Workflows
	}
	return &m.Apps
}

type entryBody struct {
	Release string `json:"release"`
}

// setEntry pins an element to a release in a manifest, which it creates if there
// is none.
func setEntry(o *model.Org, c *api.Call, at element, body entryBody) (api.Answer, error) {
	entry := model.ManifestEntry{UUID: at.id, Release: body.Release}
	if err := checkRelease(o, at.kind, entry); err != nil {
		return api.Answer{}, err
	}
	manifest := &model.Manifest{Name: c.Path["manifestName"]}
	if before, ok := o.Manifests.Get(manifest.Name); ok {
		manifest = before
	}
	entries := entries(manifest, at.elementType)
	*entries = slices.Clone(*entries)
	if at := indexEntry(*entries, at.id); at >= 0 {
		(*entries)[at] = entry
	} else {
		*entries = append(*entries, entry)
	}
	o.Manifests.Put(manifest)
	return push(o, at.config, "manifest-"+manifest.Name), nil
}

// deleteEntry removes an element from a manifest. The element may be gone.
func deleteEntry(o *model.Org, c *api.Call, at element) (api.Answer, error) {
	manifest, err := manifestInPath(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	entries := entries(manifest, at.elementType)
	if indexEntry(*entries, at.id) < 0 {
		return api.Answer{}, api.NotFound("Manifest entry", at.id)
	}
	*entries = model.Without(*entries, func(e model.ManifestEntry) bool { return e.UUID == at.id })
	return push(o, at.config, "manifest-"+manifest.Name), nil
}

func indexEntry(entries []model.ManifestEntry, id string) int {
	return slices.IndexFunc(entries, func(e model.ManifestEntry) bool { return e.UUID == id })
}
