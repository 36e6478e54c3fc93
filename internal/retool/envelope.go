package retool

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// FromAPI reports whether the response is a success in the form of Retool's API,
// unlike that of any other server at a wrong address.
func (r *Response) FromAPI() bool { return envelopeOf(r.Body) == succeeded }

// envelope is what a body says of the call in the form of Retool's API.
type envelope int

const (
	noEnvelope envelope = iota
	failed
	succeeded
)

// envelopeOf reads a body, of which the end may be missing: an object with a
// boolean "success", or with "data".
func envelopeOf(body []byte) envelope {
	dec := jsontext.NewDecoder(bytes.NewReader(trimStart(body)), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != '{' {
		return noEnvelope
	}
	for {
		name, err := dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return noEnvelope
		}
		member := name.String() // before the next token
		kind := dec.PeekKind()
		switch {
		case member == "success" && kind == 't', member == "data" && kind != 0:
			return succeeded
		case member == "success" && kind == 'f':
			return failed
		case member == "success", dec.SkipValue() != nil:
			return noEnvelope
		}
	}
}
