package openapi_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// find returns the operation "METHOD /path" of a document.
func find(t testing.TB, doc *openapi.Document, key string) openapi.Operation {
	t.Helper()
	i := slices.IndexFunc(doc.Operations, func(op openapi.Operation) bool { return op.Method+" "+op.Path == key })
	require.GreaterOrEqual(t, i, 0, key)
	return doc.Operations[i]
}

func parameter(t testing.TB, op openapi.Operation, name string) openapi.Parameter {
	t.Helper()
	i := slices.IndexFunc(op.Parameters, func(p openapi.Parameter) bool { return p.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return op.Parameters[i]
}

func TestRetoolDocuments(t *testing.T) {
	operations := map[string]int{"openapi-2.12.0.json": 144, "openapi-3.387.0.json": 145, "openapi-4.0.0.json": 152}
	servers := map[string]string{"openapi-4.0.0.json": "https://stable-4-0.retool.dev/api/v2"}
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			doc, err := openapi.Read(openapi.Source{Data: referencedata.Read(t, name), Address: "https://example.retool.com/api/v2/spec"})
			require.NoError(t, err)
			require.Empty(t, doc.Problems)
			require.Len(t, doc.Operations, operations[name])
			require.Equal(t, "Retool API", doc.Title)
			require.Equal(t, strings.TrimSuffix(strings.TrimPrefix(name, "openapi-"), ".json"), doc.Version)
			require.Equal(t, cmp.Or(servers[name], "https://example.retool.com/api/v2/"), doc.Server)

			keys := map[string]bool{}
			for _, op := range doc.Operations {
				keys[op.Method+" "+op.Path] = true
				for _, s := range schemasOf(op) {
					compile(t, s)
				}
				eachSchema(t, op, func(s map[string]any) { requirePlain(t, s) })
			}
			require.Len(t, keys, len(doc.Operations), "no operation twice")
		})
	}
}

func TestRetoolOddities(t *testing.T) {
	doc := read(t, string(referencedata.Read(t, referencedata.Documents[0])))

	t.Run("parameter in the colon style that nobody declared", func(t *testing.T) {
		op := find(t, doc, "GET /access_tokens/{accessTokenId}")
		require.Len(t, op.Parameters, 1)
		p := op.Parameters[0]
		require.Equal(t, "accessTokenId", p.Name)
		require.Equal(t, openapi.InPath, p.In)
		require.True(t, p.Required)
		require.Equal(t, "simple", p.Style)
		require.JSONEq(t, `{"type":"string"}`, text(t, p.Schema))
	})
	t.Run("slashes at the end", func(t *testing.T) {
		find(t, doc, "GET /organization/")
		find(t, doc, "POST /organization/invalidate_sessions/")
		find(t, doc, "POST /role_permissions/remove_role_grants_for_subject/")
	})
	t.Run("several tags", func(t *testing.T) {
		several := slices.IndexFunc(doc.Operations, func(op openapi.Operation) bool { return len(op.Tags) > 1 })
		require.GreaterOrEqual(t, several, 0)
	})
	t.Run("badges, which the newer document has", func(t *testing.T) {
		badges := map[string]int{}
		for _, op := range read(t, string(referencedata.Read(t, referencedata.Documents[1]))).Operations {
			for _, badge := range op.Badges {
				badges[badge]++
			}
		}
		require.Equal(t, map[string]int{"Enterprise": 137, "Business": 12}, badges)
	})
	t.Run("multipart body", func(t *testing.T) {
		var multipart []string
		for _, op := range doc.Operations {
			if op.Body != nil && op.Body.ContentType != "application/json" {
				multipart = append(multipart, op.Method+" "+op.Path+" "+op.Body.ContentType)
			}
		}
		const path = "POST /custom_component_libraries/{libraryId}/revisions"
		require.Equal(t, []string{path + " multipart/form-data"}, multipart)
		require.Contains(t, text(t, find(t, doc, path).Body.Schema), `"format":"binary"`)
	})
	t.Run("parameter of the path that is a union", func(t *testing.T) {
		var unions []string
		for _, op := range doc.Operations {
			for _, p := range op.Parameters {
				if p.In == openapi.InPath && len(p.Schema.AnyOf) > 0 {
					unions = append(unions, text(t, p.Schema))
				}
			}
		}
		require.NotEmpty(t, unions)
		require.Equal(t, 2, strings.Count(unions[0], `"enum"`))
	})
	t.Run("parameter of the query that is an array or a string", func(t *testing.T) {
		var unions []string
		for _, op := range doc.Operations {
			for _, p := range op.Parameters {
				if p.In == openapi.InQuery && len(p.Schema.AnyOf) > 0 && p.Schema.AnyOf[1].Type != "null" {
					require.True(t, p.Explode)
					unions = append(unions, text(t, p.Schema))
				}
			}
		}
		require.Len(t, unions, 1)
		require.Contains(t, unions[0], `"type":"array"`)
		require.Contains(t, unions[0], `{"type":"string"}`)
	})
	t.Run("required parameter of the query", func(t *testing.T) {
		p := parameter(t, find(t, doc, "GET /custom_component_libraries"), "libraryId")
		require.True(t, p.Required)
		require.Equal(t, openapi.InQuery, p.In)
	})
	t.Run("answer's envelope", func(t *testing.T) {
		answer := find(t, doc, "GET /users").Answer
		for _, name := range []string{"success", "data", "total_count", "next_token", "has_more"} {
			_, ok := answer.Properties.Get(name)
			require.True(t, ok, name)
		}
	})
	t.Run("null in an enum", func(t *testing.T) {
		nulls := 0
		for _, op := range doc.Operations {
			eachSchema(t, op, func(s map[string]any) {
				if branches, ok := s["anyOf"].([]any); ok && slices.ContainsFunc(branches, isNull) {
					nulls++
				}
			})
		}
		require.Greater(t, nulls, 60)
	})
}

func isNull(schema any) bool {
	s, ok := schema.(map[string]any)
	return ok && s["type"] == "null"
}

// requirePlain requires that a schema holds nothing of OpenAPI's own.
func requirePlain(t testing.TB, s map[string]any) {
	t.Helper()
	for word := range s {
		require.NotContains(t, []string{"$ref", "nullable", "example", "examples", "discriminator", "xml", "externalDocs", "readOnly", "writeOnly"}, word)
		require.False(t, strings.HasPrefix(word, "x-"), word)
	}
	if kind, ok := s["type"]; ok {
		require.IsType(t, "", kind)
	}
	if s["type"] == "array" {
		require.Contains(t, s, "items")
	}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		name, _ := name.(string)
		require.NotNil(t, properties[name], name)
	}
}
