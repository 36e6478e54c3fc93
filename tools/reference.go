package tools

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ReferenceKinds are what ids in an answer can be resolved to: each is the IDs of
// a list whose items have names.
var ReferenceKinds = []string{
	"user", "group", "app", "folder", "resource", "environment", "role", "workflow", "resource configuration", "user invite",
}

// IDFields are the fields that identify the object that has them, NameFields those
// that say what people call it, the best one first. What has an e-mail address is
// best known by it.
var (
	IDFields   = []string{"id", "legacy_id", "uuid"}
	NameFields = []string{"email", "display_name", "name", "label", "invited_email", "domain"}
)

// Reference is a field whose value, or each of its values, identifies another
// object.
type Reference struct {
	Field string
	// Kind is what it identifies; where it is empty, the value of TypeField says
	// so, as KindOfType reads it.
	Kind, TypeField string
	// NameField is the field for what people call that object.
	NameField string
}

var (
	snakeID = text.Pattern(`^(?:(.+)_)?u?u?id(s?)$`)
	camelID = text.Pattern(`^(.*[a-z0-9])(?:Id|ID|Uuid|UUID)(s?)$`)
	actor   = text.Pattern(`^.+(_by|[a-z0-9]By)$`)
)

// References returns which of an object's fields refer to other objects whose
// names it does not hold, by the names of the fields: folder_id, created_by,
// subject_id beside subject_type, or id beside type. Within is the name of the
// field that holds the object, or a list of such objects: apps with a uuid.
func References(fields []string, within string) (all []Reference) {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(fields, name) })
	}
	for _, field := range fields {
		r := Reference{Field: field}
		var stem string
		name, ends := "_name", []string(nil)
		switch snake, camel := snakeID().FindStringSubmatch(field), camelID().FindStringSubmatch(field); {
		case snake != nil:
			stem, ends = strings.TrimSuffix(snake[1], "_legacy"), snake[2:]
		case camel != nil:
			stem, name, ends = strings.TrimSuffix(camel[1], "Legacy"), "Name", camel[2:]
		case actor().MatchString(field):
			stem = field
			if strings.HasSuffix(field, "By") {
				name = "Name"
			}
		default:
			continue
		}
		r.NameField = strings.TrimPrefix(stem+name, "_") + strings.Join(ends, "")
		switch typeField := strings.TrimPrefix(stem+strings.Replace(strings.Replace(name, "name", "type", 1), "Name", "Type", 1), "_"); {
		case stem == "legacy" || stem == "" && has(NameFields...): // its own
			continue
		case has(typeField):
			r.TypeField = typeField
		case stem == "":
			r.Kind = kindIn(text.Words(within))
		default:
			r.Kind = kindIn(text.Words(stem))
		}
		known := has(r.NameField) || r.Kind == "user" && has("email")
		if !known && (r.Kind != "" || r.TypeField != "") {
			all = append(all, r)
		}
	}
	return all
}

// KindOfType returns which of ReferenceKinds the value of a TypeField means, "" for
// none.
func KindOfType(value string) string {
	switch kind := strings.Join(text.Words(value), " "); {
	case slices.Contains(ReferenceKinds, kind):
		return kind
	case kind == "page": // an app, of source control
		return "app"
	}
	return ""
}

// kindIn returns the kind that the last words name.
func kindIn(words []string) string {
	if len(words) == 0 {
		return ""
	}
	switch end := len(words) - 1; words[end] {
	case "by", "owner":
		return "user"
	default:
		for from := range words { // the longest one
			for _, kind := range ReferenceKinds {
				if name := strings.Join(words[from:], " "); name == kind || name == kind+"s" {
					return kind
				}
			}
		}
	}
	return ""
}
