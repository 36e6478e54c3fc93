package tools

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// notGiven reports whether a value stands for none: null, and empty text where
// no text belongs. Several agent frameworks send every optional argument so.
func (b *Binder) notGiven(a Arg, v value) bool {
	s := b.schema.Properties[v.name]
	if s == nil || a.Required {
		return false
	}
	text, isText := v.data.(string)
	switch {
	case v.data == nil, isText && strings.TrimSpace(text) == "" && !takesText(s):
		return s.Validate(v.data) != nil
	}
	return false
}

// takesText reports whether a schema accepts text other than listed values.
func takesText(s *jsonschema.Schema) bool {
	if branches := slices.Concat(s.AnyOf, s.OneOf); len(branches) > 0 {
		return slices.ContainsFunc(branches, takesText)
	}
	if slices.ContainsFunc(s.AllOf, func(part *jsonschema.Schema) bool { return !takesText(part) }) {
		return false
	}
	return s.Enum == nil && s.Const == nil && (s.Types == nil || slices.Contains(s.Types.ToStrings(), "string"))
}

// coerce converts a value whose meaning is clear: models write "5" for 5,
// "true" for true, one item for a list of one, JSON text for an object, Admin for
// admin, name for the path /name, and a time for its date. A value that fits is not changed.
func (b *Binder) coerce(v *value) {
	s := b.meant.Properties[v.name]
	if s == nil {
		return
	}
	data, changed := coerced(v.data, s)
	if operations, ok := data.([]any); ok && b.patch != nil && s.Items2020 != nil {
		if converted, ok := b.withPatchValues(operations); ok {
			data, changed = converted, true
		}
	}
	if changed {
		v.data = data
		v.raw, _ = encode(data) // it was decoded from JSON
	}
}

