package describe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Name is the name of the tool, which a prefix can precede.
const Name = "describe_tools"

var definition = tools.Tool{
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

const (
	argNames  = "names"
	argBranch = "branch"

	schema = `{"properties":{"names":{"items":{"type":"string"},"type":"array","description":"of tools","minItems":1},` +
		`"branch":{"type":"string","description":"part of one tool's schema, as its answer names it"}},"type":"object","required":["names"]}`
)

// With returns a catalog with the tool.
func With(c *tools.Catalog) *tools.Catalog {
	out := *c
	at, taken := slices.BinarySearchFunc(c.Tools, Name, func(t tools.Tool, name string) int { return cmp.Compare(t.Name, name) })
	if taken { // an operation of the document
		return c
	}
	out.Tools = slices.Insert(slices.Clone(c.Tools), at, definition)
	return &out
}

// Caller calls a tool, see server.ToolCaller.
type Caller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// Describer answers calls of the tool, and passes on all others.
type Describer struct {
	Caller
	// Catalog are the tools to describe where the context of a call has no others.
	Catalog *tools.Catalog
	// MaxTokens is how large an answer may be, 0 for any size; JSON makes it data
	// for programs.
	MaxTokens int
	JSON      bool
}

type key struct{}

// Within returns a context in which the tool describes only the tools of a catalog.
func Within(ctx context.Context, c *tools.Catalog) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// CallTool calls a tool.
func (d Describer) CallTool(ctx context.Context, name string, args []byte) (result.Result, error) {
	t := d.Catalog.Find(name)
	if t == nil || !t.IsLocal() {
		return d.Caller.CallTool(ctx, name, args)
	}
	binder, err := tools.NewBinder(t)
	if err != nil {
		return result.Result{}, err
	}
	call, err := binder.BindContext(ctx, args)
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		return result.Result{Text: wrong.Error(), IsError: true, Kind: result.BadArguments}, nil
	}
	if err != nil {
		return result.Result{}, err
	}
	var asked request
	if err := json.Unmarshal(call.Arguments(), &asked); err != nil {
		return result.Result{}, err
	}
	asked.Names = strings.FieldsFunc(strings.Join(asked.Names, ","), func(c rune) bool { return c == ',' || c == ' ' }) // models join them
	c, ok := ctx.Value(key{}).(*tools.Catalog)
	if !ok {
		c = d.Catalog
	}
	out := answer(c, t.Name, asked, d.MaxTokens) //nolint:contextcheck // schemas are small
	if d.JSON && !out.IsError {
		out.Data, out.Text = quote(out.Text), ""
	}
	return out, nil
}

// request are the arguments of a call.
type request struct {
	Names  []string `json:"names"`
	Branch string   `json:"branch"`
}
