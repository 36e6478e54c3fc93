package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
			{"an image", "create_blob", `{"body":"R0lGODlh/w=="}`, "image/gif", "GIF89a\xff"},
			{"XML", "create_feed", `{"body":"<n one=\"alpha\"/>"}`, "application/xml", `<n one="alpha"/>`},
			{"NDJSON", "create_line", `{"body":"{\"a\":1}\n{\"a\":2}\n"}`, "application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n"},
			{"a type in other case", "create_note", `{"a":"x"}`, "application/json; charset=utf-8", `{"a":"x"}`},
			{"a range of types", "create_anything", `{"a":"x"}`, "application/json", `{"a":"x"}`},
			{"a form by its encoding", "create_form", `{"tags":["a","b"],"filter":{"k":"v"},"address":{"city":"Ö"}}`, "application/x-www-form-urlencoded", "tags=a,b&filter%5Bk%5D=v&address=%7B%22city%22%3A%22%C3%96%22%7D"},
			{
				"a multipart body", "create_upload", `{"tags":["a","b"],"cover":{"filename":"c.jpg","content":"/9j/"},"pages":[{"filename":"1","content":"AA=="},{"filename":"2","content":"eA=="}],"meta":{"n":1}}`, "multipart/form-data",
				`tags "" "" "a"|tags "" "" "b"|cover "c.jpg" "image/jpeg" "\xff\xd8\xff"|pages "1" "application/octet-stream" "\x00"|pages "2" "application/octet-stream" "x"|meta "" "application/vnd.x+json" "{\"n\":1}"`,
			},
			{"a nullable file", "create_upload", `{"cover":null,"tags":["a"]}`, "multipart/form-data", `tags "" "" "a"`},
		} {
			t.Run(protocol+" "+x.name, func(t *testing.T) {
				s.succeed(x.tool, []byte(x.arguments))
				r := u.only(t)
				contentType, body := r.header.Get("Content-Type"), string(r.body)
				if kind, parameters, err := mime.ParseMediaType(contentType); err == nil && kind == "multipart/form-data" {
					contentType, body = kind, partsOf(t, body, parameters["boundary"])
				}
				require.Equal(t, x.contentType, contentType)
				require.Equal(t, x.body, body)
			})
		}
		for _, x := range []struct{ name, tool, arguments, reason string }{
			{"a required field beside a reference", "create_order", `{"id":"a","color":"red"}`, "count: missing, a whole number from 1 to 10"},
			{"a limit beside a reference", "create_order", `{"id":"a","count":11,"color":"red"}`, "count: must be a whole number from 1 to 10, not 11"},
			{"an enum beside a reference", "create_order", `{"id":"a","count":1,"color":"green"}`, `color: must be one of "red", "blue"`},
			{"no base64", "create_blob", `{"body":"§"}`, "body: must be the bytes in base64"},
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
		"create_blob":  `{"body":{"type":"string","description":"the bytes in base64"}}`,
		"create_feed":  `{"body":{"type":"string","description":"text of application/xml: {one?: 'alpha' | 'beta' | 'gamma', two?: number, three?: string[], four?: boolean}"}}`,
		"create_line":  `{"body":{"type":"string","description":"text of application/x-ndjson"}}`,
		"create_order": `{"count":{"type":"integer","maximum":10},"color":{"type":"string","enum":["red","blue"]},"id":{"type":"string"}}`,
		"create_pet": `{"body":{"anyOf":[
			{"type":"object","required":["kind","name"],"properties":{"kind":{"type":"string","enum":["cat"]},"name":{"type":"string"},"purrs":{"type":"boolean"}}},
			{"type":"object","required":["kind","name","size"],"properties":{"size":{"type":"integer"},"friend":{"type":"object","description":"\"the same shape again, nested\""},"kind":{"type":"string","enum":["dog"]},"name":{"type":"string"}}}]}}`,
	} {
		fields := `,"fields":{"type":"array","items":{"type":"string"}}}` // of a dry run
		require.JSONEq(t, strings.TrimSuffix(want, "}")+fields, published(t, list, tool), tool)
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

// partsOf writes the parts of a multipart body on one line.
func partsOf(t *testing.T, body, boundary string) string {
	t.Helper()
	var out []string
	for r := multipart.NewReader(strings.NewReader(body), boundary); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return strings.Join(out, "|")
		}
		require.NoError(t, err)
		content, err := io.ReadAll(p)
		require.NoError(t, err)
		out = append(out, fmt.Sprintf("%s %q %q %q", p.FormName(), p.FileName(), p.Header.Get("Content-Type"), content))
	}
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
