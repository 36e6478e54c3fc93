package tools

import (
	"bytes"
	"encoding/json"
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
// "true" for true, one item for a list of one, and JSON text for an object. A
// value that fits is not changed.
func (b *Binder) coerce(v *value) {
	s := b.schema.Properties[v.name]
	if s == nil {
		return
	}
	if data, changed := coerced(v.data, s); changed {
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

func coerced(data any, s *jsonschema.Schema) (any, bool) {
	if len(s.AnyOf)+len(s.OneOf) > 0 {
		return coercedUnion(data, s)
	}
	if s.Types == nil {
		return data, false
	}
	types := s.Types.ToStrings()
	if slices.ContainsFunc(types, func(t string) bool { return hasType(data, t) }) {
		return coercedParts(data, s)
	}
	for _, t := range types {
		if converted, ok := convertTo(t, data); ok {
			converted, _ = coercedParts(converted, s)
			return converted, true
		}
	}
	return data, false
}

// coercedUnion converts a value that no branch accepts for the first branch
// that accepts the result.
func coercedUnion(data any, s *jsonschema.Schema) (any, bool) {
	branches := slices.Concat(s.AnyOf, s.OneOf)
	if slices.ContainsFunc(branches, func(b *jsonschema.Schema) bool { return b.Validate(data) == nil }) {
		return data, false
	}
	for _, b := range branches {
		if converted, changed := coerced(data, b); changed && b.Validate(converted) == nil {
			return converted, true
		}
	}
	return data, false
}

// coercedParts converts a list's items and an object's known fields.
func coercedParts(data any, s *jsonschema.Schema) (any, bool) {
	changed := false
	switch data := data.(type) {
	case []any:
		if s.Items2020 == nil {
			return data, false
		}
		out := slices.Clone(data)
		for i := range out {
			item, c := coerced(out[i], s.Items2020)
			out[i], changed = item, changed || c
		}
		return out, changed
	case map[string]any:
		for name, field := range s.Properties {
			if part, ok := data[name]; ok {
				converted, c := coerced(part, field)
				data[name], changed = converted, changed || c
			}
		}
	}
	return data, changed
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
		data, _ := parsed(text, '0')
		n, ok := data.(json.Number)
		return n, ok && numbersInRange(n) && (t == "number" || isInteger(n))
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
		return []any{data}, data != nil
	}
	return nil, false
}

// parsed reads text as JSON of one kind.
func parsed(text string, kind jsontext.Kind) (any, bool) {
	raw := jsontext.Value(strings.TrimSpace(text))
	if len(raw) == 0 || raw.Kind() != kind {
		return nil, false
	}
	data, err := decodeJSON(raw)
	return data, err == nil
}
