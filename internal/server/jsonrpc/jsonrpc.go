// Package jsonrpc parses JSON-RPC messages and writes errors in the form that MCP
// clients read. It knows neither methods nor the reasons of errors.
package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Codes of JSON-RPC 2.0 for requests that are not served. The last three are in
// the range that is left to servers.
const (
	InvalidRequest = -32600
	InternalError  = -32603
	Overloaded     = -32000
	Unauthorized   = -32001
	Forbidden      = -32003

	parseError = -32700
)

// WriteError answers with a status and a JSON-RPC error with a null id.
func WriteError(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(ErrorResponse(nil, code, message)) // the client may be gone
}

// CloseConnection ends the connection with the answer to a request whose body was
// not read to its end: otherwise net/http waits for the rest of the body. HTTP/2
// does not need that.
func CloseConnection(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}

// Message is the outline of a JSON-RPC message: its top-level members, raw, as
// slices of the text it was parsed from. A missing member is nil.
type Message struct {
	Version, ID, Method, Params, Result, Error jsontext.Value
}

// IsResponse reports whether the message has the members of a response.
func (m Message) IsResponse() bool { return m.Result != nil || m.Error != nil }

// MethodName returns the method, unquoted: some encoders escape slashes.
func (m Message) MethodName() string {
	name, _ := jsontext.AppendUnquote(nil, m.Method) // fails for invalid UTF-8 only
	return string(name)
}

// hasValidID reports whether the message has an id that MCP allows.
func (m Message) hasValidID() bool {
	return m.ID.Kind() == jsontext.KindString || m.ID.Kind() == jsontext.KindNumber
}

// ParseError is why a text is not a JSON-RPC message.
type ParseError struct {
	ID     jsontext.Value // of the intended request; nil if unknown
	Code   int
	Reason string
}

// Parse scans a message once.
func Parse(text []byte) (Message, *ParseError) {
	m, err := readMembers(text)
	switch {
	case errors.Is(err, errNoObject), errors.Is(err, errBatch), errors.Is(err, errRepeated):
		return m, &ParseError{Code: InvalidRequest, Reason: "Invalid request: " + err.Error()}
	case err != nil:
		return m, &ParseError{Code: parseError, Reason: "Parse error: " + err.Error()}
	}
	var reason string
	switch {
	case string(m.Version) != `"2.0"`:
		reason = `jsonrpc must be "2.0"`
	case m.Method == nil && m.IsResponse():
		return m, nil
	case m.Method.Kind() != jsontext.KindString:
		reason = "method must be a string"
	case m.IsResponse():
		reason = "a request has neither result nor error"
	case m.ID != nil && !m.hasValidID():
		reason = "id must be a string or a number"
	default:
		return m, nil
	}
	bad := &ParseError{Code: InvalidRequest, Reason: "Invalid request: " + reason}
	if m.hasValidID() && (m.Method != nil || !m.IsResponse()) {
		bad.ID = m.ID
	}
	return m, bad
}

var (
	errNoObject = errors.New("a message is a single JSON object")
	errBatch    = errors.New("batches are not supported; send each message on its own")
	errRepeated = errors.New("a member of the message is repeated")
	errTrailing = errors.New("more than one JSON value in a message")
)

// readMembers accepts exactly the JSON that encoding/json, and so mcp-go, accepts: a
// message that the two read differently would slip through a check.
func readMembers(text []byte) (m Message, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // does not copy
	if kind := dec.PeekKind(); kind != jsontext.KindBeginObject {
		if kind == jsontext.KindBeginArray { // of any length, so it is not read
			return m, errBatch
		}
		if _, err := dec.ReadValue(); err != nil {
			return m, err
		}
		return m, errNoObject
	}
	_, _ = dec.ReadToken()
	members := map[string]*jsontext.Value{
		"jsonrpc": &m.Version, "id": &m.ID, "method": &m.Method, "params": &m.Params, "result": &m.Result, "error": &m.Error,
	}
	for dec.PeekKind() == jsontext.KindString {
		name, err := dec.ReadToken()
		if err != nil {
			return m, err
		}
		var member *jsontext.Value
		for known := range members { // encoding/json accepts names in any case
			if strings.EqualFold(name.String(), known) {
				member = members[known]
			}
		}
		value, err := dec.ReadValue()
		switch {
		case err != nil:
			return m, err
		case member == nil:
		case *member != nil:
			return m, errRepeated
		default:
			*member = value
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return m, err
	}
	switch _, err := dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return m, nil
	case err != nil:
		return m, err
	}
	return m, errTrailing
}

// Response returns a response in one line: member is "result" or "error". A nil id
// is null.
func Response(id jsontext.Value, member string, value json.RawMessage) []byte {
	return EndResponse(append(slices.Grow(BeginResponse(id, member), len(value)+2), value...))
}

// BeginResponse is what precedes the value of a response, and EndResponse appends what
// follows it: large values are not copied.
func BeginResponse(id jsontext.Value, member string) []byte {
	if id == nil {
		id = jsontext.Value("null")
	}
	return slices.Concat([]byte(`{"jsonrpc":"2.0","id":`), []byte(id), []byte(`,"`+member+`":`))
}

// EndResponse ends what BeginResponse began.
func EndResponse(response []byte) []byte { return append(response, "}\n"...) }

// ErrorResponse returns an error response in one line.
func ErrorResponse(id jsontext.Value, code int, message string) []byte {
	value, _ := json.Marshal(map[string]any{"code": code, "message": message}) // a number and a string never fail
	return Response(id, "error", value)
}
