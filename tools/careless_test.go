package tools_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// careless makes of a schema a value with everything in it, and the same as models
// write it: numbers and booleans as text, words in another case, names in the other
// style, paths without their slash. Of a union it takes one branch.
type careless struct {
	branch int
	path   string // of an operation of a JSON Patch
	value  any
	traps  int
}

func (c *careless) of(t testing.TB, s schema) (right, written any) {
	t.Helper()
	branches := s.branches()
	switch {
	case len(branches) > 0:
		right, written = c.of(t, branches[c.branch%len(branches)])
		if slices.ContainsFunc(branches, func(b schema) bool { return len(b.Enum) == 0 && b.takes("string") }) {
			written = right // any text fits
		}
		return right, written
	case len(s.Enum) > 0:
		word, isText := s.Enum[c.branch%len(s.Enum)].(string)
		other := strings.Map(func(r rune) rune {
			if unicode.IsUpper(r) {
				return unicode.ToLower(r)
			}
			return unicode.ToUpper(r)
		}, word)
		alike := 0
		for _, v := range s.Enum {
			if v, ok := v.(string); ok && strings.EqualFold(v, word) {
				alike++
			}
		}
		if !isText || alike > 1 {
			return s.Enum[c.branch%len(s.Enum)], s.Enum[c.branch%len(s.Enum)]
		}
		c.traps++
		return word, other
	case s.Type == "null":
		return nil, nil
	case s.Const != nil, s.takes("string"):
		right = s.sample(t)
		return right, right
	case s.takes("integer"), s.takes("number"), s.takes("boolean"):
		c.traps++
		right = s.sample(t)
		return right, fmt.Sprint(right)
	case s.takes("array"):
		item, as := c.of(t, *s.Items)
		right, written := []any{}, []any{}
		for range max(1, s.MinItems) {
			right, written = append(right, item), append(written, as)
		}
		return right, written
	}
	return c.object(t, s, nil)
}

// object is of of an object without some fields.
func (c *careless) object(t testing.TB, s schema, except []string) (right, written map[string]any) {
	right, written = map[string]any{}, map[string]any{}
	_, hasOp := s.Properties["op"]
	_, hasPath := s.Properties["path"]
	for name, p := range s.Properties {
		switch {
		case slices.Contains(except, name):
		case hasOp && hasPath && (name == "path" || name == "from"):
			c.traps++
			right[name], written[name] = c.path, strings.TrimPrefix(c.path, "/")
		case hasOp && hasPath && name == "value":
			right[name], written[name] = c.value, c.value
			if c.value != "x" {
				written[name] = strings.ToUpper(fmt.Sprint(c.value))
			}
		default:
			value, as := c.of(t, p)
			right[name] = value
			written[otherStyle(name, s.Properties)] = as
		}
	}
	return right, written
}

// otherStyle is user_id for userId and userId for user_id.
func otherStyle(name string, taken map[string]schema) string {
	words := text.Words(name)
	other := strings.Join(words, "_")
	if other == name {
		other = words[0]
		for _, w := range words[1:] {
			other += strings.ToUpper(w[:1]) + w[1:]
		}
	}
	if _, is := taken[other]; is || !slices.Equal(text.Words(other), words) {
		return name
	}
	return other
}

// Every argument of every tool that is written carelessly makes the same request as
// one that is written as the document says.
func TestCarelessArguments(t *testing.T) {
	catalogs := map[string]*tools.Catalog{"embedded": toolgentest.Embedded(t)}
	for _, document := range referencedata.Documents {
		catalogs[document] = realCatalog(t, document)
	}
	for name, catalog := range catalogs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traps := 0
			for i := range catalog.Tools {
				tool := &catalog.Tools[i]
				if tool.BodyType == tools.MultipartForm {
					continue // its boundary is random
				}
				b, err := tools.NewBinder(tool)
				require.NoError(t, err)
				var full schema
				require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
				var controls []string
				for _, a := range tool.Args {
					if a.In == tools.NotSent || tool.HasControl(a.Name) {
						controls = append(controls, a.Name)
					}
				}
				for branch := range 8 {
					c := &careless{branch: branch, path: "/name", value: "x"}
					for path, s := range patchOf(t, tool) {
						if c.path, c.value = path, "x"; len(s.Enum) > 0 {
							c.value = s.Enum[0]
						}
					}
					right, written := c.object(t, full, controls)
					want, err := b.Bind(encoded(t, right))
					require.NoError(t, err, "%s %s", tool.Name, encoded(t, right))
					got, err := b.Bind(encoded(t, written))
					require.NoError(t, err, "%s %s", tool.Name, encoded(t, written))
					require.Equal(t, want.Request.Path, got.Request.Path)
					require.Equal(t, want.Request.Query, got.Request.Query)
					require.Equal(t, len(want.Request.Body) > 0, len(got.Request.Body) > 0)
					if len(want.Request.Body) > 0 {
						require.JSONEq(t, string(want.Request.Body), string(got.Request.Body), "%s %s", tool.Name, encoded(t, written))
					}
					traps += c.traps
				}
			}
			require.Greater(t, traps, 900)
		})
	}
}

// patchOf are the fields that a JSON Patch of a tool can change, by their paths.
func patchOf(t testing.TB, tool *tools.Tool) map[string]schema {
	t.Helper()
	var s schema
	if tool.Patch != "" {
		require.NoError(t, json.Unmarshal([]byte(tool.Patch), &s))
	}
	return s.Properties
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return out
}
