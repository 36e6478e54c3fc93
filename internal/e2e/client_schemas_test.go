package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// The strictest rules of all client programs. One tool that a client refuses
// can cost it all others.
var (
	lawfulName     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,46}$`)
	lawfulProperty = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	lawfulTypes    = []any{"string", "number", "integer", "boolean", "object", "array", "null"}
)

// acceptedKeywords are the keywords of JSON Schema that a published schema may
// have. "nullable" and others of OpenAPI are not among them, and one client or
// another refuses $ref and the other combinators.
var acceptedKeywords = []string{
	"additionalProperties", "anyOf", "contentEncoding", "default", "deprecated", "description", "enum", "exclusiveMaximum",
	"exclusiveMinimum", "format", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
	"multipleOf", "pattern", "properties", "required", "title", "type", "uniqueItems",
}

func TestSchemasAcceptedByEveryClient(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		for kind, c := range map[string]struct{ protocol, prefix string }{
			"in the one era":   {legacy, ""},
			"in the other era": {modern, ""},
			"with a prefix":    {legacy, "sixteen_letters_"},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				s := connect(t, c.protocol, environment(t, "RETOOL_MCP_SPEC="+referencedata.Path(t, name)), "--tool-prefix="+c.prefix)
				tools := decodeJSON(t, s.list()).(object)["tools"].([]any)
				require.Len(t, tools, operationsIn[name]+len(localTools))
				seen := map[string]bool{}
				for _, tool := range tools {
					tool := tool.(object)
					name := tool["name"].(string)
					require.False(t, seen[name], "%s twice", name)
					require.True(t, strings.HasPrefix(name, c.prefix), name)
					seen[name] = true
					requireAccepted(t, name, tool)
				}
			})
		}
	}
}

func requireAccepted(t *testing.T, name string, tool object) {
	t.Helper()
	require.Regexp(t, lawfulName, name)
	description, _ := tool["description"].(string)
	require.True(t, utf8.ValidString(description) && description != "" && utf8.RuneCountInString(description) <= 1024, "%s: %q", name, description)

	annotations := tool["annotations"].(object)
	for _, hint := range []string{"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} {
		require.IsType(t, true, annotations[hint], "%s: %s", name, hint)
	}
	require.NotEmpty(t, annotations["title"], name)
	require.False(t, annotations["readOnlyHint"] == true && annotations["destructiveHint"] == true, name)

	root := tool["inputSchema"].(object)
	require.Equal(t, "object", root["type"], name)
	properties, ok := root["properties"].(object)
	require.True(t, ok, "%s: no properties", name)
	for _, word := range []string{"$ref", "anyOf", "oneOf", "allOf", "not", "enum", "$schema"} {
		require.NotContains(t, root, word, name)
	}
	for property := range properties {
		require.Regexp(t, lawfulProperty, property, name)
	}
	requireAcceptedSchema(t, name, root)
}

// requireAcceptedSchema checks a schema and its subschemas.
func requireAcceptedSchema(t *testing.T, at string, schema object) {
	t.Helper()
	for word := range schema {
		require.Contains(t, acceptedKeywords, word, at)
	}
	branches, union := schema["anyOf"].([]any)
	if union {
		require.NotEmpty(t, branches, at)
		require.NotContains(t, schema, "type", at)
	} else {
		require.Contains(t, lawfulTypes, schema["type"], "%s: untyped", at)
	}
	for i, branch := range branches {
		requireAcceptedSchema(t, fmt.Sprintf("%s/%d", at, i), branch.(object))
	}
	if schema["type"] == "array" {
		items, ok := schema["items"].(object)
		require.True(t, ok, "%s: a list of what?", at)
		requireAcceptedSchema(t, at+"/items", items)
	}
	if enum, ok := schema["enum"]; ok {
		require.Equal(t, "string", schema["type"], at)
		require.NotEmpty(t, enum, at)
		for _, value := range enum.([]any) {
			require.IsType(t, "", value, at)
			require.NotEmpty(t, value, at)
		}
	}
	if pattern, ok := schema["pattern"].(string); ok {
		_, err := regexp.Compile(pattern)
		require.NoError(t, err, at)
	}
	properties, _ := schema["properties"].(object)
	for name, property := range properties {
		requireAcceptedSchema(t, at+"/"+name, property.(object))
	}
	required, _ := schema["required"].([]any)
	for i, name := range required {
		require.Contains(t, properties, name, at)
		require.NotContains(t, required[:i], name, at)
	}
	if more, ok := schema["additionalProperties"].(object); ok {
		requireAcceptedSchema(t, at+"/*", more)
	}
}
