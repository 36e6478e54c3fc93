package toolgen

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/tools"

	"github.com/invopop/jsonschema"
)

// control makes the argument of a control.
func control(name string, schema *jsonschema.Schema) argument {
	return argument{Arg: tools.Arg{Name: name, WireName: name, In: tools.NotSent}, schema: schema}
}

// controls adds the controls that an operation's answer calls for. An argument
// of the operation with the same name wins. The fields of a write's answer can
// be selected as well, but that is rarely useful and not published.
func controls(a tools.Answer, args []argument, paging *tools.Paging, h tools.Hints, answers bool) []argument {
	add := func(c argument, hidden bool) {
		if !slices.ContainsFunc(args, func(a argument) bool { return a.Name == c.Name }) {
			c.hidden = hidden
			args = append(args, c)
		}
	}
	positive := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "integer", Minimum: "1"} }
	if !h.ReadOnly {
		add(control(tools.ArgDryRun, &jsonschema.Schema{Type: "boolean"}), false)
	}
	if !answers {
		return args
	}
	if a.List && h.ReadOnly && paged(args, paging) {
		limit := positive()
		limit.Maximum = "100" // MaxPageSize
		add(control(tools.ArgLimit, limit), false)
		add(control(tools.ArgToken, &jsonschema.Schema{Type: "string"}), false)
		add(control(tools.ArgAllPages, &jsonschema.Schema{Type: "boolean"}), false)
	}
	add(control(tools.ArgFields, &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}), !a.List && !h.ReadOnly)
	if a.List {
		add(control(tools.ArgMaxItems, positive()), false)
		add(control(tools.ArgFormat, &jsonschema.Schema{Type: "string", Enum: []any{tools.FormatTable, tools.FormatJSON}}), false)
	}
	return args
}

// paged reports whether a list can be read page by page: with the API's tokens,
// or with ours where the API answers with everything. A limit without tokens
// allows neither.
func paged(args []argument, paging *tools.Paging) bool {
	return paging != nil || !slices.ContainsFunc(args, func(a argument) bool { return a.Name == tools.ArgLimit })
}
