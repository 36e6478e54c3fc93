package retool

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// FromAPI reports whether the response has the form of Retool's API, unlike that
// of any other server at a wrong address.
func (r *Response) FromAPI() bool { return isEnvelope(r.Body) }

// isEnvelope reports whether a body, of which the end may be missing, is an object
// with a boolean "success", or with "data".
func isEnvelope(body []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(trimStart(body)), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != '{' {
		return false
	}
	for {
		name, err := dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return false
		}
		member := name.String() // before the next token
		kind := dec.PeekKind()
		switch member {
		case "success":
			return kind == 't' || kind == 'f'
		case "data":
			return kind != 0
		}
		if dec.SkipValue() != nil {
			return false
		}
	}
}
