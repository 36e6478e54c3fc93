package toolgen

import (
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
)

// controls adds the controls that an operation's answer calls for. An argument
// of the operation with the same name wins. Refers says that the answer holds
// ids of other objects.
func controls(a tools.Answer, args []argument, paging *tools.Paging, h tools.Hints, answers, refers bool) []argument {
	has := func(name string) bool {
		return slices.ContainsFunc(args, func(a argument) bool { return a.Name == name })
	}
	add := func(name string, schema *jsonschema.Schema) {
		if !has(name) {
			args = append(args, argument{Arg: tools.Arg{Name: name, WireName: name, In: tools.NotSent}, schema: schema})
		}
	}
	if !h.ReadOnly {
		add(tools.ArgDryRun, &jsonschema.Schema{Type: "boolean"})
	}
	if !answers {
		if !h.ReadOnly { // of the current state in a dry run
			add(tools.ArgFields, &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}})
		}
		return args
	}
	// A list can be read page by page with the API's tokens, or with ours where
	// the API answers with everything. A limit without tokens allows neither.
	if a.List && h.ReadOnly && (paging != nil || !has(tools.ArgLimit)) {
		add(tools.ArgLimit, &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "100"}) // MaxPageSize
		add(tools.ArgToken, &jsonschema.Schema{Type: "string"})
		add(tools.ArgAllPages, &jsonschema.Schema{Type: "boolean"})
	}
	if a.List && h.ReadOnly {
		add(tools.ArgWhere, &jsonschema.Schema{Type: "string"})
	}
	add(tools.ArgFields, &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}})
	if h.ReadOnly && refers {
		add(tools.ArgResolve, &jsonschema.Schema{Type: "boolean"})
	}
	if a.List {
		add(tools.ArgMaxItems, &jsonschema.Schema{Type: "integer", Minimum: "1"})
		add(tools.ArgFormat, &jsonschema.Schema{Type: "string", Enum: []any{tools.FormatTable, tools.FormatJSON}})
	}
	return args
}

// Wire names of the token. Retool's documents say next_token, its guide says
// next, for the parameter and for the field of the answer.
var tokenNames = []string{tools.ArgToken, "next"}

// page unifies paging: one argument next_token for every wire name, and limit
// where the document has it. The token is offered wherever an answer can
// contain one, since instances accept it before their document declares it.
func page(op *openapi.Operation, args []argument) ([]argument, *tools.Paging) {
	declared := slices.IndexFunc(args, func(a argument) bool {
		return a.In == tools.InQuery && slices.Contains(tokenNames, a.WireName)
	})
	answered := tokenOf(op.Answer)
	if answered == "" && (declared < 0 || args[declared].WireName != tools.ArgToken) {
		return args, nil
	}
	paging := &tools.Paging{}
	for i := range args {
		if a := &args[i]; a.In == tools.InQuery && a.WireName == tools.ArgLimit {
			paging.Limit, paging.Max = true, tools.MaxPageSize
			if a.schema.Type != "integer" { // one list declares a string, which is the same in a query
				a.schema = &jsonschema.Schema{Type: "integer", Minimum: "1", Description: a.schema.Description}
			}
			if n, err := a.schema.Maximum.Int64(); err == nil && n > 0 {
				paging.Max = int(n)
			}
		}
	}
	if declared < 0 {
		declared = len(args)
		args = append(args, argument{Arg: tools.Arg{WireName: answered, In: tools.InQuery, Style: "form", Explode: true}})
	}
	args[declared].Name = tools.ArgToken
	args[declared].schema = &jsonschema.Schema{Type: "string"}
	return args, paging
}

// tokenOf returns the wire name of the token in an answer, "" for none. A field
// "next" is one only beside has_more.
func tokenOf(answer *jsonschema.Schema) string {
	has := func(name string) bool { return answer != nil && property(answer, name) != nil }
	switch {
	case has(tools.ArgToken):
		return tools.ArgToken
	case has("next") && has("has_more"):
		return "next"
	case has("has_more") && has("data"):
		return tools.ArgToken
	}
	return ""
}
