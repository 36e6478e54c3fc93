package mcpfix

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// mcp-go decodes a message several times, and the arguments of a call into maps that
// take twenty times their text and that no tool here reads. A message without an id,
// or of a method that it does not know, is decoded as a whole, too.
//
// So mcp-go gets all but small calls without their arguments, which travel in the
// context, as text, until Arguments gives them back. What remains of a message is
// small, or refused.

// smallCall is the size in bytes of a message up to which it is passed on as it is.
const smallCall = 4 << 10

// maxRest is how many bytes, and maxRestValues how many values and members, a message
// may have besides the arguments of a call. Clients send less than a tenth.
const (
	maxRest       = 64 << 10
	maxRestValues = 2000
)

type argumentsKey struct{}

// withoutArguments takes the arguments of a call out of its message, which r then
// carries in its context. It refuses a message that is too large even so.
func withoutArguments(w http.ResponseWriter, r *http.Request, body []byte, m *jsonrpc.Message) (short *http.Request, rest []byte, ok bool) {
	rest = body
	if len(body) > smallCall && m.MethodName() == string(mcp.MethodToolsCall) {
		if params, arguments := cutArguments(m.Params); arguments != nil {
			m.Params = params
			r = r.WithContext(context.WithValue(r.Context(), argumentsKey{}, arguments))
			rest = fmt.Appendf(nil, `{"jsonrpc":"2.0","method":%s,"params":%s`, m.Method, params)
			if m.ID != nil {
				rest = append(append(rest, `,"id":`...), m.ID...)
			}
			rest = append(rest, '}')
		}
	}
	if size := jsonvalue.SizeOf(rest); size.Bytes > maxRest || size.Values+size.Members > maxRestValues {
		jsonrpc.WriteError(w, http.StatusRequestEntityTooLarge, mcp.INVALID_REQUEST,
			fmt.Sprintf("The message holds more than %d bytes or %d values besides the arguments of a tool call.", maxRest, maxRestValues))
		return r, nil, false
	}
	return r, rest, true
}

// cutArguments splits the arguments off the parameters of a call; nil if there are
// none. Like encoding/json it takes the last of several, with a name in any case.
func cutArguments(params jsontext.Value) (rest, arguments jsontext.Value) {
	dec := jsontext.NewDecoder(bytes.NewReader(params), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if begin, err := dec.ReadToken(); err != nil || begin.Kind() != jsontext.KindBeginObject {
		return params, nil
	}
	rest = append(rest, '{')
	for dec.PeekKind() == jsontext.KindString {
		quoted, err := dec.ReadValue()
		if err != nil {
			return params, nil
		}
		name, _ := jsontext.AppendUnquote(nil, quoted) // fails for invalid UTF-8 only
		quoted = quoted.Clone()
		value, err := dec.ReadValue()
		if err != nil {
			return params, nil
		}
		if strings.EqualFold(string(name), "arguments") {
			arguments = value.Clone()
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(append(append(rest, quoted...), ':'), value...)
	}
	return append(rest, '}'), arguments
}

// Arguments gives a call its arguments back, in RawArguments alone.
func Arguments(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if raw, cut := ctx.Value(argumentsKey{}).(jsontext.Value); cut {
			r.Params.RawArguments = []byte(raw)
		}
		return next(ctx, r)
	}
}
