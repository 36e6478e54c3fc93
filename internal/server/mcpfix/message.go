package mcpfix

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// message is the outline of a JSON-RPC message: its top-level members, raw, as
// slices of the line. A missing member is nil.
type message struct {
	version, id, method, params, result, fault jsontext.Value

	idEnd int // offset after the id
	end   int // offset of the closing brace
}

// isResponse reports whether the message has the members of a response.
func (m message) isResponse() bool { return m.result != nil || m.fault != nil }

// hasValidID reports whether the message has an id that MCP allows.
func (m message) hasValidID() bool {
	return m.id.Kind() == jsontext.KindString || m.id.Kind() == jsontext.KindNumber
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
	errEnough   = errors.New("enough read")
)

func readMembers(dec *jsontext.Decoder, line []byte) (m message, err error) {
	err = eachMember(dec, line, func(name string) error {
		value, err := dec.ReadValue()
		var member *jsontext.Value
		// encoding/json accepts names in any case.
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

// canceledID returns the requestId in the params of notifications/cancelled, or
// nil.
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

// answeredID returns the id in a response of mcp-go and the offset after it, or
// nil for a notification or a request. mcp-go writes the id before the result,
// which can be large and is not read.
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
// visit returns an error. visit must read the value.
func eachMember(dec *jsontext.Decoder, object []byte, visit func(name string) error) error {
	dec.Reset(bytes.NewBuffer(object), lenient...) // does not copy
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
