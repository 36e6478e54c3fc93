package org

import "slices"

func replaceSourceControlManifestElement(o *Org, c *Call) (Answer, error) {
	return o.setEntry(c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func replaceSourceControlManifestApp(o *Org, c *Call) (Answer, error) {
	return o.setEntry(c, elementApp, c.Path["appUuid"])
}

// setEntry lets a manifest, made if need be, name a release of an element.
func (o *Org) setEntry(c *Call, elementType, id string) (Answer, error) {
	var body struct {
		Release string `json:"release"`
	}
	if err := c.decode(&body); err != nil {
		return Answer{}, err
	}
	config, err := o.connected()
	if err != nil {
		return Answer{}, err
	}
	kind, ok := o.releasable(elementType, id)
	if !ok {
		return Answer{}, NotFound(kind, id)
	}
	entry := ManifestEntry{UUID: id, Release: body.Release}
	if err := o.checkRelease(kind, entry); err != nil {
		return Answer{}, err
	}
	manifest := &Manifest{Name: c.Path["manifestName"]}
	if before, ok := o.Manifests.Get(manifest.Name); ok {
		manifest = before.clone()
	}
	entries := manifest.entries(elementType)
	if at := indexEntry(*entries, id); at >= 0 {
		(*entries)[at] = entry
	} else {
		*entries = append(*entries, entry)
	}
	o.putManifest(manifest)
	return o.push(config, "manifest-"+manifest.Name), nil
}

func deleteSourceControlManifestElement(o *Org, c *Call) (Answer, error) {
	return o.deleteEntry(c, c.Query.Get("elementType"), c.Path["elementUuid"])
}

func deleteSourceControlManifestApp(o *Org, c *Call) (Answer, error) {
	return o.deleteEntry(c, elementApp, c.Path["appUuid"])
}

// deleteEntry takes an element out of a manifest.
func (o *Org) deleteEntry(c *Call, elementType, id string) (Answer, error) {
	config, before, err := o.manifest(c)
	if err != nil {
		return Answer{}, err
	}
	manifest := before.clone()
	entries := manifest.entries(elementType)
	at := indexEntry(*entries, id)
	if at < 0 {
		return Answer{}, NotFound("Manifest entry", id)
	}
	*entries = slices.Delete(*entries, at, at+1)
	o.putManifest(manifest)
	return o.push(config, "manifest-"+manifest.Name), nil
}

func (m *Manifest) clone() *Manifest {
	return &Manifest{Name: m.Name, Apps: slices.Clone(m.Apps), Workflows: slices.Clone(m.Workflows)}
}

func indexEntry(entries []ManifestEntry, id string) int {
	return slices.IndexFunc(entries, func(e ManifestEntry) bool { return e.UUID == id })
}
