package toolgen

import (
	"encoding/json"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
)

// closed returns a schema whose objects accept only the fields that they declare,
// where they do not say otherwise themselves. Retool's documents say so of a body
// alone and mean what is in it, too: there an unknown field is ignored or refused.
// Objects of a union stay as they are, since the unions are imprecise.
func closed(s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	if rest, nullable := splitNull(s.AnyOf); nullable && len(rest) == 1 && s.Type == "" {
		out := *s
		out.AnyOf = nil
		for _, b := range s.AnyOf {
			out.AnyOf = append(out.AnyOf, closed(b))
		}
		return &out
	}
	if len(s.AnyOf)+len(s.OneOf)+len(s.AllOf) > 0 {
		return s
	}
	out := *s
	out.Items = closed(s.Items)
	if s.Properties == nil {
		return &out
	}
	out.Properties = jsonschema.NewProperties()
	for name, p := range s.Properties.FromOldest() {
		out.Properties.Set(name, closed(p))
	}
	if s.AdditionalProperties == nil && len(s.PatternProperties) == 0 {
		out.AdditionalProperties = jsonschema.FalseSchema
	}
	return &out
}

// patchSchema is the schema of an object with the fields that a JSON Patch can
// change, "" for none.
func patchSchema(fields []openapi.PatchField) tools.Schema {
	if len(fields) == 0 {
		return ""
	}
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties()}
	for _, f := range fields {
		s.Properties.Set(f.Path, &jsonschema.Schema{Type: typeOfValues(f.Values), Enum: f.Values})
	}
	encoded, _ := json.Marshal(s) // of values from JSON
	return tools.Schema(encoded)
}

// typeOfValues is the type that all values have, "" for no one type.
func typeOfValues(values []any) (one string) {
	for _, v := range values {
		t := ""
		switch v.(type) {
		case string:
			t = "string"
		case bool:
			t = "boolean"
		}
		if one != "" && one != t {
			return ""
		}
		one = t
	}
	return one
}

// withNewFields are the fields that a known tool can change, and those of the
// instance's answer that the tool does not know: nobody can say that they cannot be
// changed.
func withNewFields(known *tools.Tool, theirs tools.Answer) tools.Schema {
	s := &jsonschema.Schema{}
	if known.Patch == "" || json.Unmarshal([]byte(known.Patch), s) != nil {
		return known.Patch
	}
	for _, field := range theirs.Fields {
		if !strings.Contains(field, ".") && !known.Answer.Names(field) {
			s.Properties.Set("/"+field, &jsonschema.Schema{})
		}
	}
	encoded, _ := json.Marshal(s) // it was decoded from JSON
	return tools.Schema(encoded)
}
