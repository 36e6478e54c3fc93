package tools

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// MaxEach is the most values that an argument with Arg.Each takes in one call.
const MaxEach = 100

// Part is one of the calls that a list of values stands for.
type Part struct {
	// Arg is the argument that has the list, and Value the one of this part, as JSON.
	Arg   string
	Value jsontext.Value
	// Arguments are those of the part, for Bind.
	Arguments []byte
}

// FanOut splits a call in which an argument with Arg.Each is a list of values, into one
// for each; parts are empty for any other call. An error is an *ArgumentError or that of
// the context.
func (b *Binder) FanOut(ctx context.Context, raw []byte) (parts []Part, err error) {
	if !slices.ContainsFunc(b.tool.Args, func(a Arg) bool { return a.Each }) || !bytes.ContainsRune(raw, '[') {
		return nil, nil
	}
	given, _ := readArguments(raw, ctx.Err) // Bind says what is wrong
	for i, v := range given {
		a := b.tool.arg(v.name)
		if written, ok := v.data.(string); ok && strings.HasPrefix(strings.TrimSpace(written), "[") { // as some models write lists
			if data, err := decodeJSON([]byte(written)); err == nil {
				v.raw, v.data = jsontext.Value(written), data
			}
		}
		values, isList := v.data.([]any)
		switch {
		case a == nil, !a.Each, !isList:
			continue
		case parts != nil:
			return nil, b.refuse([]string{fmt.Sprintf("%s: takes one value where %s takes several", v.name, parts[0].Arg)})
		case len(values) == 0, len(values) > MaxEach:
			return nil, b.refuse([]string{fmt.Sprintf("%s: takes one value, or a list of 1 to %d", v.name, MaxEach)})
		case slices.ContainsFunc(given, func(v value) bool { return v.name == ArgToken && v.data != nil && v.data != "" }):
			return nil, b.refuse([]string{fmt.Sprintf("%s: continues the list of one value of %s: give that one alone", ArgToken, v.name)})
		}
		for _, value := range elements(v.raw) {
			one := slices.Clone(given)
			one[i].raw = value
			parts = append(parts, Part{v.name, value, encodeArguments(one)})
		}
	}
	return parts, nil
}

// elements returns the values of an array, each once.
func elements(array jsontext.Value) (values []jsontext.Value) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(array))
	_, _ = dec.ReadToken()
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return values // it was read before
		}
		if !slices.ContainsFunc(values, func(other jsontext.Value) bool { return bytes.Equal(other, v) }) {
			values = append(values, v.Clone())
		}
	}
	return values
}

// Label names a part in results: "using_resource 5".
func (p Part) Label() string {
	value := string(p.Value)
	if unquoted, err := jsontext.AppendUnquote(nil, p.Value); err == nil {
		value = string(unquoted)
	}
	return p.Arg + " " + text.Clip(text.EscapeInvisible(value), 80)
}
