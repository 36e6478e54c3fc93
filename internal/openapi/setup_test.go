package openapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/testcost"
)

// withPaths is a document with the members of "paths", and of "components" if
// there are any.
func withPaths(paths string, components ...string) string {
	return fmt.Sprintf(`{"openapi":"3.0.3","info":{"title":"Things","version":"1"},"paths":{%s},"components":{%s}}`,
		paths, strings.Join(components, ","))
}

// withSchema is a document whose one operation takes and answers the schema.
func withSchema(schema string, schemas ...string) string {
	content := `"content":{"application/json":{"schema":` + schema + `}}`
	return withPaths(`"/things":{"post":{"requestBody":{`+content+`},"responses":{"200":{`+content+`}}}}`,
		`"schemas":{`+strings.Join(schemas, ",")+`}`)
}

// modern is a document of OpenAPI 3.1.
func modern(document string) string {
	return strings.Replace(document, `"openapi":"3.0.3"`, `"openapi":"3.1.0"`, 1)
}

// read reads a document that has no fault.
func read(t testing.TB, document string) *openapi.Document {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: []byte(document), Trusted: true})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	return doc
}

// readOne reads a document that has no fault and one operation.
func readOne(t testing.TB, document string) openapi.Operation {
	t.Helper()
	doc := read(t, document)
	require.Len(t, doc.Operations, 1)
	return doc.Operations[0]
}

// requested and answered are the two forms of a schema, the names of whose
// components precede theirs.
func requested(t testing.TB, schema string, schemas ...string) *jsonschema.Schema {
	t.Helper()
	body := readOne(t, withSchema(schema, schemas...)).Body
	require.NotNil(t, body)
	return body.Schema
}

func answered(t testing.TB, schema string, schemas ...string) *jsonschema.Schema {
	t.Helper()
	answer := readOne(t, withSchema(schema, schemas...)).Answer
	require.NotNil(t, answer)
	return answer
}

func text(t testing.TB, s *jsonschema.Schema) string {
	t.Helper()
	encoded, err := json.Marshal(s)
	require.NoError(t, err)
	return string(encoded)
}

// compile makes a validator of a converted schema, which fails where the
// schema is no JSON Schema 2020-12.
func compile(t testing.TB, s *jsonschema.Schema) *santhosh.Schema {
	t.Helper()
	compiled, err := compiled(s)
	require.NoError(t, err)
	return compiled
}

func compiled(s *jsonschema.Schema) (*santhosh.Schema, error) {
	encoded, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	value, err := santhosh.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		return nil, err
	}
	c := santhosh.NewCompiler()
	c.DefaultDraft(santhosh.Draft2020)
	if err := c.AddResource("mem:schema", value); err != nil {
		return nil, err
	}
	return c.Compile("mem:schema")
}

// valid reports whether the JSON text is valid under the schema.
func valid(t testing.TB, s *santhosh.Schema, instance string) bool {
	t.Helper()
	value, err := santhosh.UnmarshalJSON(strings.NewReader(instance))
	require.NoError(t, err)
	return s.Validate(value) == nil
}

// conversion is one row of the table of conversions.
type conversion struct {
	name string
	// schema is the OpenAPI form, schemas the components it may refer to.
	schema  string
	schemas []string
	modern  bool // of OpenAPI 3.1
	want    string
	// accepts and refuses are values whose fate the conversion must not change.
	accepts, refuses []string
}

// convert runs rows on schemas of request bodies.
func convert(t *testing.T, rows []conversion) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			document := withSchema(row.schema, row.schemas...)
			if row.modern {
				document = modern(document)
			}
			s := readOne(t, document).Body.Schema
			require.JSONEq(t, row.want, text(t, s))
			validator := compile(t, s)
			for _, instance := range row.accepts {
				require.True(t, valid(t, validator, instance), "%s must be valid", instance)
			}
			for _, instance := range row.refuses {
				require.False(t, valid(t, validator, instance), "%s must be invalid", instance)
			}
		})
	}
}

// schemasOf lists the schemas that an operation has.
func schemasOf(op openapi.Operation) []*jsonschema.Schema {
	var out []*jsonschema.Schema
	for _, p := range op.Parameters {
		out = append(out, p.Schema)
	}
	if op.Body != nil {
		out = append(out, op.Body.Schema)
	}
	if op.Answer != nil {
		out = append(out, op.Answer)
	}
	return out
}

// walk calls see with a decoded schema and its sub-schemas, and with nothing
// that merely looks like one, such as a property called "enum".
func walk(schema any, see func(map[string]any)) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	see(s)
	for word, value := range s {
		switch members := value.(type) {
		case map[string]any:
			switch word {
			case "properties", "patternProperties":
				for _, property := range members {
					walk(property, see)
				}
			case "items", "additionalProperties", "not":
				walk(members, see)
			}
		case []any:
			switch word {
			case "anyOf", "oneOf", "allOf", "prefixItems":
				for _, branch := range members {
					walk(branch, see)
				}
			}
		}
	}
}

// inTime requires that do takes no more of the processor than any document may.
func inTime(t testing.TB, do func()) {
	t.Helper()
	require.Less(t, testcost.Of(do), patience)
}
