package local

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Tool is a local tool: what clients see of it, and what answers its calls.
type Tool struct {
	Definition tools.Tool
	Answer     func(context.Context, Call) (result.Result, error)
}

// Call is a call of a local tool.
type Call struct {
	// Tool is the tool as it is served, whose name has the prefix.
	Tool *tools.Tool
	// Arguments are those of the call, checked: a JSON object.
	Arguments []byte
	// Catalog are the tools that the caller may use, and those that only scripts
	// reach.
	Catalog *tools.Catalog
}

// With returns a catalog with local tools, but for those whose name an operation of
// the document has.
func With(c *tools.Catalog, definitions ...tools.Tool) *tools.Catalog {
	out := *c
	out.Tools = append(make([]tools.Tool, 0, len(c.Tools)+len(definitions)), c.Tools...)
	for _, d := range definitions {
		at, taken := slices.BinarySearchFunc(out.Tools, d.Name, func(t tools.Tool, name string) int { return cmp.Compare(t.Name, name) })
		if !taken {
			out.Tools = slices.Insert(out.Tools, at, d)
		}
	}
	return &out
}

// Caller calls a tool, see server.ToolCaller.
type Caller interface {
	CallTool(ctx context.Context, name string, args []byte) (result.Result, error)
}

// Dispatcher answers calls of local tools, and passes on all others.
type Dispatcher struct {
	Caller
	Tools []Tool
	// Catalog has the tools, and is that of a call whose context has no other.
	Catalog *tools.Catalog
	// Prefix stands before the name of every tool.
	Prefix string
	// JSON makes the texts of answers data for programs.
	JSON bool
}

type key struct{}

// Within returns a context whose calls know only the tools of a catalog.
func Within(ctx context.Context, c *tools.Catalog) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// CallTool calls a tool.
func (d Dispatcher) CallTool(ctx context.Context, name string, args []byte) (result.Result, error) {
	t := d.Catalog.Find(name)
	i := slices.IndexFunc(d.Tools, func(t Tool) bool { return d.Prefix+t.Definition.Name == name })
	if t == nil || !t.IsLocal() || i < 0 {
		return d.Caller.CallTool(ctx, name, args)
	}
	binder, err := tools.NewBinder(t)
	if err != nil {
		return result.Result{}, err
	}
	bound, err := binder.BindContext(ctx, args)
	if wrong, ok := errors.AsType[*tools.ArgumentError](err); ok {
		return result.Result{Text: wrong.Error(), IsError: true, Kind: result.BadArguments}, nil
	}
	if err != nil {
		return result.Result{}, err
	}
	c, ok := ctx.Value(key{}).(*tools.Catalog)
	if !ok {
		c = d.Catalog
	}
	out, err := d.Tools[i].Answer(ctx, Call{t, bound.Arguments(), c})
	if d.JSON && err == nil && !out.IsError && out.Data == "" {
		out.Data, out.Text = string(jsonvalue.AppendQuote(nil, out.Text)), ""
	}
	return out, err
}
