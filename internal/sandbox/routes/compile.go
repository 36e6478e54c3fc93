package routes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// Compile writes the routes of a document for Load, sorted by path. reads are the
// operations that change nothing, by operationId.
func Compile(doc *openapi.Document, reads map[string]bool) ([]byte, error) {
	out := make([]*Route, 0, len(doc.Operations))
	for _, op := range doc.Operations {
		r := &Route{ID: op.ID, Method: op.Method, Path: op.Path, Reads: reads[op.ID]}
		if op.Extension.Scope != "" {
			r.Scopes = strings.Split(op.Extension.Scope, " or ")
		}
		for _, p := range op.Parameters {
			schema, err := bare(p.Schema)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", op.ID, p.Name, err)
			}
			r.Params = append(r.Params, Parameter{Name: p.Name, In: p.In, Required: p.Required, Schema: schema})
		}
		if op.Body != nil {
			schema, err := bare(op.Body.Schema)
			if err != nil {
				return nil, fmt.Errorf("%s: body: %w", op.ID, err)
			}
			r.Body = &Body{Type: op.Body.ContentType, Required: op.Body.Required, Schema: schema}
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	data, err := jsonv2.Marshal(out)
	if err != nil {
		return nil, err
	}
	data, err = layout(nil, data, "", 0)
	return append(data, '\n'), err
}

// bare returns a schema without the texts that check nothing.
func bare(s *jsonschema.Schema) ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		return nil, err
	}
	strip(schema, false)
	return json.Marshal(schema)
}

// strip removes texts from a schema; below "properties" the keys are names.
func strip(value any, names bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, part := range v {
			_, isText := part.(string)
			if !names && isText && (key == "description" || key == "title") {
				delete(v, key)
				continue
			}
			strip(part, !names && key == "properties")
		}
	case []any:
		for _, part := range v {
			strip(part, false)
		}
	}
}
