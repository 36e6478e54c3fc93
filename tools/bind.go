package tools

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Call is a tool with valid arguments, and the request that they make.
type Call struct {
	Tool    *Tool
	Request Request
	// Controls is what the call asks of its result.
	Controls Controls
	// Named says which ids stand for names that were given, for whoever is asked.
	Named []string
	args  []value
	ctx   context.Context //nolint:containedctx // like http.Request, for what loops over its input
}

// Context ends when nobody waits for the call any more.
func (c *Call) Context() context.Context {
	if c.ctx == nil {
		return context.Background()
	}
	return c.ctx
}

// value is one given argument.
type value struct {
	name string
	raw  jsontext.Value
	data any // raw decoded, numbers as json.Number
}

// ArgumentError lists everything that is wrong with a call's arguments, in
// words for the agent that sent them.
type ArgumentError struct{ text string }

// Error repeats what was sent: invisible characters in it are escaped.
func (e *ArgumentError) Error() string { return text.EscapeInvisible(e.text) }

// Binder makes calls of one tool from arguments. It is safe for concurrent use.
type Binder struct {
	tool *Tool
	// schema checks the arguments; meant, which has unions in full, says what a
	// value may mean; patch has the values of the paths of a JSON Patch, if they
	// are known.
	schema, meant, patch *jsonschema.Schema
}

// NewBinder compiles a tool's schema in about 0.6 ms: do it at a tool's first
// call rather than for all tools at start.
func NewBinder(t *Tool) (*Binder, error) {
	b := &Binder{tool: t}
	var err error
	for _, s := range []struct {
		of    Schema
		adapt func(any)
		to    **jsonschema.Schema
	}{{t.Full, relax, &b.schema}, {t.Full, nameDates, &b.meant}, {t.Patch, func(any) {}, &b.patch}} {
		if s.of == "" {
			continue
		}
		if *s.to, err = compile(s.of, s.adapt); err != nil {
			return nil, fmt.Errorf("schema of tool %s: %w", t.Name, err)
		}
	}
	return b, nil
}

// Tool is the tool whose arguments it binds.
func (b *Binder) Tool() *Tool { return b.tool }

// Bind is BindContext for a call that nobody cancels.
func (b *Binder) Bind(raw []byte) (*Call, error) { return b.BindContext(context.Background(), raw) }

// BindContext validates raw, a JSON object or nothing, and makes the call. Values
// whose meaning is clear are converted ("5" to 5); otherwise the error is an
// *ArgumentError. If the context ends while much is read, the error is the context's.
func (b *Binder) BindContext(ctx context.Context, raw []byte) (*Call, error) {
	return b.bind(ctx, raw, nil)
}

// bind is BindContext for values that adapt, if there is one, has changed.
func (b *Binder) bind(ctx context.Context, raw []byte, adapt func(data any) any) (*Call, error) {
	if at := invalidUTF8(raw); at >= 0 { // replacing it would write something else than was meant
		return nil, &ArgumentError{fmt.Sprintf("Not sent: the arguments of %s are not UTF-8 (byte %d): send them, or save their file, as UTF-8.", b.tool.Name, at+1)}
	}
	given, err := readArguments(raw, ctx.Err)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, err
	case errors.Is(err, jsonvalue.ErrTooDeep), errors.Is(err, jsonvalue.ErrTooWide):
		return nil, &ArgumentError{fmt.Sprintf("Not sent: the arguments of %s are more than this server reads: %v.", b.tool.Name, err)}
	case err != nil:
		return nil, &ArgumentError{fmt.Sprintf("Not sent: the arguments of %s are not a JSON object: %v.", b.tool.Name, err)}
	}
	b.tool.rename(given)
	var faults []string
	args := make([]value, 0, len(given))
	for _, a := range b.tool.Args {
		i := slices.IndexFunc(given, func(v value) bool { return v.name == a.Name })
		if i < 0 {
			continue
		}
		v := given[i]
		if adapt != nil {
			v.data = adapt(v.data)
		}
		given = slices.Delete(given, i, i+1)
		if b.notGiven(a, v) {
			continue
		}
		if !numbersInRange(v.data) {
			return nil, b.refuse([]string{fmt.Sprintf("%s: holds a number with an exponent or more digits than %d", a.Name, maxDigits)})
		}
		b.coerce(&v)
		args = append(args, v)
	}
	for i, v := range given {
		if i == maxFaults { // no more are shown
			faults = append(faults, make([]string, len(given)-i)...)
			break
		}
		faults = append(faults, b.unknownArgument(v))
	}
	call := &Call{Tool: b.tool, args: args, ctx: ctx}
	faults = append(append(faults, b.refuseMarkers(call)...), b.check(call)...)
	const long = 100_000 // bytes
	switch {
	case len(raw) > long && ctx.Err() != nil:
		return nil, ctx.Err()
	case len(faults) > 0:
		return nil, b.refuse(faults)
	}
	call.Controls = call.readControls()
	faults = call.Controls.fieldFaults()
	if v := call.value(ArgWhere); v != nil && b.tool.HasControl(ArgWhere) && v.data != nil && call.Controls.Where == "" {
		faults = append(faults, ArgWhere+": is empty; leave it out to get all items")
	}
	if a := b.tool.arg(ArgToken); a != nil && a.In == NotSent && call.Controls.Cursor.Token != "" {
		faults = append(faults, ArgToken+": is not a token of this list; take it from the last result")
	}
	if faults = append(faults, call.build()...); len(faults) > 0 {
		return nil, b.refuse(faults)
	}
	return call, nil
}

func (c *Call) value(name string) *value {
	if i := slices.IndexFunc(c.args, func(v value) bool { return v.name == name }); i >= 0 {
		return &c.args[i]
	}
	return nil
}

// valuesIn yields the given arguments that go to one of the locations.
func (c *Call) valuesIn(locations ...ArgLocation) iter.Seq2[Arg, *value] {
	return func(yield func(Arg, *value) bool) {
		for _, a := range c.Tool.Args {
			if v := c.value(a.Name); v != nil && slices.Contains(locations, a.In) && !yield(a, v) {
				return
			}
		}
	}
}

// Arguments returns the call's arguments as one compact JSON object.
func (c *Call) Arguments() jsontext.Value { return encodeArguments(c.args) }

func encodeArguments(args []value) jsontext.Value {
	out := []byte{'{'}
	for i, v := range args {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, v.name)
		out = append(append(out, ':'), v.raw...)
	}
	result := jsontext.Value(append(out, '}'))
	_ = result.Compact()
	return result
}