// encode writes a decoded value as JSON without escaping HTML.
func encode(data any) (jsontext.Value, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// coerced returns what data means by a schema, and whether that is something else
// than it is. It does not change data.
func coerced(data any, s *jsonschema.Schema) (out any, changed bool) {
	if isPlaceholder(data) {
		return data, false
	}
	for _, part := range s.AllOf {
		converted, c := coerced(data, part)
		data, changed = converted, changed || c
	}
	switch {
	case len(s.AnyOf)+len(s.OneOf) > 0:
		converted, c := coercedUnion(data, slices.Concat(s.AnyOf, s.OneOf))
		return converted, changed || c
	case s.Types != nil && !slices.ContainsFunc(s.Types.ToStrings(), func(t string) bool { return hasType(data, t) }):
		for _, t := range s.Types.ToStrings() {
			if converted, ok := convertTo(t, data); ok {
				converted, _ = coercedParts(converted, s)
				return converted, true
			}
		}
		return data, changed
	}
	converted, c := coercedParts(data, s)
	return converted, changed || c
}

// coercedUnion converts a value that no branch accepts: for the branch that its tag
// names, for the only one that takes values of its type, or for the first that
// accepts the result.
func coercedUnion(data any, branches []*jsonschema.Schema) (any, bool) {
	meant := branchFor(data, branches)
	if meant != nil && isPatch(meant) { // a path fits without its slash
		return coerced(data, meant)
	}
	fits := slices.IndexFunc(branches, func(b *jsonschema.Schema) bool { return accepts(b, data) })
	if fits >= 0 {
		if isDate(branches[fits]) {
			return coerced(data, branches[fits])
		}
		return data, false
	}
	if meant != nil {
		return coerced(data, meant)
	}
	for _, b := range branches {
		if converted, changed := coerced(data, b); changed && accepts(b, converted) {
			return converted, true
		}
	}
	written, _ := data.(string)
	for t, kind := range map[string]jsontext.Kind{"object": '{', "array": '['} {
		if parsed, ok := parsed(written, kind); ok && slices.ContainsFunc(branches, func(b *jsonschema.Schema) bool { return hasTypeNamed(b, t) }) {
			converted, _ := coercedUnion(parsed, branches)
			return converted, true
		}
	}
	return data, false
}

// branchFor returns the branch of a union that an object belongs to: by the one
// value of a field, the tag, that no other branch has, or because it is the only one
// for objects; or nil.
func branchFor(data any, branches []*jsonschema.Schema) (meant *jsonschema.Schema) {
	object, ok := data.(map[string]any)
	if !ok {
		return nil
	}
	for name, value := range object {
		word, _ := value.(string)
		for _, b := range branches {
			tag := b.Properties[name]
			if word == "" || tag == nil || !slices.ContainsFunc(fixedValues(tag), func(v any) bool { s, ok := v.(string); return ok && strings.EqualFold(s, word) }) {
				continue
			}
			if meant != nil && meant != b {
				return nil
			}
			meant = b
		}
	}
	if meant != nil {
		return meant
	}
	for _, b := range branches {
		if !hasTypeNamed(b, "object") {
			continue
		}
		if meant != nil {
			return nil
		}
		meant = b
	}
	return meant
}

func hasTypeNamed(s *jsonschema.Schema, t string) bool {
	return s.Types != nil && slices.Contains(s.Types.ToStrings(), t)
}

// fixedValues are the only values that a schema accepts, nil for any.
func fixedValues(s *jsonschema.Schema) []any {
	switch {
	case s.Enum != nil:
		return s.Enum.Values
	case s.Const != nil:
		return []any{*s.Const}
	}
	return nil
}

// coercedParts converts a word of a list of values, a list's items and an object's
// known fields.
func coercedParts(data any, s *jsonschema.Schema) (any, bool) {
	switch data := data.(type) {
	case string:
		if isDate(s) {
			if date, ok := dateOf(data); ok {
				return date, true
			}
		}
		return inCase(data, fixedValues(s))
	case []any:
		if s.Items2020 == nil {
			return data, false
		}
		out, changed := slices.Clone(data), false
		for i := range out {
			item, c := coerced(out[i], s.Items2020)
			out[i], changed = item, changed || c
		}
		return out, changed
	case map[string]any:
		out, changed := withKnownNames(data, s)
		if isPatch(s) {
			slashed, c := withSlash(out)
			out, changed = slashed, changed || c
		}
		for name, field := range s.Properties {
			part, ok := out[name]
			if !ok {
				continue
			}
			if converted, c := coerced(part, field); c {
				if !changed {
					out, changed = maps.Clone(out), true
				}
				out[name] = converted
			}
		}
		return out, changed
	}
	return data, false
}

// inCase returns the one of some values that a text is in another case.
func inCase(text string, values []any) (any, bool) {
	var like []any
	for _, v := range values {
		switch word, ok := v.(string); {
		case ok && word == text:
			return text, false
		case ok && strings.EqualFold(word, strings.TrimSpace(text)):
			like = append(like, v)
		}
	}
	if len(like) == 1 {
		return like[0], true
	}
	return text, false
}

func hasType(data any, t string) bool {
	switch data := data.(type) {
	case nil:
		return t == "null"
	case bool:
		return t == "boolean"
	case string:
		return t == "string"
	case json.Number:
		return t == "number" || t == "integer" && isInteger(data)
	case []any:
		return t == "array"
	case map[string]any:
		return t == "object"
	}
	return false
}

// convertTo returns what data means as a value of type t, if that is clear.
func convertTo(t string, data any) (any, bool) {
	text, isText := data.(string)
	switch t {
	case "string":
		switch data := data.(type) {
		case json.Number:
			return decimal(data), true
		case bool:
			return strconv.FormatBool(data), true
		}
	case "number", "integer":
		n := json.Number(strings.TrimSpace(text))
		return n, plainNumber().MatchString(n.String()) && numbersInRange(n) && (t == "number" || !strings.Contains(text, "."))
	case "boolean":
		word := strings.ToLower(text)
		return word == "true", word == "true" || word == "false"
	case "null":
		return nil, isText && text == "null"
	case "object":
		return parsed(text, '{')
	case "array":
		if list, ok := parsed(text, '['); ok {
			return list, true
		}
		return []any{data}, data != nil && !strings.HasPrefix(strings.TrimSpace(text), "[") // an incomplete list is no item
	}
	return nil, false
}

// parsed reads text as JSON of one kind, to its end.
func parsed(text string, kind jsontext.Kind) (any, bool) {
	raw := jsontext.Value(strings.TrimSpace(text))
	if len(raw) == 0 || raw.Kind() != kind {
		return nil, false
	}
	data, err := decodeJSON(raw)
	if err != nil {
		return nil, false // not what was read before the error
	}
	return data, true
}
