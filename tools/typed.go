package tools

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// Typed returns the JSON of what a person typed as the value of an argument: the
// value itself if it is valid JSON, and text otherwise. What looks like a number is
// text, exactly as typed, where the argument takes text and not that number.
func (b *Binder) Typed(name, value string) jsontext.Value {
	raw := jsontext.Value(jsonvalue.Repair([]byte(value)))
	if !raw.IsValid() {
		return jsonvalue.AppendQuote(nil, value)
	}
	s := b.schema.Properties[b.tool.argumentNamed(name)]
	if number, ok := parsed(value, '0'); ok && s != nil && !takesLike(number, s) && takesLike(value, s) {
		return jsonvalue.AppendQuote(nil, value)
	}
	return raw
}

// takesLike reports whether a schema takes values of the type that a value has, or
// lists of them.
func takesLike(data any, s *jsonschema.Schema) bool {
	takes := func(part *jsonschema.Schema) bool { return takesLike(data, part) }
	if branches := slices.Concat(s.AnyOf, s.OneOf); len(branches) > 0 && !slices.ContainsFunc(branches, takes) {
		return false
	}
	if slices.ContainsFunc(s.AllOf, func(part *jsonschema.Schema) bool { return !takes(part) }) {
		return false
	}
	if s.Types == nil {
		return s.Enum == nil && s.Const == nil || s.Validate(data) == nil
	}
	return slices.ContainsFunc(s.Types.ToStrings(), func(t string) bool {
		return hasType(data, t) || t == "array" && (s.Items2020 == nil || takes(s.Items2020))
	})
}
