package e2e_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// operationsIn is the number of operations of each real document, counted by
// hand.
var operationsIn = map[string]int{"openapi-2.12.0.json": 144, "openapi-3.387.0.json": 145, "openapi-4.0.0.json": 152}

// object is a JSON object as encoding/json reads it, with json.Number.
type object = map[string]any

// An apiOperation is an operation as its document describes it.
type apiOperation struct {
	method, path   string      // parameters are in braces
	query          []parameter // in the document's order
	pathParameters []parameter // in the path's order
	bodyType       string      // "" for no body
	body           object      // its schema, always an object
	pageToken      string      // the field of the response with the next page, "" for none
	declaresToken  bool        // as a query parameter
	declaresLimit  bool
}

type parameter struct {
	name     string
	required bool
	schema   object
}

func (o apiOperation) String() string { return o.method + " " + o.path }

// decodeJSON reads JSON without rounding a number.
func decodeJSON(t testing.TB, data []byte) (v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v), "%s", data)
	require.False(t, dec.More(), "more than one value: %s", data)
	return v
}

// readDocument returns a real document.
func readDocument(t testing.TB, name string) object {
	t.Helper()
	return decodeJSON(t, referencedata.Read(t, name)).(object)
}

// operationsOfReal returns the operations of a real document, which are shared
// and must not be changed.
func operationsOfReal(t testing.TB, name string) []apiOperation {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.operations[name] == nil {
		shared.operations[name] = operationsOf(readDocument(t, name))
	}
	require.Len(t, shared.operations[name], operationsIn[name])
	return shared.operations[name]
}

var shared = struct {
	sync.Mutex
	operations map[string][]apiOperation
}{operations: map[string][]apiOperation{}}

// writeDocument writes a document to a file and returns its path.
func writeDocument(t testing.TB, document object) string {
	t.Helper()
	encoded, err := json.Marshal(document)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "document.json")
	require.NoError(t, os.WriteFile(name, encoded, 0o600))
	return name
}

// smallDocument returns the path of a document that every checkout has.
func smallDocument(t testing.TB) string {
	t.Helper()
	name, err := filepath.Abs(filepath.Join("testdata", "small.yaml"))
	require.NoError(t, err)
	return name
}

var (
	colonStyle = regexp.MustCompile(`:(\w+)`)
	inBraces   = regexp.MustCompile(`\{(\w+)\}`)
)

// operationsOf reads a document's operations, ordered by path and method.
func operationsOf(document object) (out []apiOperation) {
	paths := document["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(object)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			out = append(out, operationOf(method, path, item[method].(object)))
		}
	}
	return out
}

func operationOf(method, path string, raw object) apiOperation {
	op := apiOperation{method: strings.ToUpper(method), path: colonStyle.ReplaceAllString(path, "{$1}")}
	declared := map[string]parameter{}
	list, _ := raw["parameters"].([]any)
	for _, item := range list {
		p := item.(object)
		name, schema := p["name"].(string), p["schema"].(object)
		required, _ := p["required"].(bool)
		if p["in"] == "path" {
			declared[name] = parameter{name, true, schema}
			continue
		}
		op.query = append(op.query, parameter{name, required, schema})
		op.declaresToken = op.declaresToken || name == "next_token" || name == "next"
		op.declaresLimit = op.declaresLimit || name == "limit"
	}
	for _, match := range inBraces.FindAllStringSubmatch(op.path, -1) {
		p, ok := declared[match[1]]
		if !ok {
			p = parameter{match[1], true, object{"type": "string"}}
		}
		op.pathParameters = append(op.pathParameters, p)
	}
	if body, ok := raw["requestBody"].(object); ok {
		for contentType, media := range body["content"].(object) {
			op.bodyType, op.body = contentType, media.(object)["schema"].(object)
		}
	}
	op.pageToken = pageTokenOf(raw)
	return op
}

// answerOf returns the schema of an operation's response with status 200, or
// nil.
func answerOf(raw object) object {
	var at any = raw
	for _, step := range []string{"responses", "200", "content", "application/json", "schema"} {
		o, ok := at.(object)
		if !ok {
			return nil
		}
		at = o[step]
	}
	schema, _ := at.(object)
	return schema
}

func pageTokenOf(raw object) string {
	fields, _ := answerOf(raw)["properties"].(object)
	for _, name := range []string{"next_token", "next"} {
		if _, ok := fields[name]; ok {
			return name
		}
	}
	return ""
}

func (o apiOperation) paged() bool { return o.pageToken != "" }

// largestPage returns the largest limit of the operation's list: that of the
// document, or the API's 100.
func (o apiOperation) largestPage() string {
	for _, p := range o.query {
		if most, ok := p.schema["maximum"].(json.Number); ok && p.name == "limit" {
			return most.String()
		}
	}
	return "100"
}
