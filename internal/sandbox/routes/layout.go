package routes

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// lineWidth is how long a line of routes.json may be, where possible.
const lineWidth = 120

// layout appends a JSON value so that people can read it and its changes: on one
// line if it fits, else with one member or element on each line.
func layout(out []byte, value jsontext.Value, indent string, column int) ([]byte, error) {
	line := value.Clone()
	if err := line.Format(jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true)); err != nil {
		return nil, err
	}
	if kind := line.Kind(); column+len(line) <= lineWidth || kind != '{' && kind != '[' {
		return append(out, line...), nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(line))
	opening, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	isObject := opening.Kind() == '{'
	out = append(out, line[0])
	inner := indent + "  "
	for dec.PeekKind() != '}' && dec.PeekKind() != ']' {
		start := len(out)
		out = append(out, "\n"+inner...)
		if isObject {
			name, err := dec.ReadValue()
			if err != nil {
				return nil, err
			}
			out = append(append(out, name...), ": "...)
		}
		part, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if out, err = layout(out, part, inner, len(out)-start); err != nil {
			return nil, err
		}
		out = append(out, ',')
	}
	out[len(out)-1] = '\n' // in place of the last comma
	return append(append(out, indent...), line[len(line)-1]), nil
}
