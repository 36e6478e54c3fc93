package openapi

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"

	"github.com/invopop/jsonschema"
)

// mergeScalar restricts a plain value s to what is also valid under b, or
// reports false and leaves s as it is.
func mergeScalar(s, b *jsonschema.Schema) bool {
	m := *s
	m.Type = narrower(s.Type, b.Type)
	if m.Type == "" || !plainScalar(s) || !plainScalar(b) {
		return false
	}
	if len(s.Enum) > 0 && len(b.Enum) > 0 {
		allowed := make(map[any]bool, len(b.Enum))
		for _, v := range b.Enum {
			allowed[v] = true
		}
		m.Enum = slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return !allowed[v] })
		if len(m.Enum) == 0 {
			return false
		}
	} else if len(b.Enum) > 0 {
		m.Enum = b.Enum
	}
	fits := true
	either(&m.Pattern, b.Pattern, &fits)
	either(&m.MultipleOf, b.MultipleOf, &fits)
	either(&m.ContentEncoding, b.ContentEncoding, &fits)
	either(&m.ContentMediaType, b.ContentMediaType, &fits)
	m.Minimum, m.ExclusiveMinimum = tighter(m.Minimum, b.Minimum, 1), tighter(m.ExclusiveMinimum, b.ExclusiveMinimum, 1)
	m.Maximum, m.ExclusiveMaximum = tighter(m.Maximum, b.Maximum, -1), tighter(m.ExclusiveMaximum, b.ExclusiveMaximum, -1)
	m.MinLength, m.MaxLength = tighterCount(m.MinLength, b.MinLength, 1), tighterCount(m.MaxLength, b.MaxLength, -1)
	if !fits {
		return false
	}
	m.Format, m.Title = cmp.Or(s.Format, b.Format), cmp.Or(s.Title, b.Title)
	m.Description, m.Deprecated = cmp.Or(s.Description, b.Description), s.Deprecated || b.Deprecated
	if m.Default == nil {
		m.Default = b.Default
	}
	*s = m
	return true
}

// plainScalar reports whether s is text, a number or a boolean, restricted by
// its own keywords only.
func plainScalar(s *jsonschema.Schema) bool {
	return slices.Contains([]string{"string", "number", "integer", "boolean"}, s.Type) &&
		len(s.AnyOf)+len(s.OneOf)+len(s.AllOf) == 0 && s.Not == nil
}

// narrower returns the type that both allow, "" for none.
func narrower(a, b string) string {
	switch {
	case a == b, a == "integer" && b == "number":
		return a
	case a == "number" && b == "integer":
		return b
	}
	return ""
}

// either sets a keyword that only one of two schemas may have, unless both have
// the same.
func either[T comparable](mine *T, other T, fits *bool) {
	var none T
	if *mine != none && other != none && *mine != other {
		*fits = false
	}
	*mine = cmp.Or(*mine, other)
}

// tighter returns the larger of two limits if sign is 1, the smaller if -1.
func tighter(a, b json.Number, sign int) json.Number {
	x, okA := new(big.Rat).SetString(a.String())
	y, okB := new(big.Rat).SetString(b.String())
	if !okA || okB && y.Cmp(x) == sign {
		return b
	}
	return a
}

// tighterCount is tighter for lengths.
func tighterCount(a, b *uint64, sign int) *uint64 {
	if a == nil || b != nil && cmp.Compare(*b, *a) == sign {
		return b
	}
	return a
}
