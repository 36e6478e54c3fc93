package deploy_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

const (
	chart     = "deploy/kubernetes/"
	valueSets = chart + "ci/*-values.yaml"
)

func valuesSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, chart+"values.schema.json")))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("values.schema.json", document))
	schema, err := compiler.Compile("values.schema.json")
	require.NoError(t, err)
	return schema
}

// conforms checks values as helm does, which knows JSON alone.
func conforms(t testing.TB, schema *jsonschema.Schema, values any) error {
	t.Helper()
	encoded, err := json.Marshal(values)
	require.NoError(t, err)
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	require.NoError(t, err)
	return schema.Validate(decoded)
}

func TestChartIsNamed(t *testing.T) {
	about := readYAML(t, chart+"Chart.yaml")
	require.Equal(t, "v2", about["apiVersion"])
	require.Equal(t, "retool-mcp", about["name"])
	require.Regexp(t, `^[0-9]+\.[0-9]+\.[0-9]+$`, about["version"])
}

func TestValuesConform(t *testing.T) {
	schema := valuesSchema(t)
	require.NoError(t, conforms(t, schema, readYAML(t, chart+"values.yaml")))
	for _, name := range files(t, valueSets) {
		require.NoError(t, conforms(t, schema, readYAML(t, name)), name)
	}
}

// A misspelled value is an error. The server would ignore it.
func TestSchemaKnowsEveryValue(t *testing.T) {
	var schema object
	require.NoError(t, json.Unmarshal(read(t, chart+"values.schema.json"), &schema))
	sameNames(t, "", schema, readYAML(t, chart+"values.yaml"))
}

func sameNames(t *testing.T, place string, schema, values object) {
	t.Helper()
	properties, has := schema["properties"].(object)
	if !has {
		return // free as Kubernetes has it
	}
	require.Equal(t, false, schema["additionalProperties"], place)
	names := slices.Sorted(maps.Keys(properties))
	if place == "" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "global" })
	}
	require.Equal(t, names, slices.Sorted(maps.Keys(values)), "%q: schema and values.yaml have the same names", place)
	for name, value := range values {
		if inner, ok := value.(object); ok {
			sameNames(t, path.Join(place, name), at[object](t, properties, name), inner)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := valuesSchema(t)
	for name, text := range map[string]string{
		"a misspelt name":          `{retool: {ulr: https://example.com}}`,
		"a secret as a value":      `{auth: {token: "0123456789abcdef"}}`,
		"no authentication":        `{auth: {mode: none}}`,
		"stdio":                    `{server: {transports: [stdio]}}`,
		"no transport":             `{server: {transports: []}}`,
		"a public URL that is not": `{server: {publicUrl: mcp.example.com}}`,
		"a drain of no time":       `{server: {drainSeconds: 0}}`,
		"a rule without a claim":   `{auth: {oauth: {rules: ["admins:all"]}}}`,
		"a type of other tokens":   `{auth: {oauth: {tokenTypes: [logout+jwt]}}}`,
		"two scopes in one":        `{auth: {oauth: {scopes: ["a b"]}}}`,
		"a short digest":           `{image: {digest: "sha256:abc"}}`,
	} {
		var values any
		require.NoError(t, yaml.Unmarshal([]byte(text), &values), name)
		require.Error(t, conforms(t, schema, values), name)
	}
}

// Templates use every value; an unused one would have no effect.
func TestTemplatesReadEveryValue(t *testing.T) {
	var all strings.Builder
	for _, name := range files(t, chart+"templates/*") {
		all.Write(read(t, name))
	}
	templates := all.String()
	for _, name := range leaves("", readYAML(t, chart+"values.yaml")) {
		last := name[strings.LastIndexByte(name, '.')+1:]
		require.Contains(t, templates, "."+last, name)
	}
}

// leaves are the names of all values that hold no further names.
func leaves(place string, values object) (names []string) {
	for name, value := range values {
		if inner, ok := value.(object); ok && len(inner) > 0 && !strings.HasSuffix(name, "ecurityContext") && name != "resources" {
			names = append(names, leaves(place+name+".", inner)...)
			continue
		}
		names = append(names, place+name)
	}
	return names
}

// Secrets are files of Secrets that exist: no template makes one, and no variable
// holds one.
func TestChartHoldsNoSecret(t *testing.T) {
	for _, name := range files(t, chart+"templates/*.yaml") {
		text := string(read(t, name))
		require.NotContains(t, text, "kind: Secret\n", name)
		require.NotContains(t, text, "RETOOL_ACCESS_TOKEN:", name)
		require.NotContains(t, text, "RETOOL_MCP_AUTH_TOKEN:", name)
	}
}
