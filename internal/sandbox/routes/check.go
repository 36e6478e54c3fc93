package routes

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

var errNoLoading = errors.New("schemas are not loaded from elsewhere")

type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errNoLoading }

// compile returns a validator that also checks formats, as the real server does.
func compile(schema jsontext.Value) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	c.AssertFormat()
	const name = "route:schema"
	if err := c.AddResource(name, doc); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

// FaultError describes an invalid request in the API's words.
type FaultError string

func (e FaultError) Error() string { return string(e) }

// CheckParameters checks path and query. Like the real server it ignores unknown
// parameters.
func (r *Route) CheckParameters(path map[string]string, query url.Values) error {
	for _, p := range r.Params {
		values := query[p.Name]
		if p.In == "path" {
			values = []string{path[p.Name]}
		}
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			if p.Required {
				return FaultError(fmt.Sprintf("Missing required %s parameter: %s", p.In, p.Name))
			}
			continue
		}
		schema, err := p.schema()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.ID, p.Name, err)
		}
		if err := check(schema, p.In+" parameter", []string{p.Name}, readings(values)...); err != nil {
			return err
		}
	}
	return nil
}

// readings returns the values that a text in path or query can mean, the likeliest
// last.
func readings(texts []string) []any {
	var out []any
	if len(texts) > 1 {
		all := make([]any, len(texts))
		for i, text := range texts {
			all[i] = text
		}
		return append(out, all)
	}
	if value, err := jsonschema.UnmarshalJSON(strings.NewReader(texts[0])); err == nil {
		out = append(out, value)
	}
	return append(out, []any{texts[0]}, texts[0])
}

// CheckBody checks a JSON body, nil for none.
func (r *Route) CheckBody(body jsontext.Value) error {
	if r.Body == nil {
		return nil
	}
	if len(body) == 0 {
		if r.Body.Required {
			return FaultError("Missing required request body")
		}
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return FaultError("Request body is not valid JSON")
	}
	return r.CheckValue(value)
}

// CheckValue checks a decoded body.
func (r *Route) CheckValue(value any) error {
	schema, err := r.body()
	if err != nil {
		return fmt.Errorf("%s: body: %w", r.ID, err)
	}
	return check(schema, "body parameter", nil, value)
}

// check succeeds if one of the readings fits. Otherwise it describes the fault of the
// first one with the right type, or of the last one.
func check(schema *jsonschema.Schema, where string, at []string, readings ...any) error {
	var fault *jsonschema.ValidationError
	for _, value := range readings {
		err := schema.Validate(value)
		if err == nil {
			return nil
		}
		invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
		if !ok {
			return err
		}
		if fault = invalid; !isType(first(invalid)) {
			break
		}
	}
	return FaultError(describe(fault, where, at))
}

func isType(e *jsonschema.ValidationError) bool {
	_, ok := e.ErrorKind.(*kind.Type)
	return ok
}

// describe returns the first fault in the words of the real API, such as "Invalid
// uuid type for body parameter: object.id".
func describe(e *jsonschema.ValidationError, where string, at []string) string {
	e = first(e)
	place := func(more ...string) string {
		return strings.Join(slices.Concat(at, e.InstanceLocation, more), ".")
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return fmt.Sprintf("Missing required %s: %s", where, place(k.Missing[0]))
	case *kind.AdditionalProperties:
		return fmt.Sprintf("Unknown %s: %s", where, place(k.Properties[0]))
	case *kind.Type:
		return fmt.Sprintf("Invalid %s type for %s: %s", strings.Join(k.Want, " or "), where, place())
	case *kind.Format:
		return fmt.Sprintf("Invalid %s type for %s: %s", k.Want, where, place())
	case *kind.Enum:
		return fmt.Sprintf("Invalid enum value for %s: %s", where, place())
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		return fmt.Sprintf("Value too short for %s: %s", where, place())
	case *kind.MaxLength, *kind.MaxItems:
		return fmt.Sprintf("Value too long for %s: %s", where, place())
	case *kind.Minimum, *kind.Maximum:
		return fmt.Sprintf("Value out of range for %s: %s", where, place())
	default:
		return fmt.Sprintf("Invalid value for %s: %s", where, place())
	}
}

// first returns the fault to report: in a union one of the branch that fits best,
// else the first by its place.
func first(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(e.Causes) > 0 {
		order := byPlace
		switch e.ErrorKind.(type) {
		case *kind.AnyOf, *kind.OneOf:
			order = byFaults
		}
		e = slices.MinFunc(e.Causes, order)
	}
	return e
}

func byPlace(a, b *jsonschema.ValidationError) int {
	return slices.Compare(a.InstanceLocation, b.InstanceLocation)
}

func byFaults(a, b *jsonschema.ValidationError) int { return faults(a) - faults(b) }

// faults counts faults. A wrong word counts most: words such as "type" and
// "provider" separate the branches of a union.
func faults(e *jsonschema.ValidationError) int {
	if len(e.Causes) == 0 {
		if _, ok := e.ErrorKind.(*kind.Enum); ok {
			return 100
		}
		return 1
	}
	sum := 0
	for _, cause := range e.Causes {
		sum += faults(cause)
	}
	return sum
}
