package toolgen

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"

	"github.com/invopop/jsonschema"
)

// How many of an answer's fields a description names: what a list or a read
// holds decides what is called next, what a write gives back seldom does.
const (
	fieldsOfList  = 3
	fieldsOfRead  = 2
	fieldsOfWrite = 1
)

// describe writes what the agent reads: what the tool does, which scope the
// token needs, and what comes back.
func describe(says wording, answer *jsonschema.Schema, t *tools.Tool) string {
	out := withStop(says.sentence)
	if len(t.Scopes) > 0 {
		out = says.sentence + " (" + t.Scopes.String() + ")"
	}
	most := fieldsOfWrite
	switch {
	case says.brief && (!t.Hints.ReadOnly || strings.HasPrefix(nameOf(t.Method, t.Path), "get_") && strings.HasSuffix(t.Path, "}")):
		return text.ClipWords(out, MaxDescriptionLength)
	case t.Paging != nil, strings.HasPrefix(nameOf(t.Method, t.Path), "list_"):
		most = fieldsOfList
	case t.Hints.ReadOnly:
		most = fieldsOfRead
	}
	if line := answerLine(answer, most); line != "" {
		out += " → " + line
	}
	return text.ClipWords(out, MaxDescriptionLength)
}

// answerLine names the fields of an answer: "data[]: id, email, …". The
// envelope around data is the same everywhere and goes unsaid.
func answerLine(answer *jsonschema.Schema, most int) string {
	if answer == nil {
		return ""
	}
	label, s := "", answer
	if data := property(answer, "data"); data != nil {
		label, s = "data", data
	}
	s = present(s)
	if s.Type == "array" {
		label, s = label+"[]", present(s.Items)
	}
	fields := telling(fieldNames(s))
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
	return label + strings.Join(fields, ", ") + more
}

// telling puts the fields that every object has, and that tell nothing of what
// it is, behind the others.
func telling(fields []string) []string {
	dull := func(name string) bool {
		return slices.Contains([]string{"legacy_id", "created_at", "updated_at", "organization_id"}, name)
	}
	slices.SortStableFunc(fields, func(a, b string) int {
		switch {
		case dull(a) == dull(b):
			return 0
		case dull(a):
			return 1
		}
		return -1
	})
	return fields
}

func property(s *jsonschema.Schema, name string) *jsonschema.Schema {
	if s.Properties == nil {
		return nil
	}
	p, _ := s.Properties.Get(name)
	return p
}

// present takes null out of a union of one.
func present(s *jsonschema.Schema) *jsonschema.Schema {
	if rest, _ := splitNull(s.AnyOf); len(rest) == 1 && s.Type == "" {
		return rest[0]
	}
	return s
}

// fieldNames lists an object's fields, or those that any branch of a union has.
func fieldNames(s *jsonschema.Schema) (names []string) {
	add := func(name string) {
		if !slices.Contains(names, name) && name != "success" {
			names = append(names, name)
		}
	}
	if s.Properties != nil {
		for name := range s.Properties.FromOldest() {
			add(name)
		}
	}
	for _, b := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		for _, name := range fieldNames(b) {
			add(name)
		}
	}
	return names
}
