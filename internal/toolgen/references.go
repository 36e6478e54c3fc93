package toolgen

import (
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/tools"
)

// refers reports whether an answer holds ids of other objects that have names:
// by the name of a field, or as {type, id}. An undocumented list may.
func refers(s *jsonschema.Schema, list bool) bool {
	if s == nil {
		return list
	}
	names := fieldNames(s)
	has := func(name string) bool { return slices.Contains(names, name) }
	if has("type") && has("id") && !has("name") && !has("display_name") {
		return true
	}
	for _, name := range names {
		if tools.ReferenceKind(name) != "" || refers(itemsOf(fieldOf(s, name)), false) {
			return true
		}
	}
	return false
}
