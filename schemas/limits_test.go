package schemas_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Every session pays for each word in the list of tools.
const (
	maxFirstSentence = 70
	maxArgument      = 45
	maxTrap          = 60
	maxUndo          = 90
)

func TestListedWordsAreFew(t *testing.T) {
	ours := ourRelease(t)
	short := func(what, s string, most int) {
		if n := utf8.RuneCountInString(s); n > most {
			t.Errorf("%s: %d characters, at most %d: %s", what, n, most, s)
		}
	}
	for _, op := range ours.Operations {
		at := op.Method + " " + op.Path
		tool := ours.catalog.Find(toolgen.Name(op.Method, op.Path))
		require.NotNil(t, tool, at)
		trap := op.Extension.Trap
		short(at+", first sentence", strings.TrimSuffix(tool.Summary(), "; "+trap), maxFirstSentence)
		short(at+", x-trap", trap, maxTrap)
		require.False(t, strings.HasSuffix(trap, "."), "%s: x-trap goes on a line with others: no full stop", at)
		for name, description := range argumentDescriptions(t, &op, tool) {
			short(at+", argument "+name, description, maxArgument)
		}
	}
}

// What is destructive says what undoes it, by the tools that exist, and nothing
// else does.
func TestDestructiveOperationsSayWhatUndoesThem(t *testing.T) {
	c, asked := ourRelease(t).catalog, 0
	for _, tool := range c.Tools {
		require.Equal(t, tool.Hints.Destructive, tool.Undo != "", tool.Name)
		require.LessOrEqual(t, utf8.RuneCountInString(tool.Undo), maxUndo, tool.Name)
		require.NotRegexp(t, `^[A-Z]|[.\n]$`, tool.Undo, "%s: a part of a sentence", tool.Name)
		for _, name := range regexp.MustCompile(`[a-z]+(?:_[a-z0-9]+)+`).FindAllString(tool.Undo, -1) {
			undoes := c.Find(name)
			require.NotNil(t, undoes, "%s: %s does not exist", tool.Name, name)
			require.NotEqual(t, tool.Name, name)
			require.False(t, undoes.Hints.ReadOnly, "%s: %s only reads", tool.Name, name)
		}
		for _, a := range tool.Asks {
			as := c.Find(a.As)
			require.NotNil(t, as, tool.Name)
			require.True(t, as.Hints.Destructive && !tool.Hints.Destructive, "%s asks as %s", tool.Name, a.As)
			require.Contains(t, string(tool.Patch+tool.Schema), `"`+a.At+`"`, tool.Name)
			require.NotEqual(t, len(a.Values) == 0, len(a.Below) == 0, tool.Name)
		}
		if tool.Hints.Destructive {
			asked++
		}
	}
	require.Greater(t, asked, 35)
}

// argumentDescriptions returns the descriptions of parameters, of the body's
// fields and of a body that is one argument.
func argumentDescriptions(t *testing.T, op *openapi.Operation, tool *tools.Tool) map[string]string {
	t.Helper()
	var full struct {
		Properties map[string]struct{ Description string }
	}
	require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
	out := map[string]string{}
	for name, p := range full.Properties {
		out[name] = p.Description
	}
	for _, p := range op.Parameters { // paging puts its own schemas in place of some
		out[p.Name] = p.Description
	}
	return out
}

// TestNothingInvisible refuses characters that only an agent reads.
func TestNothingInvisible(t *testing.T) {
	invisible := func(c rune) bool {
		return c != '\n' && unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || c == utf8.RuneError
	}
	data := ourText(t)
	require.Equal(t, -1, strings.IndexFunc(string(data), invisible), "in the file as it is written")
	eachText(ourFile, "", parse(t, data), func(_ string, s text) { // escapes are another way to write them
		require.Equal(t, -1, strings.IndexFunc(s.value, invisible), "%s: %q", s.place(), s.value)
	})
}

// TestIDsAreOfLists requires x-ids to be on lists.
func TestIDsAreOfLists(t *testing.T) {
	root := parse(t, ourText(t))
	for _, op := range ourRelease(t).Operations {
		if op.Extension.IDs == "" {
			continue
		}
		require.Equal(t, "GET", op.Method, op.Path)
		list := strings.HasPrefix(toolgen.Name(op.Method, op.Path), "list_") || answered(root, &op, "data[]") || answered(root, &op, "[]")
		require.True(t, list, "%s: the answer is no list", op.Path)
	}
}

