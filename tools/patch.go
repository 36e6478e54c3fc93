package tools

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// patchVerbs are the operations of JSON Patch (RFC 6902).
var patchVerbs = []any{"add", "remove", "replace", "move", "copy", "test"}

// patchOf returns the schema of one operation of a JSON Patch if the branches of a
// union describe such, or nil.
func patchOf(branches []any) map[string]any {
	var verbs []any
	for _, branch := range branches {
		b, _ := branch.(map[string]any)
		properties, _ := b["properties"].(map[string]any)
		op, _ := properties["op"].(map[string]any)
		words, _ := op["enum"].([]any)
		if properties["path"] == nil || !arePatchVerbs(words) {
			return nil
		}
		verbs = append(verbs, words...)
	}
	if len(verbs) == 0 {
		return nil
	}
	plain := map[string]any{"type": "string"}
	return map[string]any{"type": "object", "required": []any{"op", "path"}, "properties": map[string]any{
		"op": map[string]any{"type": "string", "enum": verbs}, "path": plain, "from": plain,
	}}
}

func arePatchVerbs(words []any) bool {
	return len(words) > 0 && !slices.ContainsFunc(words, func(w any) bool { return !slices.Contains(patchVerbs, w) })
}

// isPatch reports whether a schema is that of an operation of a JSON Patch.
func isPatch(s *jsonschema.Schema) bool {
	op := s.Properties["op"]
	return s.Properties["path"] != nil && op != nil && op.Enum != nil && arePatchVerbs(op.Enum.Values)
}

// bareField matches a path of which only the slash is missing.
var bareField = text.Pattern(`^[A-Za-z0-9_-]+(/.*)?$`)

// patchFields are the members of an operation that hold a path.
var patchFields = []string{"path", "from"}

// withSlash writes the paths of an operation as JSON Pointers.
func withSlash(operation map[string]any) (map[string]any, bool) {
	changed := false
	for _, name := range patchFields {
		if path, _ := operation[name].(string); bareField().MatchString(path) {
			if !changed {
				operation, changed = maps.Clone(operation), true
			}
			operation[name] = "/" + path
		}
	}
	return operation, changed
}

// withPatchValues converts the values of a JSON Patch by the schemas of their
// paths.
func (b *Binder) withPatchValues(operations []any) (out []any, changed bool) {
	out = slices.Clone(operations)
	for i, item := range operations {
		operation, _ := item.(map[string]any)
		path, _ := operation["path"].(string)
		if field := b.patch.Properties[path]; field != nil {
			if value, ok := coerced(operation["value"], field); ok {
				operation = maps.Clone(operation)
				operation["value"], out[i], changed = value, operation, true
			}
		}
	}
	return out, changed
}

// patchFaults are what is wrong with the operations of a JSON Patch: a path that
// is none or that cannot be changed, and values that are missing or are none of
// those that a field takes.
func (b *Binder) patchFaults(call *Call) (faults []string) {
	for _, v := range call.args {
		s := b.schema.Properties[v.name]
		operations, _ := v.data.([]any)
		if s == nil || s.Items2020 == nil || !isPatch(s.Items2020) {
			continue
		}
		for i, item := range operations {
			if operation, ok := item.(map[string]any); ok {
				b.patchFault(operation, func(field, format string, args ...any) {
					faults = append(faults, fmt.Sprintf("%s.%d.%s: ", v.name, i, field)+fmt.Sprintf(format, args...))
				})
			}
		}
	}
	return faults
}

func (b *Binder) patchFault(operation map[string]any, add func(field, format string, args ...any)) {
	for _, name := range patchFields {
		path, given := operation[name].(string)
		switch {
		case !given:
		case path != "" && !strings.HasPrefix(path, "/"):
			add(name, "must begin with /, such as %s, not %s", show("/"+strings.ReplaceAll(strings.TrimLeft(path, "$#.~/"), ".", "/")), show(path))
		case b.patch != nil && !b.patches(path):
			known := slices.Sorted(maps.Keys(b.patch.Properties))
			add(name, "%s cannot change %s%s; it changes %s", b.tool.Name, show(path), text.DidYouMean(path, known), strings.Join(known, ", "))
		}
	}
	value, given := operation["value"]
	switch verb := operation["op"]; {
	case (verb == "move" || verb == "copy") && operation["from"] == nil:
		add("from", "missing, the path of what to %s", verb)
	case verb == "add" || verb == "replace" || verb == "test":
		if !given {
			add("value", "missing, the new value")
		} else if b.patch != nil {
			path, _ := operation["path"].(string)
			if field := b.patch.Properties[path]; field != nil && !accepts(field, value) {
				add("value", "must be %s, which is what %s takes", expectation(field), path)
			}
		}
	}
}

// patches reports whether a path is that of a field which can be changed, or is in
// one.
func (b *Binder) patches(path string) bool {
	for known, field := range b.patch.Properties {
		if path == known || strings.HasPrefix(path, known+"/") && field.Enum == nil {
			return true
		}
	}
	return false
}
