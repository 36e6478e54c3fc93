package describe

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// repeated finds what an answer shows more than once: the branch where a schema stands,
// by its JSON, and the arguments that were explained.
type repeated map[string]place

type place struct {
	tool   *tools.Tool
	branch string
}

const sameAs = "same_as"

// refer replaces parts of a schema that are shown already by the branch where they stand.
func (r repeated) refer(s *jsonvalue.Value, path string, t *tools.Tool) {
	for _, p := range partsOf(s, path) {
		if r.known(p.schema, p.path, t) {
			continue
		}
		r.refer(p.schema, p.path, t)
	}
}

// known replaces a schema that is shown already.
func (r repeated) known(s *jsonvalue.Value, path string, t *tools.Tool) bool {
	schema := s.JSON()
	if result.Tokens(schema) < leastFolded {
		return true // and so are its parts
	}
	first, ok := r[schema]
	if !ok {
		r[schema] = place{t, strings.TrimSuffix(path, ":")}
		return false
	}
	branch := first.branch
	if first.tool != t {
		branch = strings.TrimSpace(first.tool.Name + " " + branch)
	}
	*s = jsonvalue.Value{Kind: jsonvalue.Object, Names: []string{sameAs}, Parts: []jsonvalue.Value{{Kind: jsonvalue.Text, Text: branch}}}
	return true
}

// explain explains an argument of many tools, once.
func (r repeated) explain(name, text string) string {
	if _, ok := r[name]; ok {
		return name
	}
	r[name] = place{}
	return name + " (" + text + ")"
}
