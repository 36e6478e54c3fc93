package org

import "slices"

// liveManifest is the manifest that this instance runs.
const liveManifest = "production"

// latestRelease is the release that always exists.
const latestRelease = "latest"

type manifestList struct {
	Manifests []*Manifest `json:"manifests"`
}

func listSourceControlManifests(o *Org, _ *Call) (Answer, error) {
	if _, err := connected(o); err != nil {
		return Answer{}, err
	}
	return Data(manifestList{slices.Collect(o.Manifests.All())}), nil
}

type oneManifest struct {
	Manifest *Manifest `json:"manifest"`
}

func getSourceControlManifest(o *Org, c *Call) (Answer, error) {
	_, manifest, err := manifest(o, c)
	return Data(oneManifest{manifest}), err
}

// manifest finds the one of the path.
func manifest(o *Org, c *Call) (sourceConfig, *Manifest, error) {
	config, err := connected(o)
	if err != nil {
		return config, nil, err
	}
	manifest, err := InPath(c, &o.Manifests, "manifestName", "Release manifest")
	return config, manifest, err
}

func replaceSourceControlManifest(o *Org, c *Call) (Answer, error) {
	var body struct {
		Manifest struct {
			Apps      []ManifestEntry `json:"apps"`
			Workflows []ManifestEntry `json:"workflows"`
		} `json:"manifest"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	config, err := connected(o)
	if err != nil {
		return Answer{}, err
	}
	manifest := &Manifest{Name: c.Path["manifestName"], Apps: body.Manifest.Apps, Workflows: body.Manifest.Workflows}
	for _, elementType := range []string{elementApp, elementWorkflow} {
		if err := checkEntries(o, elementType, *entries(manifest, elementType)); err != nil {
			return Answer{}, err
		}
	}
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

// checkEntries refuses an entry whose element or release is not there, and a
// second one of the same element.
func checkEntries(o *Org, elementType string, entries []ManifestEntry) error {
	seen := map[string]bool{}
	for _, entry := range entries {
		kind, ok := releasable(o, elementType, entry.UUID)
		if !ok {
			return Missing(kind, entry.UUID)
		}
		if seen[entry.UUID] {
			return BadRequest("%s %q occurs more than once in the manifest", kind, entry.UUID)
		}
		seen[entry.UUID] = true
		if err := checkRelease(o, kind, entry); err != nil {
			return err
		}
	}
	return nil
}

func checkRelease(o *Org, kind string, entry ManifestEntry) error {
	release := Release{ElementID: entry.UUID, ReleaseView: ReleaseView{Version: entry.Release}}
	if entry.Release != latestRelease && !o.Releases.Has(release.Key()) {
		return BadRequest("Release %q of %s %q does not exist", entry.Release, kind, entry.UUID)
	}
	return nil
}

func deleteSourceControlManifest(o *Org, c *Call) (Answer, error) {
	config, manifest, err := manifest(o, c)
	if err != nil {
		return Answer{}, err
	}
	o.Manifests.Delete(manifest.Name)
	return push(o, config, "delete-manifest-"+manifest.Name), nil
}

// entries are those of a type of element.
func entries(m *Manifest, elementType string) *[]ManifestEntry {
	if elementType == elementWorkflow {
		return &m.Workflows
	}
	return &m.Apps
}

func replaceSourceControlManifestElement(o *Org, c *Call) (Answer, error) {
	return setEntry(o, c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func replaceSourceControlManifestApp(o *Org, c *Call) (Answer, error) {
	return setEntry(o, c, elementApp, c.Path["appUuid"])
}

// setEntry lets a manifest, made if need be, name a release of an element.
func setEntry(o *Org, c *Call, elementType, id string) (Answer, error) {
	var body struct {
		Release string `json:"release"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	config, kind, err := element(o, elementType, id)
	if err != nil {
		return Answer{}, err
	}
	entry := ManifestEntry{UUID: id, Release: body.Release}
	if err := checkRelease(o, kind, entry); err != nil {
		return Answer{}, err
	}
	manifest := &Manifest{Name: c.Path["manifestName"]}
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

func deleteSourceControlManifestElement(o *Org, c *Call) (Answer, error) {
	return deleteEntry(o, c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func deleteSourceControlManifestApp(o *Org, c *Call) (Answer, error) {
	return deleteEntry(o, c, elementApp, c.Path["appUuid"])
}

// deleteEntry takes an element out of a manifest.
func deleteEntry(o *Org, c *Call, elementType, id string) (Answer, error) {
	config, before, err := manifest(o, c)
	if err != nil {
		return Answer{}, err
	}
	manifest := clone(before)
	entries := entries(manifest, elementType)
	at := indexEntry(*entries, id)
	if at < 0 {
		return Answer{}, NotFound("Manifest entry", id)
	}
	*entries = slices.Delete(*entries, at, at+1)
	o.Manifests.Put(manifest)
	return push(o, config, "manifest-"+manifest.Name), nil
}

func clone(m *Manifest) *Manifest {
	return &Manifest{Name: m.Name, Apps: slices.Clone(m.Apps), Workflows: slices.Clone(m.Workflows)}
}

func indexEntry(entries []ManifestEntry, id string) int {
	return slices.IndexFunc(entries, func(e ManifestEntry) bool { return e.UUID == id })
}
