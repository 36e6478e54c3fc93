package tools

import (
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// WireName spellings of the token. Retool's documents say next_token, its guide
// says next, for the parameter and for the field of the answer alike.
var tokenNames = []string{ArgToken, "next"}

// MaxPageSize is the largest page that the API serves; the document of an instance
// may say otherwise.
const MaxPageSize = 100

// page makes an operation's paging uniform: one argument next_token whatever
// the wire calls it, and limit where the document knows it. The token is
// offered wherever an answer can carry one, declared or not: instances accept
// it long before their document mentions it.
func page(op *openapi.Operation, args []argument) ([]argument, *Paging) {
	declared := slices.IndexFunc(args, func(a argument) bool {
		return a.In == InQuery && slices.Contains(tokenNames, a.WireName)
	})
	answered := tokenOf(op.Answer)
	if answered == "" && (declared < 0 || args[declared].WireName != ArgToken) {
		return args, nil
	}
	paging := &Paging{}
	for i := range args {
		if a := &args[i]; a.In == InQuery && a.WireName == ArgLimit {
			paging.Limit, paging.Max = true, MaxPageSize
			a.schema = limitSchema(a.schema)
			if n, err := a.schema.Maximum.Int64(); err == nil && n > 0 {
				paging.Max = int(n)
			}
		}
	}
	if declared < 0 {
		token := argument{Arg: Arg{Name: ArgToken, WireName: answered, In: InQuery, Style: "form", Explode: true}}
		token.schema = &jsonschema.Schema{Type: "string"}
		return append(args, token), paging
	}
	args[declared].Name = ArgToken
	args[declared].schema = &jsonschema.Schema{Type: "string"}
	return args, paging
}

// limitSchema writes a limit as the whole number that it is; one of Retool's
// lists declares it as a string. On the wire both look the same.
func limitSchema(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Type == "integer" {
		return s
	}
	return &jsonschema.Schema{Type: "integer", Minimum: "1", Description: s.Description}
}

// tokenOf returns the spelling in which an answer carries the token, "" if it
// carries none. A field "next" means one only beside has_more.
func tokenOf(answer *jsonschema.Schema) string {
	if answer == nil || answer.Properties == nil {
		return ""
	}
	has := func(name string) bool { _, ok := answer.Properties.Get(name); return ok }
	switch {
	case has(ArgToken):
		return ArgToken
	case has("next") && has("has_more"):
		return "next"
	case has("has_more") && has("data"):
		return ArgToken
	}
	return ""
}
