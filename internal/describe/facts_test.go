package describe_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/describe"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// document walks an OpenAPI document by itself: what toolgen loses must not be
// lost here too.
type document struct{ root map[string]any }

func (d document) follow(v any) map[string]any {
	object, _ := v.(map[string]any)
	ref, ok := object["$ref"].(string)
	if !ok {
		return object
	}
	at := any(d.root)
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	return d.follow(at)
}

// facts adds the fields, values and defaults that a schema states, as JSON.
func (d document) facts(schema any, hidden string, active []string, add func(kind, fact string)) {
	if object, ok := schema.(map[string]any); ok {
		if ref, ok := object["$ref"].(string); ok {
			if slices.Contains(active, ref) {
				return
			}
			active = append(active, ref)
		}
	}
	s := d.follow(schema)
	if s == nil {
		return
	}
	properties, _ := s["properties"].(map[string]any)
	for name, p := range properties {
		if d.follow(p)[hidden] != true {
			add("field", name)
			d.facts(p, hidden, active, add)
		}
	}
	values, _ := s["enum"].([]any)
	for _, v := range values {
		if v != nil {
			add("value", written(v))
		}
	}
	if v := s["default"]; v != nil {
		add("default", `"default":`+written(v))
	}
	for _, word := range []string{"items", "additionalProperties"} {
		d.facts(s[word], hidden, active, add)
	}
	for _, word := range []string{"anyOf", "oneOf", "allOf"} {
		union, _ := s[word].([]any)
		for _, branch := range union {
			d.facts(branch, hidden, active, add)
		}
	}
}

func written(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // it comes from JSON
	return strings.TrimSpace(out.String())
}

// colons are parameters as one path of Retool's has them.
var colons = regexp.MustCompile(`/:(\w+)`)

// ofOperation adds the facts of an operation.
func (d document) ofOperation(item, op map[string]any, add func(kind, fact string)) {
	for _, list := range []any{item["parameters"], op["parameters"]} {
		parameters, _ := list.([]any)
		for _, p := range parameters {
			p := d.follow(p)
			if p["in"] == "path" || p["in"] == "query" {
				add("field", p["name"].(string))
				d.facts(p["schema"], "readOnly", nil, add)
			}
		}
	}
	content, _ := d.follow(op["requestBody"])["content"].(map[string]any)
	for _, media := range content {
		d.facts(media.(map[string]any)["schema"], "readOnly", nil, add)
	}
	responses, _ := op["responses"].(map[string]any)
	for status, response := range responses {
		content, _ := d.follow(response)["content"].(map[string]any)
		for _, media := range content {
			if !strings.HasPrefix(status, "2") {
				continue
			}
			schema := d.follow(media.(map[string]any)["schema"])
			if properties, _ := schema["properties"].(map[string]any); properties["data"] != nil {
				schema = d.follow(properties["data"]) // the envelope is the same everywhere
			}
			d.facts(schema, "writeOnly", nil, add)
		}
	}
}

// everything is what an agent can be shown of a tool, in all branches.
func everything(t *testing.T, d local.Dispatcher, tool *tools.Tool) string {
	t.Helper()
	out := tool.Description + string(tool.Schema)
	ask := []string{""}
	known := map[string]bool{"": true}
	for len(ask) > 0 {
		arguments := map[string]any{"names": []string{tool.Name}}
		if ask[0] != "" {
			arguments["branch"] = ask[0]
		}
		answer, err := d.CallTool(t.Context(), describe.Name, []byte(written(arguments)))
		require.NoError(t, err)
		require.False(t, answer.IsError, "%s %s: %s", tool.Name, ask[0], answer.Text)
		out += "\n" + answer.Text
		ask = ask[1:]
		for _, stub := range strings.Split(answer.Text, `{"branch":"`)[1:] {
			quoted, err := strconv.QuotedPrefix(`"` + stub)
			require.NoError(t, err)
			path, err := strconv.Unquote(quoted)
			require.NoError(t, err)
			if !known[path] {
				known[path], ask = true, append(ask, path)
			}
		}
	}
	return out
}

// What a document states of arguments and answers is in the published tool or one
// call of describe_tools away.
func TestEveryFactOfOurDocumentIsShown(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(referencedata.Root(t), "schemas", "retool.openapi.yaml"))
	require.NoError(t, err)
	requireFacts(t, text, toolgentest.Embedded(t))
}

func TestEveryFactOfRetoolsDocumentIsShown(t *testing.T) {
	text := referencedata.Read(t, "openapi-4.0.0.json")
	doc, err := openapi.Read(openapi.Source{Data: text})
	require.NoError(t, err)
	c, err := toolgen.New(doc, embedded.Catalog())
	require.NoError(t, err)
	requireFacts(t, text, c)
}

func requireFacts(t *testing.T, text []byte, c *tools.Catalog) {
	t.Helper()
	var d document
	require.NoError(t, yaml.Unmarshal(text, &d.root))
	operations, facts := 0, 0
	describer := describer(c, 20_000)
	for i := range c.Tools {
		tool := &c.Tools[i]
		shown, before := everything(t, describer, tool), operations
		for path, item := range d.root["paths"].(map[string]any) {
			item := d.follow(item)
			op, ok := item[strings.ToLower(tool.Method)].(map[string]any)
			if !ok || tools.OperationKey(tool.Method, colons.ReplaceAllString(path, "/{$1}")) != tools.OperationKey(tool.Method, tool.Path) {
				continue
			}
			operations++
			d.ofOperation(item, op, func(kind, fact string) {
				if facts++; kind == "field" {
					fact = written(fact)
				}
				if !strings.Contains(shown, fact) && (kind != "field" || !strings.Contains(shown, "in data."+strings.Trim(fact, `"`))) {
					t.Errorf("%s: the %s %s is nowhere", tool.Name, kind, fact)
				}
			})
		}
		require.Equal(t, before+1, operations, "%s %s", tool.Method, tool.Path)
	}
	require.Greater(t, facts, 5_000)
}
