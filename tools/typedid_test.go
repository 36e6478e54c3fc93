package tools_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// spellings of the pattern of folder ids, of old and imaginable releases.
var spellings = []string{
	`^(app|workflow|resource|agent|library)_([0-9]\d*)$`,
	`^(app|workflow|resource|agent)_([0-9]\d*)$`,
	`^(app|workflow|resource)_(\d+)$`,
	`^(?:app|workflow)_\d+$`,
	`^(app_|workflow_)\d+$`,
	`^app_\d+$|^workflow_\d+$`,
	`^(app|workflow)_[1-9][0-9]{0,18}$`,
	`^((app)|(source_control))_(\d+)$`,
	`^(apb|apc|abc)_[0-9]+$`,
	`(app|workflow)_([0-9]+)`,
	`^(root|app_\d+|workflow_\d+)$`,
	`^(app|workflow)-[0-9a-f-]{36}$`,
}

func TestTypedIDs(t *testing.T) {
	for _, pattern := range spellings {
		require.True(t, tools.IsTypedID(pattern), pattern)
	}
	for _, pattern := range []string{
		``, `(`, `^\d+$`, `user_([a-z0-9]+)`, `^[a-z0-9_]+$`, `^#[A-Fa-f0-9]{6}$`, `^(0|[1-9]\d*)\.(0|[1-9]\d*)$`,
		`^(alpha|beta)$`, `^(https?|ftp)://.+`, `^(1|2)_x+$`, `^app_\d+$`, `^(app|work flow)_\d+$`, `^[ab]?\d+$`,
		`^(a|b|c|d|e|f|g|h|i|j|k)(a|b|c|d|e|f|g|h|i|j|k)_\d+$`, // too many to be types
	} {
		require.False(t, tools.IsTypedID(pattern), pattern)
	}
}

// idsInRecordings are the ids of real lists and objects, by collection.
func idsInRecordings(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob(referencedata.Path(t, "recordings/*.yaml"))
	require.NoError(t, err)
	answer := regexp.MustCompile(`(?s)url: https://[^/]+/api/v2/(folders|users|groups|spaces|environments|resources)\b[^\n]*\n\s+method: GET.*?\n\s+body: '([^\n]*)'\n`)
	id := regexp.MustCompile(`"id":"?([^",}]+)`)
	ids := map[string][]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, a := range answer.FindAllStringSubmatch(string(text), -1) {
			for _, match := range id.FindAllStringSubmatch(a[2], -1) {
				if !slices.Contains(ids[a[1]], match[1]) {
					ids[a[1]] = append(ids[a[1]], match[1])
				}
			}
		}
	}
	require.Contains(t, ids["folders"], "file_6")
	return ids
}

// An id of a real list is taken wherever a document has a place for it.
func TestIDsOfRealListsAreTaken(t *testing.T) {
	ids := idsInRecordings(t)
	documents := map[string]*tools.Catalog{"embedded": toolgentest.Embedded(t)}
	for _, name := range referencedata.Documents {
		documents[name] = realCatalog(t, name)
	}
	old := strings.ReplaceAll(string(referencedata.Read(t, referencedata.Documents[0])), `|agent|library)_([0-9]\\d*)$`, `|agent)_([0-9]\\d*)$`)
	documents["an older release"] = toolgentest.FromText(t, []byte(old))
	for name, c := range documents {
		tried := 0
		for i := range c.Tools {
			var b *tools.Binder
			for _, a := range c.Tools[i].Args {
				collection := strings.TrimPrefix(a.ListTool, "list_")
				if strings.Contains(strings.ToLower(a.Name), "folder") && !strings.Contains(strings.ToLower(a.Name), "type") {
					collection = "folders"
				}
				if b == nil && len(ids[collection]) > 0 {
					var err error
					b, err = tools.NewBinder(&c.Tools[i])
					require.NoError(t, err)
				}
				for _, id := range ids[collection] {
					tried++
					_, err := b.Bind(fmt.Appendf(nil, `{%q:%q}`, a.Name, id))
					if err != nil { // of other arguments
						require.NotContains(t, err.Error(), "\n- "+a.Name+": ", "%s: %s", name, c.Tools[i].Name)
					}
				}
			}
		}
		require.Greater(t, tried, 300, name)
	}
}

func TestPatternsOfTypedIDsAreNeitherCheckedNorPublished(t *testing.T) {
	for _, pattern := range spellings {
		for _, schema := range []string{`{type: string, pattern: '` + pattern + `'}`, `{type: [string, 'null'], pattern: '` + pattern + `'}`} {
			c := catalogOf(t, `
  /things/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: `+schema+`}, {name: q, in: query, schema: `+schema+`}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {one: `+schema+`, all: {type: array, items: `+schema+`}, of: {type: object, properties: {id: `+schema+`}}}}}}}`)
			mustBind(t, c, `{"id":"file_6","q":"file_6","one":"file_6","all":["file_6"],"of":{"id":"file_6"}}`)
			require.NotContains(t, string(c.Tools[0].Schema), `"pattern"`)
			require.Contains(t, string(c.Tools[0].Full), `"pattern"`, "the full schema has it for people")
		}
	}
}
