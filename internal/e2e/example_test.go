package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sampler makes example values that conform to schemas. No two of its values
// are alike where the schema leaves a choice.
type sampler struct {
	t    testing.TB
	seed int
	// all fields of an object, not only the required ones
	all bool
	// the last value of an enum and branch of a union, not the first
	last bool
	// null wherever it is allowed
	null bool
}

// Free text contains every character that an address or JSON treats specially.
const (
	nastyInAddress = `a b/c?d#e%f+ü&g=h;i,j:k@l"m'n\o~p%2Fq`
	nastyInBody    = nastyInAddress + "\n\t<tag> \u2028 漢字 🙂 \x01"
)

// value returns an example for a schema, or text where the schema allows any
// text.
func (s *sampler) value(schema object, text string) any {
	s.t.Helper()
	if nullable, _ := schema["nullable"].(bool); nullable && s.null {
		return nil
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if branches, ok := schema[word].([]any); ok {
			v := s.value(s.pick(branches).(object), text)
			if fields, ok := v.(object); ok && s.last {
				fields["in_no_document"] = text // the documents' unions are imprecise, so the server decides
			}
			return v
		}
	}
	if enum, ok := schema["enum"].([]any); ok {
		return s.pick(enum)
	}
	s.seed++
	switch schema["type"] {
	case "string":
		return s.text(schema, text)
	case "integer", "number":
		return s.number(schema)
	case "boolean":
		return s.seed%2 == 0
	case "array":
		return s.list(schema, text)
	case "object":
		return s.object(schema, text)
	case nil: // any value
		return object{"anything ü": []any{json.Number("1.50"), text, nil, true}}
	}
	require.Fail(s.t, "a schema with something new", "%v", schema)
	return nil
}

func (s *sampler) pick(from []any) any {
	if s.last {
		return from[len(from)-1]
	}
	return from[0]
}

func (s *sampler) text(schema object, text string) string {
	if pattern, ok := schema["pattern"].(string); ok {
		return matching(s.t, pattern, s.seed)
	}
	switch format, _ := schema["format"].(string); format {
	case "uuid":
		return fmt.Sprintf("01234567-89ab-4cde-8f01-%012x", s.seed)
	case "date-time":
		return fmt.Sprintf("2026-11-23T12:00:00.%03dZ", s.seed%1000)
	case "email":
		return fmt.Sprintf("someone+%d@example.com", s.seed)
	case "uri":
		return fmt.Sprintf("https://example.com/a%%20b?c=%d&d=e#f", s.seed)
	case "binary":
		return bundle
	case "":
	default:
		require.Fail(s.t, "a format with something new", "%v", schema)
	}
	text = fmt.Sprintf("%s %d", text, s.seed)
	if most, ok := schema["maxLength"]; ok {
		runes := []rune(text)
		text = strings.TrimSpace(string(runes[:min(len(runes), s.whole(most))]))
	}
	if least, ok := schema["minLength"]; ok {
		text += strings.Repeat("x", max(0, s.whole(least)-len([]rune(text))))
	}
	return text
}

// number returns one that a float64 cannot represent, unless the schema has
// limits.
func (s *sampler) number(schema object) json.Number {
	least, bounded := schema["minimum"]
	switch {
	case bounded:
		return json.Number(fmt.Sprint(s.whole(least) + s.seed%2))
	case schema["maximum"] != nil:
		return schema["maximum"].(json.Number)
	case schema["type"] == "integer":
		return json.Number(fmt.Sprintf("90071992547409%02d", 91+2*(s.seed%4)))
	default:
		return json.Number(fmt.Sprintf("12345678901234567890.%03d", s.seed%1000))
	}
}

func (s *sampler) whole(v any) int {
	n, err := v.(json.Number).Int64()
	require.NoError(s.t, err)
	return int(n)
}

func (s *sampler) list(schema object, text string) []any {
	items, _ := schema["items"].(object)
	out := []any{s.value(items, text)}
	if s.all {
		out = append(out, s.value(items, text))
	}
	return out
}

func (s *sampler) object(schema object, text string) object {
	properties, _ := schema["properties"].(object)
	required, _ := schema["required"].([]any)
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if s.all || slices.Contains(required, any(name)) {
			out[name] = s.value(properties[name].(object), text)
		}
	}
	more, constrained := schema["additionalProperties"]
	switch more, ok := more.(object); {
	case !s.all:
	case ok:
		out["a key of one's own ü"] = s.value(more, text)
	case !constrained && len(properties) == 0:
		out["any key <ü>"] = object{"deep": []any{object{"deeper": text}}}
	}
	return out
}
