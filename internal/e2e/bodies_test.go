package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

const bodiesDocument = "testdata/bodies.yaml"

// Bodies of every kind arrive as their document describes them.
func TestBodiesArriveAsDescribed(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(200, jsonType, `{"success":true}`))
	for _, protocol := range []string{legacy, modern} {
		s := connect(t, protocol, serving(t, bodiesDocument, u))
		for _, x := range []struct{ name, tool, arguments, contentType, body string }{
			{"keywords beside references", "create_order", `{"id":"a","count":10,"color":"blue"}`, "application/json", `{"count":10,"color":"blue","id":"a"}`},
			{"a child of a parent", "create_pet", `{"body":{"kind":"dog","name":"Rex","size":3,"friend":{"kind":"cat","name":"Tom","purrs":true}}}`, "application/json", `{"kind":"dog","name":"Rex","size":3,"friend":{"kind":"cat","name":"Tom","purrs":true}}`},
			{"children in a list", "create_zoo", `{"pets":[{"kind":"cat","name":"Tom","purrs":true},{"kind":"dog","name":"Rex","size":3}]}`, "application/json", `{"pets":[{"kind":"cat","name":"Tom","purrs":true},{"kind":"dog","name":"Rex","size":3}]}`},
			{"a child with many fields", "create_zoo", `{"shape":{"shape":"other","p1":"x","q":"y"}}`, "application/json", `{"shape":{"shape":"other","p1":"x","q":"y"}}`},
		} {
			t.Run(protocol+" "+x.name, func(t *testing.T) {
				s.succeed(x.tool, []byte(x.arguments))
				r := u.only(t)
				require.Equal(t, x.contentType, r.header.Get("Content-Type"))
				require.Equal(t, x.body, string(r.body))
			})
		}
		for _, x := range []struct{ name, tool, arguments, reason string }{
			{"a required field beside a reference", "create_order", `{"id":"a","color":"red"}`, "count: missing, a whole number from 1 to 10"},
			{"a limit beside a reference", "create_order", `{"id":"a","count":11,"color":"red"}`, "count: must be a whole number from 1 to 10, not 11"},
			{"an enum beside a reference", "create_order", `{"id":"a","count":1,"color":"green"}`, `color: must be one of "red", "blue"`},
			{"an unknown kind", "create_pet", `{"body":{"kind":"cow","name":"a"}}`, `body.kind: must be one of "cat", "dog" (did you mean cat?), not "cow"`},
			{"no kind", "create_pet", `{"body":{"name":"a"}}`, `body.kind: missing, one of "cat", "dog"`},
			{"a field of the parent", "create_pet", `{"body":{"kind":"cat"}}`, `body.name: missing`},
		} {
			t.Run(protocol+" refused: "+x.name, func(t *testing.T) {
				a := s.call(x.tool, []byte(x.arguments))
				require.True(t, a.isError)
				require.Contains(t, a.text, x.reason)
				require.Empty(t, u.take())
			})
		}
	}
}

// What is published of them is within what every client accepts.
func TestBodiesArePublishedForEveryClient(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(200, jsonType, `{}`))
	list := connect(t, legacy, serving(t, bodiesDocument, u)).list()
	for tool, want := range map[string]string{
		"create_order": `{"count":{"type":"integer","maximum":10},"color":{"type":"string","enum":["red","blue"]},"id":{"type":"string"}}`,
		"create_pet": `{"body":{"anyOf":[
			{"type":"object","required":["kind","name"],"properties":{"kind":{"type":"string","enum":["cat"]},"name":{"type":"string"},"purrs":{"type":"boolean"}}},
			{"type":"object","required":["kind","name","size"],"properties":{"size":{"type":"integer"},"friend":{"type":"object","description":"the same shape again, nested"},"kind":{"type":"string","enum":["dog"]},"name":{"type":"string"}}}]}}`,
	} {
		require.JSONEq(t, want, published(t, list, tool), tool)
	}

	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on this machine")
	}
	checker := filepath.Join(filepath.Dir(filepath.Dir(referencedata.Path(t, "x"))), "check-tools.mjs")
	file := filepath.Join(t.TempDir(), "tools.json")
	require.NoError(t, os.WriteFile(file, list, 0o600))
	var stdout bytes.Buffer
	check := exec.CommandContext(t.Context(), node, checker, file, "--server", "retool", "--min", "error")
	check.Stdout = &stdout
	require.NoError(t, check.Run(), "%s", &stdout)
}

// published returns the properties of a tool's input, without the controls.
func published(t *testing.T, list json.RawMessage, tool string) string {
	t.Helper()
	var result struct {
		Tools []struct {
			Name        string
			InputSchema struct{ Properties object }
		}
	}
	require.NoError(t, json.Unmarshal(list, &result))
	for _, found := range result.Tools {
		if found.Name == tool {
			delete(found.InputSchema.Properties, "dry_run")
			encoded, err := json.Marshal(found.InputSchema.Properties)
			require.NoError(t, err)
			return string(encoded)
		}
	}
	require.Fail(t, "no such tool", tool)
	return ""
}
