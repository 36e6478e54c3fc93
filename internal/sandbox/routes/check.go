package routes

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

var errNoLoading = errors.New("schemas are never loaded from elsewhere")

type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errNoLoading }

// compile makes a validator that also checks formats, as the real server does.
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

// Fault is what is wrong with a request, in the API's words.
type Fault string

func (f Fault) Error() string { return string(f) }

// CheckParameters checks path and query. Parameters that the description does
// not know are let pass, as the real server does.
func (r *Route) CheckParameters(path map[string]string, query url.Values) error {
	for _, p := range r.Params {
		values := query[p.Name]
		if p.In == "path" {
			values = []string{path[p.Name]}
		}
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			if p.Required {
				return Fault(fmt.Sprintf("Missing required %s parameter: %s", p.In, p.Name))
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

// readings are the values that a text in path or query can stand for, the
// likeliest last.
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

// CheckBody checks a JSON body; it is nil where there was none.
func (r *Route) CheckBody(body jsontext.Value) error {
	if r.Body == nil {
		return nil
	}
	if len(body) == 0 {
		if r.Body.Required {
			return Fault("Missing required request body")
		}
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return Fault("Request body is not valid JSON")
	}
	return r.CheckValue(value)
}

// CheckValue checks a body that was read already.
func (r *Route) CheckValue(value any) error {
	schema, err := r.body()
	if err != nil {
		return fmt.Errorf("%s: body: %w", r.ID, err)
	}
	return check(schema, "body parameter", nil, value)
}

// check passes when one of the readings fits. Else it says what is wrong with the
// first that has the right type, or with the last one.
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
	return Fault(describe(fault, where, at))
}

func isType(e *jsonschema.ValidationError) bool {
	_, ok := e.ErrorKind.(*kind.Type)
	return ok
}
