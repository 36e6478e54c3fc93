package toolgen

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Number of the answer's fields in a description: those of a list can be selected
// and compared, those of a read decide what is called next, those of a write
// rarely do.
const (
	fieldsOfList  = 40
	fieldsOfRead  = 2
	fieldsOfWrite = 1
)

// describe writes the description: what the tool does, the scope that the token
// needs, and what comes back.
func describe(words wording, answer *jsonschema.Schema, t *tools.Tool) string {
	out, bare := withStop(words.sentence), Name(t.Method, t.Path)
	if len(t.Scopes) > 0 {
		out = words.sentence + " (" + t.Scopes.String() + ")"
	}
	most := fieldsOfWrite
	switch {
	case words.brief && (!t.Hints.ReadOnly || strings.HasPrefix(bare, "get_") && strings.HasSuffix(t.Path, "}")):
		answer = nil
	case t.Paging != nil, strings.HasPrefix(bare, "list_"):
		most = fieldsOfList
	case t.Hints.ReadOnly:
		most = fieldsOfRead
	}
	if line := answerLine(answer, most); line != "" {
		out += " → " + line
	}
	return text.ClipWords(out, MaxDescriptionLength)
}

// answerLine lists the fields of an answer: "data[]: id, email, …". The
// envelope around data is the same everywhere and is omitted.
func answerLine(answer *jsonschema.Schema, most int) string {
	if answer == nil {
		return ""
	}
	at, s := relevantIn(answer)
	label := at.Path
	if at.List {
		label += "[]"
	}
	fields := distinctiveFirst(fieldNames(s))
	if len(fields) == 0 {
		if label == "data" && s.Type != "" && s.Type != "object" {
			return label + ": " + s.Type
		}
		return label
	}
	more := ""
	if len(fields) > most {
		fields, more = fields[:most], "…"
	}
	if label != "" {
		label += ": "
	}
	return label + strings.Join(mapped(fields, text.Name), ", ") + more
}

// distinctiveFirst moves the fields that every object has behind the others.
func distinctiveFirst(fields []string) []string {
	common := func(name string) bool {
		return slices.Contains([]string{"legacy_id", "created_at", "updated_at", "organization_id"}, name)
	}
	behind := slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return !common(name) })
	return append(slices.DeleteFunc(fields, common), behind...)
}

func property(s *jsonschema.Schema, name string) *jsonschema.Schema {
	if s.Properties == nil {
		return nil
	}
	p, _ := s.Properties.Get(name)
	return p
}

// fieldNames lists the fields of an object, or those of any branch of a union.
func fieldNames(s *jsonschema.Schema) (names []string) {
	known := map[string]bool{"success": true}
	add := func(name string) {
		if !known[name] {
			known[name] = true
			names = append(names, name)
		}
	}
	for name := range s.Properties.FromOldest() {
		add(name)
	}
	for _, b := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		for _, name := range fieldNames(b) {
			add(name)
		}
	}
	return names
}
