package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// description is our OpenAPI document, whose schemas are JSON Schema as they
// stand.
type description struct {
	operations map[string]*operation
	ids        []string // in the document's order
}

// operation is what the tests need to know of one.
type operation struct {
	id, method, path, scope string
	parameters              []map[string]any
	body                    map[string]any        // its schema, references resolved; nil for none
	answers                 map[int]*answerSchema // by status
}

// answerSchema is nil for a status without a body.
type answerSchema struct{ *jsonschema.Schema }

var reading struct {
	sync.Once
	description
	err error
}

func described(t testing.TB) description {
	reading.Do(func() { reading.description, reading.err = readDescription(t) })
	require.NoError(t, reading.err)
	return reading.description
}

func readDescription(t testing.TB) (d description, err error) {
	source, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "retool.openapi.yaml"))
	if err != nil {
		return d, err
	}
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return d, err
	}
	document := map[string]any{}
	data, err := json.Marshal(tree)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return d, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "description.json"
	if err := compiler.AddResource(name, document); err != nil {
		return d, err
	}
	var order struct{ Paths yaml.Node }
	if err := yaml.Unmarshal(source, &order); err != nil {
		return d, err
	}
	d.operations = map[string]*operation{}
	paths, _ := document["paths"].(map[string]any)
	for i := 0; i < len(order.Paths.Content); i += 2 {
		path := order.Paths.Content[i].Value
		item, _ := paths[path].(map[string]any)
		for j := 0; j < len(order.Paths.Content[i+1].Content); j += 2 {
			method := order.Paths.Content[i+1].Content[j].Value
			raw, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			op := &operation{method: strings.ToUpper(method), path: path, answers: map[int]*answerSchema{}}
			op.id, _ = raw["operationId"].(string)
			op.scope, _ = raw["x-scope"].(string)
			pointer := name + "#/paths/" + escape(path) + "/" + method
			if err := op.read(document, raw, compiler, pointer); err != nil {
				return d, err
			}
			d.operations[op.id] = op
			d.ids = append(d.ids, op.id)
		}
	}
	return d, nil
}

func escape(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~", "~0"), "/", "~1")
}

func (op *operation) read(document, raw map[string]any, compiler *jsonschema.Compiler, pointer string) error {
	list, _ := raw["parameters"].([]any)
	for _, p := range list {
		op.parameters = append(op.parameters, resolve(document, p).(map[string]any))
	}
	if body, ok := resolve(document, raw["requestBody"]).(map[string]any); ok {
		for _, media := range body["content"].(map[string]any) {
			op.body, _ = resolve(document, media.(map[string]any)["schema"]).(map[string]any)
		}
	}
	responses, _ := raw["responses"].(map[string]any)
	for code, response := range responses {
		status, err := strconv.Atoi(code)
		if err != nil {
			return err
		}
		at := pointer + "/responses/" + code
		r, _ := response.(map[string]any)
		if ref, ok := r["$ref"].(string); ok {
			at = strings.SplitN(pointer, "#", 2)[0] + ref
			r, _ = resolve(document, response).(map[string]any)
		}
		content, _ := r["content"].(map[string]any)
		if content["application/json"] == nil {
			op.answers[status] = nil
			continue
		}
		schema, err := compiler.Compile(at + "/content/application~1json/schema")
		if err != nil {
			return err
		}
		op.answers[status] = &answerSchema{schema}
	}
	return nil
}

// resolve follows a reference within the document.
func resolve(document map[string]any, value any) any {
	for {
		m, _ := value.(map[string]any)
		ref, ok := m["$ref"].(string)
		if !ok {
			return value
		}
		value = any(document)
		for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			value = value.(map[string]any)[step]
		}
	}
}

// check holds an answer against the description.
func (op *operation) check(t testing.TB, a answer) {
	t.Helper()
	if a.status >= 300 {
		envelope, ok := a.body.(map[string]any)
		require.True(t, ok, "%s: a failure without the envelope: %d %s", op.id, a.status, a.raw)
		require.Len(t, envelope, 2, "%s: %s", op.id, a.raw)
		require.Equal(t, false, envelope["success"], "%s: %s", op.id, a.raw)
		require.NotEmpty(t, envelope["message"], "%s: %s", op.id, a.raw)
		require.Less(t, a.status, http.StatusInternalServerError, "%s: %s", op.id, a.raw)
		return
	}
	schema, declared := op.answers[a.status]
	require.True(t, declared, "%s answers %d, which is not declared: %s", op.id, a.status, a.raw)
	if a.status == http.StatusNoContent {
		require.Empty(t, a.raw, "%s: 204 with a body", op.id)
		require.Empty(t, a.header.Get("Content-Type"), "%s: 204 with a content type", op.id)
		return
	}
	if schema != nil {
		require.NoError(t, schema.Validate(a.body), "%s: the answer does not fit the description: %s", op.id, a.raw)
	}
}