// TestPathsIntoAnswersLeadSomewhere follows x-secrets and x-untrusted through
// the description of the answer. Where that has no envelope although instances
// send one, a path may be there in both forms.
func TestPathsIntoAnswersLeadSomewhere(t *testing.T) {
	root := parse(t, ourText(t))
	seen := 0
	for _, op := range ourRelease(t).Operations {
		for _, paths := range [][]string{op.Extension.Secrets, op.Extension.Untrusted, op.Extension.Shown, once(op)} {
			for _, path := range paths {
				seen++
				path, flag, conditional := strings.Cut(path, " if ")
				if conditional && !answered(root, &op, "data."+flag) && !answered(root, &op, "data[]."+flag) {
					t.Errorf("%s %s: %s is no field of the answer", op.Method, op.Path, flag)
				}
				bare, enveloped := strings.CutPrefix(path, "data.")
				if enveloped && slices.Contains(paths, bare) && !answered(root, &op, "data") {
					path = bare
				}
				if !answered(root, &op, path) {
					t.Errorf("%s %s: %s is no field of the answer", op.Method, op.Path, path)
				}
			}
		}
	}
	require.Greater(t, seen, 50)
}

// once is the one-time secret, which must be among the secrets.
func once(op openapi.Operation) (paths []string) {
	if path := op.Extension.OneTimeSecret; path != "" && slices.Contains(op.Extension.Secrets, path) {
		return []string{path}
	} else if path != "" {
		return []string{"x-secret-once: " + path}
	}
	return nil
}

func TestLeadsTo(t *testing.T) {
	root := parse(t, []byte(`
schemas:
  User: {type: object, properties: {name: {type: string}, tags: {type: array, items: {type: string}}}}
  Answer:
    allOf:
    - type: object
      properties:
        data: {type: array, items: {anyOf: [{$ref: '#/schemas/User'}, {type: object, properties: {meta: {additionalProperties: {}}, any: {}, map: {additionalProperties: {$ref: '#/schemas/User'}}}}]}}
    - type: object
      properties: {closed: {type: object, additionalProperties: false}, free: {type: object}, self: {$ref: '#/schemas/Answer'}, loop: {$ref: '#/loop'}}
loop: {anyOf: [{$ref: '#/loop'}]}
`))
	answer := member(member(root, "schemas"), "Answer")
	for path, want := range map[string]bool{
		"data": true, "data[]": true, "data[].name": true, "data[].tags[]": true, "data[].meta.x": true, "data[].any.x[].y": true,
		"data[].map.x.name": true, "free.x": true, "self.self.data[].name": true,
		"name": false, "data.name": false, "data[].names": false, "data[].tags": true, "data[].tags.x": false, "data[].name.x": false,
		"data[].map.x.names": false, "closed.x": false, "data[][]": false, "loop.x": false,
	} {
		require.Equal(t, want, leads(root, answer, steps(path), 0), path)
	}
}

var step = regexp.MustCompile(`\[\]|[^.\[\]]+`)

// steps splits "data[].name" into "data", "[]" and "name".
func steps(path string) []string { return step.FindAllString(path, -1) }

// answered reports whether a path leads to a field of a successful answer.
func answered(root *yaml.Node, op *openapi.Operation, path string) bool {
	answers := member(member(member(member(root, "paths"), op.Path), strings.ToLower(op.Method)), "responses")
	if answers == nil {
		return false
	}
	for i := 0; i+1 < len(answers.Content); i += 2 {
		media := member(member(resolved(root, answers.Content[i+1]), "content"), "application/json")
		if schema := member(media, "schema"); strings.HasPrefix(answers.Content[i].Value, "2") && schema != nil && leads(root, schema, steps(path), 0) {
			return true
		}
	}
	return false
}

// leads reports whether values under a schema can have something at a path. In
// a map every name can be.
func leads(root, schema *yaml.Node, path []string, depth int) bool {
	const deepest = 60 // references that only lead to each other
	schema = resolved(root, schema)
	if len(path) == 0 {
		return true
	}
	if schema == nil || depth > deepest {
		return false
	}
	union := false
	for _, name := range []string{"anyOf", "oneOf", "allOf"} {
		if branches := member(schema, name); branches != nil {
			union = true
			for _, b := range branches.Content {
				if leads(root, b, path, depth+1) {
					return true
				}
			}
		}
	}
	if path[0] == "[]" {
		items := member(schema, "items")
		return items != nil && leads(root, items, path[1:], depth+1)
	}
	fields, others := member(schema, "properties"), member(schema, "additionalProperties")
	if field := member(fields, path[0]); field != nil {
		return leads(root, field, path[1:], depth+1)
	}
	switch {
	case others != nil && others.Kind == yaml.MappingNode:
		return leads(root, others, path[1:], depth+1)
	case others != nil:
		return others.Value == "true"
	}
	kind := member(schema, "type")
	return !union && fields == nil && (kind == nil || kind.Value == "object")
}

// member returns the value of a mapping's member, or nil.
func member(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// resolved follows the references of a node.
func resolved(root, n *yaml.Node) *yaml.Node {
	for range 20 {
		ref := member(n, "$ref")
		if ref == nil {
			return n
		}
		n = root
		for name := range strings.SplitSeq(strings.TrimPrefix(ref.Value, "#/"), "/") {
			n = member(n, strings.ReplaceAll(name, "~1", "/"))
		}
	}
	return nil
}
