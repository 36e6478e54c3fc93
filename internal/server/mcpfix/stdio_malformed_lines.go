package mcpfix

import (
	"encoding/json"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// mcp-go ignores some malformed lines (a null id; a method beside a result), calls
// others a success (an object as id; a method beside an error; two ids, of which
// it answers the second), and answers a blank line with an error. JSON-RPC wants
// one error for a line that is not a message, under the line's id or null.
//
// So only well-formed messages reach mcp-go. A request among them is certain to
// be answered once, and nothing else is answered.

// malformed is the error response to a line that is not a JSON-RPC message.
type malformed struct {
	id     jsontext.Value // of the intended request; nil if unknown
	code   int
	reason string
}

// lenient makes the decoder accept exactly the JSON that encoding/json, and so
// mcp-go, accepts. Otherwise the end of input would wait for the answer to a
// request that only this package can read.
var lenient = []jsontext.Options{
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
}

// parseMessage scans a line once.
func parseMessage(dec *jsontext.Decoder, line []byte) (message, *malformed) {
	m, err := readMembers(dec, line)
	switch {
	case errors.Is(err, errNoObject), errors.Is(err, errRepeated):
		return m, &malformed{code: mcp.INVALID_REQUEST, reason: "Invalid request: " + err.Error()}
	case err != nil:
		return m, &malformed{code: mcp.PARSE_ERROR, reason: "Parse error: " + err.Error()}
	}

	var reason string
	switch {
	case string(m.version) != `"2.0"`:
		reason = `jsonrpc must be "2.0"`
	case m.method == nil && m.isResponse():
		return m, nil
	case m.method.Kind() != jsontext.KindString:
		reason = "method must be a string"
	case m.isResponse():
		reason = "a request has neither result nor error"
	case m.id != nil && !m.hasValidID():
		reason = "id must be a string or a number"
	default:
		return m, nil
	}
	bad := &malformed{code: mcp.INVALID_REQUEST, reason: "Invalid request: " + reason}
	if m.hasValidID() && (m.method != nil || !m.isResponse()) {
		bad.id = m.id
	}
	return m, bad
}

// refuse answers a malformed line.
func (o *stdioOutput) refuse(m *malformed) {
	answer, err := json.Marshal(mcp.JSONRPCError{
		JSONRPC: mcp.JSONRPC_VERSION,
		ID:      mcp.NewRequestId(json.RawMessage(m.id)),
		Error:   mcp.NewJSONRPCErrorDetails(m.code, m.reason, nil),
	})
	if err != nil {
		panic("mcpfix: " + err.Error()) // a valid id, a number and a string
	}
	o.writeMessage(append(answer, '\n'))
}
