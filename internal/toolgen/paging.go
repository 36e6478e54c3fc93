package toolgen

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/tools"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

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
