package seed

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// libraries creates themes, component libraries and queries.
func (b *builder) libraries() {
	for i, p := range plan().Themes {
		created := b.spread(i, 3)
		id := b.Number(model.SequenceTheme)
		b.Themes.Put(&model.Theme{
			ID: id, LegacyID: id, Name: p.Name, CreatedAt: created, UpdatedAt: b.since(created),
			Theme: object(map[string]any{
				"primary": p.Primary, "canvas": p.Canvas, "danger": "#B42318", "borderRadius": "4px",
				"defaultFont": map[string]any{"name": "Inter", "size": "12px"}, "mode": map[bool]string{true: "dark", false: "light"}[i == 1],
			}),
		})
	}
	for i, p := range plan().Libraries {
		created := b.spread(i, 2)
		l := &model.Library{LibraryView: model.LibraryView{
			ID: b.UUID(), Name: p.Name, Description: optional(p.Description), Label: p.Label, CreatedAt: created, UpdatedAt: created,
		}}
		for _, version := range p.Versions {
			l.Revisions = append(l.Revisions, b.revision(l, version, p.Files))
		}
		b.Libraries.Put(l)
	}
	for _, name := range plan().Queries {
		b.Queries.Put(&model.Query{ID: b.UUID(), Name: name})
	}
}

// revision returns an upload of a library, later than the ones before.
func (b *builder) revision(l *model.Library, version string, files []string) model.Revision {
	at := b.since(l.UpdatedAt)
	l.UpdatedAt = at
	r := model.Revision{RevisionView: model.RevisionView{ID: b.UUID(), Version: version, LibraryID: l.ID, CreatedAt: at, UpdatedAt: at}}
	for _, path := range files {
		var contents string
		switch path {
		case "index.js":
			contents = "// " + l.Name + " " + version + "\nexport const Component = (props) => React.createElement(\"div\", props);\n"
		case "styles.css":
			contents = ".nw { font: 12px Inter; }\n"
		default:
			contents = string(object(map[string]any{"name": l.Name, "version": version, "components": []jsontext.Value{}})) + "\n"
		}
		r.Files = append(r.Files, model.RevisionFile{Path: path, Contents: contents, CreatedAt: at, UpdatedAt: at})
	}
	return r
}
