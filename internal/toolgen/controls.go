package toolgen

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/tools"

	"github.com/invopop/jsonschema"
)

// controls adds the controls that an operation's answer calls for. An argument
// of the operation with the same name wins. The fields of a write's answer can
// be selected as well, but that is rarely useful and not published.
func controls(a tools.Answer, args []argument, paging *tools.Paging, h tools.Hints, answers bool) []argument {
	has := func(name string) bool {
		return slices.ContainsFunc(args, func(a argument) bool { return a.Name == name })
	}
	add := func(name string, schema *jsonschema.Schema, hidden bool) {
		if !has(name) {
			args = append(args, argument{tools.Arg{Name: name, WireName: name, In: tools.NotSent}, schema, hidden})
		}
	}
	if !h.ReadOnly {
		add(tools.ArgDryRun, &jsonschema.Schema{Type: "boolean"}, false)
	}
	if !answers {
		return args
	}
	// A list can be read page by page with the API's tokens, or with ours where
	// the API answers with everything. A limit without tokens allows neither.
	if a.List && h.ReadOnly && (paging != nil || !has(tools.ArgLimit)) {
		add(tools.ArgLimit, &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "100"}, false) // MaxPageSize
		add(tools.ArgToken, &jsonschema.Schema{Type: "string"}, false)
		add(tools.ArgAllPages, &jsonschema.Schema{Type: "boolean"}, false)
	}
	add(tools.ArgFields, &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}, !a.List && !h.ReadOnly)
	if a.List {
		add(tools.ArgMaxItems, &jsonschema.Schema{Type: "integer", Minimum: "1"}, false)
		add(tools.ArgFormat, &jsonschema.Schema{Type: "string", Enum: []any{tools.FormatTable, tools.FormatJSON}}, false)
	}
	return args
}
