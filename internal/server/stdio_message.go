package server

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// A message is the outline of a JSON-RPC message: its top-level members, raw,
// as slices of the line it was read from. A missing member is nil.
type message struct {
	version, id, method, params, result, fault jsontext.Value

	idEnd int // offset behind the id
	end   int // offset of the closing brace
}

// A refusal is the error a line gets that is not a JSON-RPC message.
type refusal struct {
	id     jsontext.Value // of the request the line was meant to be; nil if unknown
	code   int
	reason string
}

// lenient makes the decoder accept the JSON that encoding/json accepts, which
// mcp-go uses, and no other: the end of input would wait in vain for the answer
// to a request that only this package can read.
var lenient = []jsontext.Options{
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
}

// parseMessage scans the line once. Only a line it does not refuse may reach
// mcp-go, for then a request is certain to be answered once, under its id, and
// anything else not to be answered. Of malformed lines mcp-go answers some, some
// of them under the id of another request, and some not.
func parseMessage(dec *jsontext.Decoder, line []byte) (message, *refusal) {
	m, err := readMembers(dec, line)
	switch {
	case errors.Is(err, errNoObject), errors.Is(err, errRepeated):
		return m, &refusal{code: mcp.INVALID_REQUEST, reason: "Invalid request: " + err.Error()}
	case err != nil:
		return m, &refusal{code: mcp.PARSE_ERROR, reason: "Parse error: " + err.Error()}
	}

	var reason string
	switch {
	case string(m.version) != `"2.0"`:
		reason = `jsonrpc must be "2.0"`
	case m.method == nil && m.answers():
		return m, nil
	case m.method.Kind() != jsontext.KindString:
		reason = "method must be a string"
	case m.answers():
		reason = "a request has neither result nor error"
	case m.id != nil && !m.identified():
		reason = "id must be a string or a number"
	default:
		return m, nil
	}
	refused := &refusal{code: mcp.INVALID_REQUEST, reason: "Invalid request: " + reason}
	if m.identified() && (m.method != nil || !m.answers()) {
		refused.id = m.id
	}
	return m, refused
}

// answers reports whether the message has the members of a response.
func (m message) answers() bool { return m.result != nil || m.fault != nil }

// identified reports whether the message has an id that MCP allows.
func (m message) identified() bool {
	return m.id.Kind() == jsontext.KindString || m.id.Kind() == jsontext.KindNumber
}

// plain reports whether the message has no parameters to heed: no cursor, and
// none of the metadata by which a protocol later than the initialize era asks
// for more in the answer.
func (m message) plain() bool {
	return m.params == nil || string(bytes.Join(bytes.Fields(m.params), nil)) == "{}"
}

// methodName returns the method, unquoted: some encoders escape slashes.
func (m message) methodName() mcp.MCPMethod {
	name, _ := jsontext.AppendUnquote(nil, m.method) // fails for invalid UTF-8 only
	return mcp.MCPMethod(name)
}

var (
	errNoObject = errors.New("a message is a single JSON object")
	errRepeated = errors.New("a member of the message is repeated")
	errTrailing = errors.New("more than one JSON value on a line")
	errEnough   = errors.New("no need to read on")
)

func readMembers(dec *jsontext.Decoder, line []byte) (m message, err error) {
	err = eachMember(dec, line, func(name string) error {
		value, err := dec.ReadValue()
		var member *jsontext.Value
		// encoding/json takes names in any case.
		switch is := func(known string) bool { return strings.EqualFold(name, known) }; {
		case is("jsonrpc"):
			member = &m.version
		case is("id"):
			member, m.idEnd = &m.id, int(dec.InputOffset())
		case is("method"):
			member = &m.method
		case is("params"):
			member = &m.params
		case is("result"):
			member = &m.result
		case is("error"):
			member = &m.fault
		default:
			return err
		}
		if *member != nil {
			return errRepeated
		}
		*member = value
		return err
	})
	if err != nil {
		return m, err
	}
	m.end = int(dec.InputOffset()) - 1
	switch _, err := dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return m, nil
	case err != nil:
		return m, err
	}
	return m, errTrailing
}

// canceledID returns the requestId in the params of notifications/cancelled,
// or nil.
func canceledID(dec *jsontext.Decoder, params jsontext.Value) (id jsontext.Value) {
	_ = eachMember(dec, params, func(name string) error {
		value, err := dec.ReadValue()
		if name == "requestId" {
			id = value
		}
		return err
	})
	return id
}

// answeredID returns the id in a response written by mcp-go and the offset
// behind it, or nil if the message is a notification or a request. mcp-go
// writes the id in front of the result, which can be large and is not read.
func answeredID(dec *jsontext.Decoder, line []byte) (id jsontext.Value, end int) {
	_ = eachMember(dec, line, func(name string) error {
		switch name {
		case "method":
			id = nil
			return errEnough
		case "result", "error":
			return errEnough
		}
		value, err := dec.ReadValue()
		if name == "id" {
			id, end = value, int(dec.InputOffset())
		}
		return err
	})
	return id, end
}

// eachMember calls visit with the name of each member of a JSON object, until
// it returns an error. visit has to read the value.
func eachMember(dec *jsontext.Decoder, object []byte, visit func(name string) error) error {
	dec.Reset(bytes.NewBuffer(object), lenient...) // which it does not copy
	if dec.PeekKind() != jsontext.KindBeginObject {
		if _, err := dec.ReadValue(); err != nil {
			return err
		}
		return errNoObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == jsontext.KindString {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := visit(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}
