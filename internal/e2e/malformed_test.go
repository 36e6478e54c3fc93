package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// malformations change one operation of a document so that it cannot be called.
var malformations = map[string]func(path, operation object){
	"no object":             func(path, _ object) { path["get"] = "list all users" },
	"a nameless parameter":  func(_, op object) { op["parameters"] = []any{object{"in": "query"}} },
	"a parameter nowhere":   func(_, op object) { op["parameters"] = []any{object{"name": "a", "in": "the air"}} },
	"a required header":     func(_, op object) { op["parameters"] = []any{object{"name": "X-A", "in": "header", "required": true}} },
	"a schema of no form":   func(_, op object) { op["parameters"] = []any{object{"name": "a", "in": "query", "schema": "text"}} },
	"an unknown type":       func(_, op object) { op["requestBody"] = bodyOf(object{"type": "objekt"}) },
	"a reference to nobody": func(_, op object) { op["requestBody"] = bodyOf(object{"$ref": "#/components/schemas/Nobody"}) },
	"a reference to itself": func(_, op object) { op["requestBody"] = object{"$ref": "#/paths/~1users/get/requestBody"} },
	"a reference outside":   func(_, op object) { op["requestBody"] = bodyOf(object{"$ref": "../outside.json"}) },
	"a reference elsewhere": func(_, op object) { op["requestBody"] = bodyOf(object{"$ref": "http://elsewhere.invalid/a.json"}) },
}

func bodyOf(schema object) object {
	return object{"content": object{"application/json": object{"schema": schema}}}
}

// spoiled is the malformed operation, and spoiledTool its tool.
const (
	spoiled     = "GET /users"
	spoiledTool = "list_users"
)

// readSmall returns the small document.
func readSmall(t testing.TB) (document object) {
	t.Helper()
	text, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &document))
	return document
}

// A malformed operation is named in the log, and all others are served.
func TestMalformedOperation(t *testing.T) {
	t.Parallel()
	for what, spoil := range malformations {
		t.Run(what, func(t *testing.T) { requireOthers(t, readSmall(t), smallTools, spoil) })
	}
	for _, name := range referencedata.Documents {
		t.Run("in "+name, func(t *testing.T) {
			requireOthers(t, readDocument(t, name), operationsIn[name], malformations["an unknown type"])
		})
	}
}

func requireOthers(t *testing.T, document object, operations int, spoil func(path, operation object)) {
	t.Helper()
	listed := operations - 1 + len(localTools)
	path := document["paths"].(object)["/users"].(object)
	spoil(path, path["get"].(object))
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":1}`))
	env := serving(t, writeDocument(t, document), u)
	for range 2 { // from the document and then the cache
		o := run(t, env, "", "tools")
		require.Zero(t, o.code, o.stderr)
		require.Equal(t, listed, strings.Count(o.stdout, "\n"))
		require.NotContains(t, o.stdout, " "+spoiled+" ")
		require.True(t, strings.HasPrefix(o.stderr, "left out: "+spoiled+": "), o.stderr)
		require.Equal(t, 1, strings.Count(o.stderr, "\n"), o.stderr)
	}

	s := connect(t, legacy, env)
	require.Len(t, decodeJSON(t, s.list()).(object)["tools"], listed)
	require.Equal(t, `{"data":1}`, s.succeed("get_user", []byte(`{"userId":"user_7"}`)))
	require.Equal(t, "/api/v2/users/user_7", u.only(t).uri)
	requireLogged(t, s.stderr, "left out")
	a, err := s.try(t.Context(), spoiledTool, nil)
	require.True(t, err != nil || a.isError, a.text)
	require.NotContains(t, a.text, "does not have", "the small document is wrong")
	require.Empty(t, u.take())
}

// A malformed path removes its own operations only.
func TestMalformedPath(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"users", "/users/{", "/users/{id", "/users?all=true", "/users#all"} {
		t.Run(bad, func(t *testing.T) {
			document := readSmall(t)
			paths := document["paths"].(object)
			operations := len(paths["/users"].(object))
			require.Positive(t, operations)
			paths[bad] = paths["/users"]
			delete(paths, "/users")
			env := environment(t, "RETOOL_MCP_SPEC="+writeDocument(t, document))
			o := run(t, env, "", "tools")
			require.Zero(t, o.code, o.stderr)
			require.Equal(t, len(localTools)+smallTools-operations, strings.Count(o.stdout, "\n"))
			require.Equal(t, operations, strings.Count(o.stderr, "left out: "), o.stderr)
			require.Contains(t, o.stderr, "left out: GET "+bad+": ")
		})
	}
}
