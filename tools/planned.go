package tools

import (
	"context"
	"maps"
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
	return b.bind(ctx, raw, func(data any) any { return withPlaceholders(data, isPlaceholder) })
}

// withPlaceholders gives placeholders their type.
func withPlaceholders(data any, is func(text string) bool) any {
	switch data := data.(type) {
	case string:
		if is(data) {
			return placeholder(data)
		}
	case []any:
		for i := range data {
			data[i] = withPlaceholders(data[i], is)
		}
	case map[string]any:
		for name := range data {
			data[name] = withPlaceholders(data[name], is)
		}
	}
	return data
}

// isPlaceholder reports whether a value is not known.
func isPlaceholder(data any) bool {
	_, is := data.(placeholder)
	return is
}

// hasPlaceholder reports whether any part of a value is not known.
func hasPlaceholder(data any) bool {
	switch data := data.(type) {
	case placeholder:
		return true
	case []any:
		return slices.ContainsFunc(data, hasPlaceholder)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(data)), hasPlaceholder)
	}
	return false
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

// Printed returns a planned call as people read it: print writes its placeholders.
// What may be a secret beside a name or path that is not known is redacted.
func (c *Call) Printed(print func(text string) string) *Call {
	printed := &Call{Tool: c.Tool, Controls: c.Controls, Named: c.Named, args: slices.Clone(c.args), ctx: c.ctx}
	beside := false // an unknown name that says what a value among the arguments is
	for _, v := range c.args {
		beside = beside || isPlaceholder(v.data) && names(v.name)
	}
	p := printer{print: print}
	for i, v := range printed.args {
		if !hasPlaceholder(v.data) && !beside {
			continue
		}
		data := p.value(v.data)
		if beside && redact.ValueName(v.name) {
			data = redact.Marker("argument")
		}
		printed.args[i].data = data
		printed.args[i].raw, _ = encode(data) // it was decoded from JSON
	}
	printed.unknown = p.printed
	_ = printed.build() // the call is valid
	return printed
}

// Unknown reports whether a text of a printed call is, or has in it, a value that is
// not known.
func (c *Call) Unknown(text string) bool {
	return slices.ContainsFunc(c.unknown, func(printed string) bool { return strings.Contains(text, printed) })
}

// names reports whether a field says what the value beside it is.
func names(field string) bool {
	return redact.TitleName(field) || redact.IsPatchPath(field) || redact.FlagName(field) || strings.HasSuffix(strings.ToLower(field), "name")
}

// printer prints placeholders.
type printer struct {
	print   func(text string) string
	printed []string
}

func (p *printer) value(data any) any {
	switch data := data.(type) {
	case placeholder:
		text := p.print(string(data))
		p.printed = append(p.printed, text)
		return text
	case []any:
		out := make([]any, len(data))
		for i := range data {
			out[i] = p.value(data[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(data))
		beside := false
		for name, part := range data {
			out[name] = p.value(part)
			beside = beside || isPlaceholder(part) && names(name)
		}
		for name := range out {
			if beside && redact.ValueName(name) {
				out[name] = redact.Marker("argument")
			}
		}
		return out
	}
	return data
}
