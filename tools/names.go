package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Retool writes names in two styles, userId and user_id, and models mix them up.

// sameWords returns the one name of the same words as a given one, "" for none.
func sameWords(name string, known []string) (found string) {
	words := text.Words(name)
	for _, k := range known {
		if !slices.Equal(text.Words(k), words) || len(words) == 0 {
			continue
		}
		if found != "" {
			return ""
		}
		found = k
	}
	return found
}

// argumentNamed returns the argument that a given name means. Those that are not
// sent must have their exact name: dry_run decides what happens.
func (t *Tool) argumentNamed(name string) string {
	var names []string
	for _, a := range t.Args {
		if a.Name == name {
			return name
		}
		if a.In != NotSent {
			names = append(names, a.Name)
		}
	}
	if meant := sameWords(name, names); meant != "" {
		return meant
	}
	return name
}

// rename gives the arguments the names that they mean, unless these are given too.
func (t *Tool) rename(given []value) {
	for i := range given {
		meant := t.argumentNamed(given[i].name)
		if meant != given[i].name && !slices.ContainsFunc(given, func(v value) bool { return v.name == meant }) {
			given[i].name = meant
		}
	}
}

// withKnownNames gives the fields of an object the names that they mean.
func withKnownNames(object map[string]any, s *jsonschema.Schema) (map[string]any, bool) {
	if open, isSchema := s.AdditionalProperties.(*jsonschema.Schema); len(s.Properties) == 0 || isSchema && open != nil || len(s.PatternProperties) > 0 {
		return object, false
	}
	known, changed := slices.Collect(maps.Keys(s.Properties)), false
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if s.Properties[name] != nil {
			continue
		}
		meant := sameWords(name, known)
		if _, given := object[meant]; given || meant == "" {
			continue
		}
		if !changed {
			object, changed = maps.Clone(object), true
		}
		object[meant] = object[name]
		delete(object, name)
	}
	return object, changed
}

// unknownArgument says what to give instead of an argument that the tool lacks: an
// argument with a similar name, a condition on a field of the list's items, a field
// of an object, or an operation of a JSON Patch.
func (b *Binder) unknownArgument(v value) string {
	fault := v.name + ": unknown argument" + didYouMean(v.name, b.tool)
	if field := b.tool.itemField(v.name); field != "" {
		value := literal(v.data)
		if _, isText := v.data.(string); isText && redact.SecretName(field) {
			value = "'…'"
		}
		return fmt.Sprintf("%s; to filter by it, use %s: %s", fault, ArgWhere, show(field+" == "+value))
	}
	for _, a := range b.tool.Args {
		s := b.meant.Properties[a.Name]
		switch {
		case a.In == NotSent || s == nil:
		case slices.Contains(fieldNames(s), v.name):
			return fmt.Sprintf("%s; it is a field of %s", fault, a.Name)
		case s.Items2020 != nil && (b.schema.Properties[a.Name].Items2020 != nil && isPatch(b.schema.Properties[a.Name].Items2020)):
			if b.patch == nil || b.patches("/"+v.name) {
				return fmt.Sprintf(`%s; to change it, use %s: [{"op": "replace", "path": %s, "value": …}]`, fault, a.Name, show("/"+v.name))
			}
		}
	}
	return fault
}

// itemField returns the field of a list's items that a name means: of that name, or
// the only one that ends with it, such as folder_type for type; "" for none.
func (t *Tool) itemField(name string) (found string) {
	if !t.Answer.List || !t.HasControl(ArgWhere) {
		return ""
	}
	words := text.Words(name)
	for _, field := range t.Answer.Fields {
		of := text.Words(field)
		switch {
		case strings.Contains(field, ".") || len(words) == 0 || len(of) < len(words):
		case slices.Equal(of, words):
			return field
		case slices.Equal(of[len(of)-len(words):], words):
			if found != "" {
				return ""
			}
			found = field
		}
	}
	return found
}

// literal writes a value as a condition does, "…" for what is no plain one.
func literal(data any) string {
	switch data := data.(type) {
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(data) + "'"
	case bool, json.Number:
		return fmt.Sprint(data)
	}
	return "…"
}
