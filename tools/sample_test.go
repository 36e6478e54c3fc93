package tools_test

import (
	"cmp"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// schema is what the tests read of a tool's full schema.
type schema struct {
	Type       any
	Properties map[string]schema
	Required   []string
	Items      *schema
	AnyOf      []schema
	OneOf      []schema
	AllOf      []schema
	Enum       []any
	Const      any
	Pattern    string
	Minimum    json.Number
	MinItems   int
}

// UnmarshalJSON reads true as the schema of any value.
func (s *schema) UnmarshalJSON(text []byte) error {
	if string(text) == "true" {
		return nil
	}
	type plain schema
	return json.Unmarshal(text, (*plain)(s))
}

func (s schema) branches() []schema { return append(append([]schema{}, s.AnyOf...), s.OneOf...) }

// takes reports whether values of a JSON type are accepted.
func (s schema) takes(kind string) bool {
	for _, b := range s.branches() {
		if b.takes(kind) {
			return true
		}
	}
	switch t := s.Type.(type) {
	case string:
		return t == kind
	case []any:
		for _, one := range t {
			if one == kind {
				return true
			}
		}
		return false
	}
	return len(s.branches()) == 0
}

// sample is a value that a schema accepts, with only what it requires.
func (s schema) sample(t testing.TB) any {
	t.Helper()
	switch {
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.branches()) > 0:
		return s.branches()[0].sample(t)
	case s.takes("string"):
		for _, text := range []string{"7777", "app_7", "a@example.com", "00000000-0000-4000-8000-000000000007", "A_NAME", "2026-11-30T00:00:00Z", "#aabbcc", "user_7", "1.2.3"} {
			if regexp.MustCompile(s.Pattern).MatchString(text) {
				return text
			}
		}
		require.Fail(t, "no text matches", s.Pattern)
	case s.takes("integer"), s.takes("number"):
		return cmp.Or(s.Minimum, "7")
	case s.takes("boolean"):
		return true
	case s.takes("array"):
		list := []any{}
		for range s.MinItems {
			list = append(list, s.Items.sample(t))
		}
		return list
	}
	object := map[string]any{}
	for _, name := range s.Required {
		object[name] = s.Properties[name].sample(t)
	}
	return object
}
