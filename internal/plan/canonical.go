package plan

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// ErrNoObject is the error of arguments that are no object.
var ErrNoObject = errors.New("the arguments must be one object, such as {name: 'Support'}")

// Canonical writes arguments as Step has them: sorted names, no spaces, numbers as
// JavaScript writes them. Two arguments mean the same if they are the same then, and
// this is also what is sent.
func Canonical(args []byte) ([]byte, error) {
	if len(args) == 0 {
		return []byte("{}"), nil
	}
	value := jsontext.Value(jsonvalue.Repair(args))
	if err := value.Canonicalize(jsontext.AllowDuplicateNames(false)); err != nil {
		return nil, err
	}
	if value.Kind() != '{' {
		return nil, ErrNoObject
	}
	return value, nil
}

// Clean replaces the delimiters in an answer, so that nothing in it can pose as a
// placeholder, and not half of one as part of another either. Its numbers and order
// stay.
func Clean(answer []byte) []byte {
	if escapesDelimiter(answer) {
		v, err := jsonvalue.Parse(answer)
		if err != nil {
			return []byte("null") // nobody knows what its escapes mean
		}
		answer = v.AppendJSON(nil)
	}
	for _, delimiter := range []string{string(Open), string(Close)} {
		if bytes.Contains(answer, []byte(delimiter)) {
			answer = bytes.ReplaceAll(answer, []byte(delimiter), []byte("\ufffd"))
		}
	}
	return answer
}

// escapesDelimiter tells whether a JSON text may hold a delimiter, or half of one, as
// an escape.
func escapesDelimiter(answer []byte) bool {
	for {
		at := bytes.Index(answer, []byte(`\u`))
		if at < 0 {
			return false
		}
		answer = answer[at+2:]
		if len(answer) > 0 && (answer[0] == 'd' || answer[0] == 'D') {
			return true
		}
	}
}
