package describe_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// requireUncut checks an argument's published schema against its full one: objects
// of at most six fields name all of them, larger ones and unions of objects too or
// say that there is more.
func requireUncut(t *testing.T, at string, full any, published string) {
	t.Helper()
	s, _ := full.(map[string]any)
	if s == nil {
		return
	}
	var objects []any
	for _, word := range []string{"anyOf", "oneOf"} {
		union, _ := s[word].([]any)
		for _, branch := range union {
			if b := branch.(map[string]any); b["type"] == "object" || b["anyOf"] != nil {
				objects = append(objects, branch)
			} else {
				requireUncut(t, at, branch, published)
			}
		}
	}
	if len(objects) == 1 {
		requireUncut(t, at, objects[0], published)
	}
	if len(objects) > 1 && !strings.Contains(published, "describe_tools") {
		for _, branch := range objects {
			requireUncut(t, at, branch, published)
		}
	}
	requireUncut(t, at+"[]", s["items"], published)
	properties, _ := s["properties"].(map[string]any)
	if strings.Contains(published, "JSON Patch: ") && properties["op"] != nil {
		return // models know its fields
	}
	for name, field := range properties {
		named := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(published)
		if len(properties) <= 6 && len(objects) == 0 {
			require.True(t, named, "%s.%s is in no published schema: %s", at, name, published)
			requireUncut(t, at+"."+name, field, published)
		} else {
			require.True(t, named || strings.Contains(published, "…") || strings.Contains(published, "describe_tools"), "%s.%s: nothing says that there is more: %s", at, name, published)
		}
	}
}

// What decides which call is right stands in the list.
func TestNoSmallObjectIsCut(t *testing.T) {
	for name, c := range map[string]*tools.Catalog{"embedded": embedded.Catalog(), "4.0.0": toolgentest.Real(t, "openapi-4.0.0.json"), "2.12.0": toolgentest.Real(t, "openapi-2.12.0.json")} {
		t.Run(name, func(t *testing.T) {
			for _, tool := range c.Tools {
				var full, published struct {
					Properties map[string]json.RawMessage
				}
				require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
				require.NoError(t, json.Unmarshal([]byte(tool.Schema), &published))
				for argument, text := range published.Properties {
					var schema any
					require.NoError(t, json.Unmarshal(full.Properties[argument], &schema))
					requireUncut(t, tool.Name+" "+argument, schema, string(text))
				}
			}
		})
	}
}

// Where the list points to a branch, describe_tools has it, with fields.
func TestBranchesThatTheListNames(t *testing.T) {
	pointer := regexp.MustCompile(`describe_tools, branch ([^"]+)"`)
	for name, least := range map[string]int{"embedded": 7, "4.0.0": 5} {
		c := embedded.Catalog()
		if name != "embedded" {
			c = toolgentest.Real(t, "openapi-4.0.0.json")
		}
		found := 0
		for _, tool := range c.Tools {
			for _, match := range pointer.FindAllStringSubmatch(string(tool.Schema), -1) {
				branch, err := json.Marshal(map[string]any{"names": []string{tool.Name}, "branch": match[1]})
				require.NoError(t, err)
				answer := ask(t, describer(c, 20_000), string(branch))
				require.False(t, answer.IsError, answer.Text)
				require.Contains(t, answer.Text, `"properties":{`)
				found++
			}
		}
		require.GreaterOrEqual(t, found, least, name)
	}
}

// A list names each field that its items have.
func TestListsNameTheirFields(t *testing.T) {
	lists := 0
	for _, tool := range embedded.Catalog().Tools {
		var item struct{ Properties map[string]any }
		if !tool.Answer.List || !tool.Hints.ReadOnly || tool.Answer.Schema == "" {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(tool.Answer.Schema), &item))
		for name := range item.Properties {
			if strings.HasPrefix(tool.Name, "list_") || tool.Paging != nil {
				lists++
				require.Regexp(t, `→ data[^:]*:.*\b`+name+`\b`, tool.Description, tool.Name)
			}
		}
	}
	require.Greater(t, lists, 150)
}
