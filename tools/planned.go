package tools

import (
	"context"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// A planned call may have texts for values that are not known yet, such as the id of
// what an earlier call makes. Such a placeholder fits every schema, is not converted
// and names nothing. The validator refuses values of this type, at their place and
// before it looks at them; see known.
type placeholder string

// BindPlanned is BindContext for arguments in which the texts that isPlaceholder
// reports stand for values that are not known yet. The request of the call is none to
// send.
func (b *Binder) BindPlanned(ctx context.Context, raw []byte, isPlaceholder func(text string) bool) (*Call, error) {
	field := ""
	call, err := b.bind(ctx, raw, func(data any) any { return withPlaceholders(data, isPlaceholder, &field) })
	if err == nil && field != "" {
		return nil, b.refuse([]string{field + ": the name of a field must be known, and this one is not yet"})
	}
	return call, err
}

// withPlaceholders gives placeholders their type, and finds one that is the name of a
// field.
func withPlaceholders(data any, is func(text string) bool, field *string) any {
	switch data := data.(type) {
	case string:
		if is(data) {
			return placeholder(data)
		}
	case []any:
		for i := range data {
			data[i] = withPlaceholders(data[i], is, field)
		}
	case map[string]any:
		for name := range data {
			if is(name) {
				*field = name
			}
			data[name] = withPlaceholders(data[name], is, field)
		}
	}
	return data
}

// isPlaceholder reports whether a value is not known.
func isPlaceholder(data any) bool {
	_, is := data.(placeholder)
	return is
}

// accepts reports whether a value, with placeholders or without, fits a schema.
func accepts(s *jsonschema.Schema, data any) bool {
	err := s.Validate(data)
	if err == nil {
		return true
	}
	invalid, ok := err.(*jsonschema.ValidationError) //nolint:errorlint // it is not wrapped
	return ok && known(invalid) == nil
}

// known is an error without the faults of placeholders, nil if nothing is left. A
// branch of a union that has no other faults fits.
func known(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	union := false
	switch e.ErrorKind.(type) {
	case *kind.InvalidJsonValue:
		return nil
	case *kind.AnyOf, *kind.OneOf:
		union = true
	}
	if len(e.Causes) == 0 {
		return e
	}
	less := *e
	less.Causes = nil
	for _, cause := range e.Causes {
		switch left := known(cause); {
		case left != nil:
			less.Causes = append(less.Causes, left)
		case union:
			return nil
		}
	}
	if len(less.Causes) == 0 {
		return nil
	}
	return &less
}

// Masked returns a planned call without what may be a secret because of a name, a path
// or a flag beside it that is not known.
func (c *Call) Masked() *Call {
	around := make(map[string]any, len(c.args))
	for _, v := range c.args {
		around[v.name] = v.data
	}
	masked := *c
	masked.args = slices.Clone(c.args)
	for name, data := range maskedMembers(around) {
		v := masked.value(name)
		v.data = data
		v.raw, _ = encode(data) // it was decoded from JSON
	}
	return &masked
}

func masks(data any) any {
	switch data := data.(type) {
	case []any:
		out := make([]any, len(data))
		for i := range data {
			out[i] = masks(data[i])
		}
		return out
	case map[string]any:
		return maskedMembers(data)
	}
	return data
}

func maskedMembers(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	unknown := false
	for name, part := range object {
		out[name] = masks(part)
		unknown = unknown || isPlaceholder(part) && names(name)
	}
	for name := range out {
		if unknown && redact.ValueName(name) {
			out[name] = redact.Marker("value")
		}
	}
	return out
}

// names reports whether a field says what the value beside it is.
func names(field string) bool {
	return redact.TitleName(field) || redact.IsPatchPath(field) || redact.FlagName(field) || strings.HasSuffix(strings.ToLower(field), "name")
}
