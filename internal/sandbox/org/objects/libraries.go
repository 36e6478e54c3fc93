package objects

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listCustomComponentLibraries(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(api.Views(o, &o.Libraries, nil, viewLibrary)), nil
}

func viewLibrary(_ *model.Org, l *model.Library) *model.LibraryView { return &l.LibraryView }

func libraryInPath(o *model.Org, c *api.Call) (*model.Library, error) {
	return api.InPath(c, &o.Libraries, "libraryId", "Custom component library")
}

type createCustomComponentLibraryBody struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Label       string  `json:"label"`
}

func createCustomComponentLibrary(o *model.Org, _ *api.Call, body createCustomComponentLibraryBody) (api.Answer, error) {
	if o.Libraries.Has(body.ID) {
		return api.Answer{}, api.Conflict("Custom component library with id %q already exists", body.ID)
	}
	if o.Libraries.Any(func(l *model.Library) bool { return l.Name == body.Name }) {
		return api.Answer{}, api.Conflict("Custom component library with name %q already exists", body.Name)
	}
	if body.ID == "" {
		body.ID = o.UUID()
	}
	l := &model.Library{LibraryView: model.LibraryView{
		ID: body.ID, Name: body.Name, Description: body.Description, Label: body.Label,
		CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	o.Libraries.Put(l)
	return api.Data(&l.LibraryView), nil
}

func viewRevisions(_ *model.Org, l *model.Library) []model.RevisionView {
	revisions := make([]model.RevisionView, len(l.Revisions))
	for i, r := range l.Revisions {
		revisions[i] = r.RevisionView
	}
	return revisions
}

func listCustomComponentLibraryRevisionFiles(_ *model.Org, c *api.Call, l *model.Library) (api.Answer, error) {
	id := c.Path["revisionId"]
	at := slices.IndexFunc(l.Revisions, func(r model.Revision) bool { return r.ID == id })
	if at < 0 {
		return api.Answer{}, api.NotFound("Custom component library revision", id)
	}
	return api.Data(l.Revisions[at].Files), nil
}

// createCustomComponentLibraryRevision reads a multipart body. Ids of revisions are
// unique across libraries.
func createCustomComponentLibraryRevision(o *model.Org, c *api.Call, l *model.Library) (api.Answer, error) {
	version, err := nextVersion(l, c.Form.Get("version_bump"), c.Form.Get("version"))
	if err != nil {
		return api.Answer{}, err
	}
	if len(c.Files) == 0 {
		return api.Answer{}, api.BadRequest("Missing body parameter: files")
	}
	id := c.Form.Get("id")
	if o.Libraries.Any(func(l *model.Library) bool { return has(l, id) }) {
		return api.Answer{}, api.Conflict("Custom component library revision with id %q already exists", id)
	}
	if id == "" {
		id = o.UUID()
	}
	r := model.Revision{RevisionView: model.RevisionView{
		ID: id, Version: version, LibraryID: l.ID, CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}}
	for _, path := range slices.Sorted(maps.Keys(c.Files)) {
		r.Files = append(r.Files, model.RevisionFile{
			Path: readable(path), Contents: readable(string(c.Files[path])), CreatedAt: o.Now(), UpdatedAt: o.Now(),
		})
	}
	l.Revisions = append(l.Revisions, r)
	l.UpdatedAt = o.Now()
	return api.Data(r.RevisionView), nil
}

func has(l *model.Library, revision string) bool {
	return slices.ContainsFunc(l.Revisions, func(r model.Revision) bool { return r.ID == revision })
}

// readable returns the text as valid UTF-8, for JSON.
func readable(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

var versionForm = api.Pattern(`^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?$`)

// nextVersion is the version of a library's next revision. A bump counts from
// the highest release: of 1.1.0 the minor one makes 1.2.0, the major one 2.0.0,
// and dev the first free of 1.2.0-dev.1, 1.2.0-dev.2 ….
func nextVersion(l *model.Library, bump, wanted string) (string, error) {
	taken := func(version string) bool {
		return slices.ContainsFunc(l.Revisions, func(r model.Revision) bool { return r.Version == version })
	}
	highest := highestRelease(l)
	switch bump {
	case "specify_version":
		if !versionForm().MatchString(wanted) {
			return "", api.BadRequest("Invalid version: %q", wanted)
		}
		if taken(wanted) {
			return "", api.Conflict("Custom component library revision with version %q already exists", wanted)
		}
		return wanted, nil
	case "major":
		return fmt.Sprintf("%d.0.0", highest[0]+1), nil
	}
	next := "0.0.1" // of the first one
	if highest != [3]int{} {
		next = fmt.Sprintf("%d.%d.0", highest[0], highest[1]+1)
	}
	if bump == "minor" {
		return next, nil
	}
	for n := 1; ; n++ {
		if dev := fmt.Sprintf("%s-dev.%d", next, n); !taken(dev) {
			return dev, nil
		}
	}
}

// highestRelease returns the highest version that is not a development version, 0.0.0
// if there is none.
func highestRelease(l *model.Library) (highest [3]int) {
	for _, r := range l.Revisions {
		parts := versionForm().FindStringSubmatch(r.Version)
		if len(parts) == 0 || parts[4] != "" {
			continue
		}
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(parts[1+i])
		}
		if slices.Compare(n[:], highest[:]) > 0 {
			highest = n
		}
	}
	return highest
}
