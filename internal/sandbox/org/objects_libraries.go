package org

import (
	"maps"
	"slices"
	"strings"
)

func listCustomComponentLibraries(o *Org, _ *Call) (Answer, error) {
	return Data(Views(&o.Libraries, nil, func(l *Library) *LibraryView { return &l.LibraryView })), nil
}

// libraryOf is the library that the call's path names.
func libraryOf(o *Org, c *Call) (*Library, error) {
	return InPath(c, &o.Libraries, "libraryId", "Custom component library")
}

func getCustomComponentLibrary(o *Org, c *Call) (Answer, error) {
	l, err := libraryOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(&l.LibraryView), nil
}

func createCustomComponentLibrary(o *Org, c *Call) (Answer, error) {
	var body struct {
		ID          string  `json:"id"`
		Name        string  `json:"name"`
		Description *string `json:"description"`
		Label       string  `json:"label"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	if o.Libraries.Has(body.ID) {
		return Answer{}, Conflict("Custom component library with id %q already exists", body.ID)
	}
	if _, taken := o.Libraries.Find(func(l *Library) bool { return l.Name == body.Name }); taken {
		return Answer{}, Conflict("Custom component library with name %q already exists", body.Name)
	}
	if body.ID == "" {
		body.ID = o.UUID()
	}
	l := &Library{LibraryView: LibraryView{
		ID: body.ID, Name: body.Name, Description: body.Description, Label: body.Label,
		CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	o.Libraries.Put(l)
	return Data(&l.LibraryView), nil
}

func listCustomComponentLibraryRevisions(o *Org, c *Call) (Answer, error) {
	l, err := libraryOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	revisions := make([]RevisionView, len(l.Revisions))
	for i, r := range l.Revisions {
		revisions[i] = r.RevisionView
	}
	return Data(revisions), nil
}

func listCustomComponentLibraryRevisionFiles(o *Org, c *Call) (Answer, error) {
	l, err := libraryOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	id := c.Path["revisionId"]
	at := slices.IndexFunc(l.Revisions, func(r Revision) bool { return r.ID == id })
	if at < 0 {
		return Answer{}, NotFound("Custom component library revision", id)
	}
	return Data(l.Revisions[at].Files), nil
}

// createCustomComponentLibraryRevision takes a multipart body. Ids of revisions
// are unique over all libraries.
func createCustomComponentLibraryRevision(o *Org, c *Call) (Answer, error) {
	l, err := libraryOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	version, err := nextVersion(l, c.Form.Get("version_bump"), c.Form.Get("version"))
	if err != nil {
		return Answer{}, err
	}
	if len(c.Files) == 0 {
		return Answer{}, BadRequest("Missing body parameter: files")
	}
	id := c.Form.Get("id")
	if _, taken := o.Libraries.Find(func(l *Library) bool { return has(l, id) }); taken {
		return Answer{}, Conflict("Custom component library revision with id %q already exists", id)
	}
	if id == "" {
		id = o.UUID()
	}
	r := Revision{RevisionView: RevisionView{
		ID: id, Version: version, LibraryID: l.ID, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	for _, path := range slices.Sorted(maps.Keys(c.Files)) {
		r.Files = append(r.Files, RevisionFile{
			Path: readable(path), Contents: readable(string(c.Files[path])), CreatedAt: o.Now(), UpdatedAt: o.Now(),
		})
	}
	l.Revisions = append(l.Revisions, r)
	l.UpdatedAt = o.Now()
	return Data(r.RevisionView), nil
}

func has(l *Library, revision string) bool {
	return slices.ContainsFunc(l.Revisions, func(r Revision) bool { return r.ID == revision })
}

// readable is a text as JSON can carry it.
func readable(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
