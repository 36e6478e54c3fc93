package toolgen

import (
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/tools"
)

// refers reports whether an answer holds ids of other objects that have names. A
// list that is not documented may.
func refers(answer *jsonschema.Schema, list bool) bool {
	return answer == nil && list || answer != nil && refersWithin(answer, "")
}

// refersWithin is refers for what a field of that name holds.
func refersWithin(s *jsonschema.Schema, within string) bool {
	names := fieldNames(s)
	for _, r := range tools.References(names, within) {
		switch {
		case r.TypeField != "" && !slices.ContainsFunc(textsOf(itemsOf(fieldOf(s, r.TypeField)).Enum), func(v string) bool { return tools.KindOfType(v) != "" }):
		case r.Kind == "app" && itemsOf(fieldOf(s, r.Field)).Format != "uuid": // such as that of GitHub
		default:
			return true
		}
	}
	return slices.ContainsFunc(names, func(name string) bool { return refersWithin(itemsOf(fieldOf(s, name)), name) })
}
