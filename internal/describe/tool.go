package describe

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Name is the name of the tool, which a prefix can precede.
const Name = "describe_tools"

const (
	argNames  = "names"
	argBranch = "branch"

	schema = `{"properties":{"names":{"items":{"type":"string"},"type":"array","description":"of tools","minItems":1},` +
		`"branch":{"type":"string","description":"part of one tool's schema, as its answer names it"}},"type":"object","required":["names"]}`
)

// Definition is the tool.
var Definition = tools.Tool{
	Name:        Name,
	Title:       "Describe tools",
	Description: "Show tools in full (help): texts and defaults of arguments, nested fields, an example call, the answer's fields",
	Hints:       tools.Hints{ReadOnly: true, Idempotent: true},
	Schema:      schema,
	Full:        schema,
	Args: []tools.Arg{
		{Name: argNames, WireName: argNames, In: tools.NotSent, Required: true},
		{Name: argBranch, WireName: argBranch, In: tools.NotSent},
	},
}

// Tool is the tool with answers of at most so many tokens, 0 for any number.
func Tool(maxTokens int) local.Tool {
	return local.Tool{Definition: Definition, Answer: func(_ context.Context, call local.Call) (result.Result, error) {
		var asked request
		if err := json.Unmarshal(call.Arguments, &asked); err != nil {
			return result.Result{}, err
		}
		asked.Names = strings.FieldsFunc(strings.Join(asked.Names, ","), func(c rune) bool { return c == ',' || c == ' ' }) // models join them
		return answer(call.Catalog, call.Tool.Name, asked, maxTokens), nil                                                  //nolint:contextcheck // schemas are small
	}}
}

// request are the arguments of a call.
type request struct {
	Names  []string `json:"names"`
	Branch string   `json:"branch"`
}
